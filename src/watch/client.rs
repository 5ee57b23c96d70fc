//! The HTTP client: kube's configuration and credentials over connections that many watches share.

use super::{
    credentials::Loaded,
    paced::Pace,
    proxy::{self, Connector, Socket},
    shared::{self, Shared},
};
use http::{Request, Response, Uri, uri::Authority};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{client::legacy, rt::TokioTimer};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, ConfigExt},
};
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tower::{BoxError, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

type Stream = MaybeHttpsStream<Socket>;
type Transport = shared::Transport<Stream>;

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

/// Which connection a request is to take, as an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// One for itself, over HTTP/1.1: Go's server spends half the processor time on a long answer
    /// that it spends over HTTP/2.
    Own,
    /// One of those that are shared, over HTTP/2: servers allow some hundreds of requests at a time
    /// on one.
    Shared(usize),
}

/// Where a request goes in place of the configuration's server, over a connection of [`Lane::Own`].
#[derive(Debug, Clone)]
pub(super) struct Elsewhere(pub(super) Authority);

/// Builds a client. Runs credential plugins, so it blocks; and it spawns, so it needs a runtime.
pub(super) fn build(loaded: &Loaded) -> Result<Client, ClientError> {
    let config = &loaded.config;
    let connector = |pace| proxy::connector(config, loaded.proxy.as_ref(), pace);
    let lanes = Lanes::new(config, connector(Pace::Steady)?, connector(Pace::Resting)?)?;
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
        .service_fn(move |request: Request<Body>| lanes.clone().send(request));
    let namespace = config.default_namespace.clone();
    Ok(ClientBuilder::new(service, namespace).with_valid_until(valid_until).build())
}

/// The HTTP clients behind the lanes. Over HTTP/2 each has one connection.
#[derive(Clone)]
struct Lanes {
    own: legacy::Client<Transport, Body>,
    transport: Transport,
    shared: Arc<Mutex<Vec<Shared<Stream>>>>,
}

impl Lanes {
    fn new(config: &Config, own: Connector, shared: Connector) -> Result<Self, ClientError> {
        let tls = config.rustls_client_config().map_err(ClientError::Tls)?;
        let transport = |connector, http2| {
            let mut builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
            if let Some(name) = &config.tls_server_name {
                let name = name.clone().try_into().map_err(|_| ClientError::ServerName(name.clone()))?;
                builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
            }
            let builder = builder.enable_http1();
            Ok(timed(
                config,
                if http2 {
                    builder.enable_http2().wrap_connector(connector)
                } else {
                    builder.wrap_connector(connector)
                },
            ))
        };
        let own = connections().build(transport(own, false)?);
        Ok(Self { own, transport: transport(shared, true)?, shared: Arc::default() })
    }

    async fn send(self, mut request: Request<Body>) -> Result<Response<Incoming>, legacy::Error> {
        if let Some(Elsewhere(authority)) = request.extensions_mut().remove() {
            let mut parts = std::mem::take(request.uri_mut()).into_parts();
            parts.authority = Some(authority);
            *request.uri_mut() = Uri::from_parts(parts).expect("it had a scheme and a path, and has them");
        }
        let lane = match request.extensions().get() {
            Some(Lane::Own) => return self.own.request(request).await,
            Some(Lane::Shared(lane)) => *lane,
            None => 0,
        };
        let client = {
            let mut shared = self.shared.lock();
            while shared.len() <= lane {
                shared.push(Shared::new(&connections(), self.transport.clone()));
            }
            shared[lane].clone()
        };
        client.send(request).await
    }
}

/// Connects within the time that the configuration gives, handshakes with the proxy and with the
/// server included.
fn timed(config: &Config, https: HttpsConnector<Connector>) -> Transport {
    let limit = config.connect_timeout.unwrap_or(Duration::MAX);
    BoxCloneSyncService::new(
        https.map_future(move |connecting| async move { tokio::time::timeout(limit, connecting).await? }),
    )
}

fn connections() -> legacy::Builder {
    let mut builder = shared::builder();
    builder
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
        .http2_keep_alive_while_idle(true);
    builder
}

/// What one watch may have in flight, in bytes.
const STREAM_WINDOW: u32 = 8 << 20;
/// What the watches of one connection may have in flight together, in bytes.
const CONNECTION_WINDOW: u32 = 64 << 20;
/// The largest HTTP/2 frame taken, in bytes.
const FRAME_SIZE: u32 = 256 << 10;
