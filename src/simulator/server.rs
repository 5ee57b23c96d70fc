//! Connections and the way from a request to its answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::answer::{self, Body};
use super::cluster::Cluster;
use super::discovery;
use super::faults::{Faults, KubeletFault};
use super::keys::key;
use super::kubelet::Kubelets;
use super::list::list;
use super::media::Media;
use super::request::{Query, Target, media};
use super::status::ApiError;
use super::watch::watch;
use super::writer::{Rows, Writer};

/// Streams of one HTTP/2 connection, as many as the real server allows.
const STREAMS: u32 = 100;

/// What kubelets answer.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bytes of one HTTP/2 stream that wait for the client's window.
const SEND_BUFFER: usize = 8 << 20;

/// What answers requests.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) cluster: Arc<Cluster>,
    pub(super) faults: Arc<Faults>,
    pub(super) kubelets: Arc<Kubelets>,
    /// The time between bookmarks of a watch.
    pub(super) bookmarks: Duration,
}

impl Server {
    /// Accepts connections until it is stopped.
    pub(super) async fn run(self, listener: TcpListener, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    let (server, stop) = (self.clone(), stop.clone());
                    tokio::spawn(async move { server.connection(stream, stop).await });
                }
                // A client that is gone already, or no more files: neither may end the server.
                Err(error) => {
                    tracing::debug!(%error, "A connection could not be accepted.");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    async fn connection(self, stream: TcpStream, stop: CancellationToken) {
        let killed = self.faults.connection();
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "The connection is gone.");
        }
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http2().max_concurrent_streams(STREAMS).max_send_buf_size(SEND_BUFFER);
        let service = service_fn(|request| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            served = connection => {
                if let Err(error) = served {
                    tracing::debug!(error, "A connection ended early.");
                }
            }
            () = killed.cancelled() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let line = request.uri().path_and_query().map_or("/", |path| path.as_str());
        self.faults.record(format!("{} {line}", request.method()));
        let media = media(request.headers());
        let encoding = media.as_ref().unwrap_or(&Media::JSON).encoding;
        let answer = match media {
            Ok(media) => self.route(request, media).await,
            Err(error) => Err(error),
        };
        answer.unwrap_or_else(|error| answer::error(&error, encoding))
    }

    async fn route(&self, request: Request<Incoming>, media: Media) -> Result<Response<Body>, ApiError> {
        let path = request.uri().path().trim_matches('/').to_owned();
        let segments: Vec<_> = path.split('/').collect();
        if let ["healthz" | "livez" | "readyz"] = segments[..] {
            return Ok(answer::text("ok"));
        }
        if let Some(document) = discovery::document(&segments) {
            return Ok(answer::json(StatusCode::OK, &document));
        }
        if let ["api", "v1", "nodes", node, "proxy", "metrics", "resource"] = segments[..] {
            return self.kubelet(node).await;
        }
        let target = Target::parse(&segments).ok_or_else(ApiError::no_such_path)?;
        if let Some(error) = self.faults.next_answer(target.kind()) {
            return Err(error);
        }
        match *request.method() {
            Method::GET => self.read(&target, &Query::parse(request.uri()), media),
            Method::POST | Method::PUT => self.write(&target, request, media).await,
            Method::DELETE => self.delete(&target),
            _ => Err(ApiError::new(405, "the server does not allow this method on the requested resource")),
        }
    }

    async fn kubelet(&self, node: &str) -> Result<Response<Body>, ApiError> {
        let text = match self.faults.kubelet_fault(node) {
            None => self.kubelets.answer(node),
            Some(KubeletFault::Says(text)) => Some(text),
            Some(KubeletFault::Silent) => std::future::pending().await,
            Some(KubeletFault::Status(status)) => {
                return Err(ApiError::new(
                    status,
                    format!("the kubelet of {node:?} is out of order on request"),
                ));
            }
            Some(KubeletFault::Endless) => {
                let line = Bytes::from(vec![b'#'; answer::CHUNK]);
                let lines = futures::stream::repeat_with(move || Ok(Frame::data(line.clone())));
                return Ok(answer::ok(TEXT, StreamBody::new(lines).boxed()));
            }
        };
        let text = text.ok_or_else(|| ApiError::new(404, format!("nodes {node:?} not found")))?;
        Ok(answer::ok(TEXT, answer::whole(text)))
    }

    fn read(&self, target: &Target, query: &Query, media: Media) -> Result<Response<Body>, ApiError> {
        let is_watch = query.flag("watch");
        media.refuse_other_than(target.name.is_none() && !is_watch)?;
        if is_watch {
            return watch(&self.cluster, &self.faults, target, query, media, self.bookmarks);
        }
        let Some(name) = &target.name else { return list(&self.cluster, target, query, media) };
        let object = self.cluster.get(target.kind(), &object_key(target, name));
        let object = object.ok_or_else(|| not_found(target, name))?;
        let mut bytes = Vec::new();
        Writer::new(target.kind(), media, query.rows()?).object(&object, &mut bytes);
        Ok(answer::ok(media.content_type(), answer::whole(bytes)))
    }

    async fn write(
        &self,
        target: &Target,
        request: Request<Incoming>,
        media: Media,
    ) -> Result<Response<Body>, ApiError> {
        let creates = request.method() == Method::POST;
        let body = request.into_body().collect().await;
        let body = body.map_err(|error| ApiError::new(400, error.to_string()))?.to_bytes();
        let Ok(Value::Object(mut object)) = serde_json::from_slice(&body) else {
            return Err(ApiError::new(415, "only objects in JSON can be written"));
        };
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        if !metadata.is_object() {
            return Err(ApiError::new(400, "metadata is not an object"));
        }
        if let Some(namespace) = &target.namespace {
            metadata["namespace"] = json!(namespace);
        }
        let name = match &target.name {
            Some(name) => name.clone(),
            None => metadata["name"].as_str().unwrap_or_default().to_owned(),
        };
        if name.is_empty() {
            return Err(ApiError::new(422, "metadata.name: Required value"));
        }
        let exists = self.cluster.get(target.kind(), &object_key(target, &name)).is_some();
        if creates && exists {
            return Err(ApiError::new(409, format!("{} {name:?} already exists", target.plural)));
        }
        if !creates && !exists {
            return Err(not_found(target, &name));
        }
        let object = self.cluster.put(target.kind(), object);
        let object = object.map_err(|error| ApiError::new(422, error.to_string()))?;
        let mut bytes = Vec::new();
        Writer::new(target.kind(), media, Rows::Metadata).object(&object, &mut bytes);
        let mut response = answer::ok(media.content_type(), answer::whole(bytes));
        if creates {
            *response.status_mut() = StatusCode::CREATED;
        }
        Ok(response)
    }

    fn delete(&self, target: &Target) -> Result<Response<Body>, ApiError> {
        let name = target.name.as_ref().ok_or_else(|| ApiError::new(405, "collections cannot be deleted"))?;
        self.cluster
            .remove(target.kind(), &object_key(target, name))
            .ok_or_else(|| not_found(target, name))?;
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
        Ok(answer::json(StatusCode::OK, &status))
    }
}

fn object_key(target: &Target, name: &str) -> String {
    key(target.namespace.as_deref().unwrap_or_default(), name)
}

fn not_found(target: &Target, name: &str) -> ApiError {
    ApiError::new(404, format!("{} {name:?} not found", target.plural))
}
