//! A proxy that speaks HTTP and can break one kind.

use super::{Cluster, ports::free_port};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header::AUTHORIZATION};
use kube::Client;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::{net::TcpListener, task::JoinSet};

/// A proxy in front of an API server, which it asks as the administrator.
#[derive(Debug)]
pub(crate) struct ApiProxy {
    port: u16,
    broken: Arc<Mutex<Option<String>>>,
    _task: JoinSet<()>,
}

#[derive(Clone)]
struct Forwarding {
    client: Client,
    broken: Arc<Mutex<Option<String>>>,
}

impl ApiProxy {
    /// Starts it on a port of its own.
    pub(crate) async fn start(cluster: &Cluster) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let broken = Arc::default();
        let forwarding = Forwarding { client: cluster.client().await, broken: Arc::clone(&broken) };
        let router = Router::new().fallback(forward).with_state(forwarding);
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, broken, _task: task }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on it answers everything below a path with 500.
    pub(crate) fn break_path(&self, path: &str) {
        *self.broken.lock() = Some(path.to_owned());
    }

    /// From now on it forwards everything.
    pub(crate) fn mend(&self) {
        *self.broken.lock() = None;
    }
}

async fn forward(State(forwarding): State<Forwarding>, mut request: Request) -> Response {
    let broken = forwarding.broken.lock().clone();
    if broken.is_some_and(|broken| request.uri().path().starts_with(&broken)) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "this kind is broken").into_response();
    }
    let path = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
    *request.uri_mut() = path;
    request.headers_mut().remove(AUTHORIZATION);
    let (mut parts, body) = request.into_parts();
    parts.headers.remove("host");
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let request = http::Request::from_parts(parts, kube::client::Body::from(body.to_vec()));
    match forwarding.client.send(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
