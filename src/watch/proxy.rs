//! The way to the API server's socket, through a proxy where one is asked for.

use super::{
    client::ClientError,
    paced::{Pace, Paced},
};
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::{
    client::{
        legacy::connect::{
            HttpConnector,
            proxy::{SocksV5, Tunnel},
        },
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use kube::{Config, client::ConfigExt};
use std::time::Duration;
use tower::{BoxError, ServiceExt, util::BoxCloneSyncService};

/// A socket, inside the TLS of a proxy where that is an `https` one.
pub(super) type Socket = MaybeHttpsStream<TokioIo<Paced>>;

/// Whatever opens a socket to a server.
pub(super) type Connector = BoxCloneSyncService<Uri, Socket, BoxError>;

/// Opens sockets directly or through the proxy.
pub(super) fn connector(
    config: &Config,
    proxy: Option<&Intercept>,
    pace: Pace,
) -> Result<Connector, ClientError> {
    let http = http().map_response(move |socket| TokioIo::new(Paced::new(socket.into_inner(), pace)));
    let Some(proxy) = proxy else {
        return Ok(BoxCloneSyncService::new(http.map_response(Socket::Http).map_err(BoxError::from)));
    };
    Ok(match proxy.uri().scheme_str() {
        Some("socks5" | "socks5h") => {
            // The hyper-util crate looks names up at the proxy unless told otherwise, which is
            // what client-go does for both schemes.
            let mut socks = SocksV5::new(proxy.uri().clone(), http);
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            BoxCloneSyncService::new(socks.map_response(Socket::Http).map_err(BoxError::from))
        }
        Some("https") => {
            let https = config.rustls_https_connector_with_connector(http).map_err(ClientError::Tls)?;
            let tunnel = authorized(Tunnel::new(proxy.uri().clone(), https), proxy);
            BoxCloneSyncService::new(tunnel.map_err(BoxError::from))
        }
        _ => {
            let tunnel = authorized(Tunnel::new(proxy.uri().clone(), http), proxy);
            BoxCloneSyncService::new(tunnel.map_response(Socket::Http).map_err(BoxError::from))
        }
    })
}

fn authorized<C>(tunnel: Tunnel<C>, proxy: &Intercept) -> Tunnel<C> {
    match proxy.basic_auth() {
        Some(header) => tunnel.with_auth(header.clone()),
        None => tunnel,
    }
}

fn http() -> HttpConnector {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    // For servers and proxies that speak HTTP/1.1, which has no pings of its own.
    http.set_keepalive(Some(Duration::from_secs(30)));
    http.set_keepalive_interval(Some(Duration::from_secs(15)));
    http.set_keepalive_retries(Some(3));
    http
}
