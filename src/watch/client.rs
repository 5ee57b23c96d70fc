//! The HTTP client: kube's configuration and credentials over connections that many watches share.

use super::{
    credentials::Loaded,
    proxy::{self, Connector, Socket},
};
use http::{Request, Uri};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, ConfigExt},
};
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tower::{BoxError, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

/// Why a configuration makes no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server's or our own certificates cannot be used.
    #[error("certificates: {0}")]
    Tls(#[source] kube::Error),
    /// The name that the server's certificate must bear is none.
    #[error("tls-server-name {0:?} is not a name")]
    ServerName(String),
    /// Token, password or credential plugin cannot be used.
    #[error("credentials: {0}")]
    Credentials(#[source] kube::Error),
}

/// Which connection a request is to take, as an extension of the request: servers allow some
/// hundreds of requests at a time on one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lane(pub(super) usize);

/// Builds a client. Runs credential plugins, so it blocks; and it spawns, so it needs a runtime.
pub(super) fn build(loaded: &Loaded) -> Result<Client, ClientError> {
    let config = &loaded.config;
    let lanes = Lanes::new(https(config, proxy::connector(config, loaded.proxy.as_ref())?)?);
    let auth = config.auth_layer().map_err(ClientError::Credentials)?;
    let valid_until = if config.auth_info.exec.is_some() && auth.is_none() {
        // The plugin gave a certificate; only a client of kube's own tells for how long.
        let client = Client::try_from(config.clone()).map_err(ClientError::Credentials)?;
        *client.valid_until()
    } else {
        None
    };
    // There is no layer that retries, so that 429 and 503 reach the informers.
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(auth)
        .layer(config.extra_headers_layer().map_err(ClientError::Credentials)?)
        .map_err(BoxError::from)
        .service_fn(move |request: Request<Body>| lanes.send(request));
    let namespace = config.default_namespace.clone();
    Ok(ClientBuilder::new(service, namespace).with_valid_until(valid_until).build())
}

type Transport = BoxCloneSyncService<Uri, MaybeHttpsStream<Socket>, BoxError>;

fn https(config: &Config, connector: Connector) -> Result<Transport, ClientError> {
    let tls = config.rustls_client_config().map_err(ClientError::Tls)?;
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = name.clone().try_into().map_err(|_| ClientError::ServerName(name.clone()))?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    let https: HttpsConnector<Connector> = builder.enable_http1().enable_http2().wrap_connector(connector);
    let limit = config.connect_timeout.unwrap_or(Duration::MAX);
    Ok(BoxCloneSyncService::new(https.map_future(move |connecting| async move {
        // Covers the handshakes with the proxy and with the server as well.
        tokio::time::timeout(limit, connecting).await?
    })))
}

/// One HTTP client for each lane. Over HTTP/2 each has one connection.
#[derive(Clone)]
struct Lanes {
    transport: Transport,
    clients: Arc<Mutex<Vec<legacy::Client<Transport, Body>>>>,
}

impl Lanes {
    fn new(transport: Transport) -> Self {
        Self { transport, clients: Arc::default() }
    }

    fn send(&self, request: Request<Body>) -> legacy::ResponseFuture {
        let Lane(lane) = request.extensions().get().copied().unwrap_or_default();
        let client = {
            let mut clients = self.clients.lock();
            while clients.len() <= lane {
                clients.push(self.connections());
            }
            clients[lane].clone()
        };
        client.request(request)
    }

    fn connections(&self) -> legacy::Client<Transport, Body> {
        legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(90))
            // A streaming list is as fast as the windows are large: with those of the standard
            // the server waits for us after every 64 KiB.
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .http2_adaptive_window(false)
            .http2_max_frame_size(FRAME_SIZE)
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(Duration::from_secs(20))
            .http2_keep_alive_while_idle(true)
            .build(self.transport.clone())
    }
}

/// What one watch may have in flight, in bytes.
const STREAM_WINDOW: u32 = 8 << 20;
/// What the watches of one connection may have in flight together, in bytes.
const CONNECTION_WINDOW: u32 = 64 << 20;
/// The largest HTTP/2 frame taken, in bytes.
const FRAME_SIZE: u32 = 256 << 10;
