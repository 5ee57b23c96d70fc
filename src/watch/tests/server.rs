//! A server that gives one prepared answer after the other.

use super::proto;
use axum::{Router, body::Body, extract::Request, response::Response};
use bytes::Bytes;
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What the server does with one request.
#[derive(Debug)]
pub(super) struct Answer {
    code: u16,
    headers: Vec<(&'static str, String)>,
    pieces: Vec<Bytes>,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// The body ends as it should.
    Whole,
    /// The body ends in the middle.
    Broken,
    /// Nothing comes any more.
    Silent,
}

/// What the server was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Path and query.
    pub(super) url: String,
    pub(super) headers: http::HeaderMap,
    pub(super) at: Instant,
}

/// What the server says of the kinds that it serves.
#[derive(Debug, Default)]
struct Discovery {
    /// Nothing, but a refusal, where it is missing.
    things: Option<bool>,
    /// How often it was asked, by the path.
    asked: Vec<String>,
}

/// The server. When its script is over it answers with silence.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    script: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    discovery: Arc<Mutex<Discovery>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), script).await
    }

    pub(super) async fn at(address: SocketAddr, script: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let script = Arc::new(Mutex::new(VecDeque::from_iter(script)));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let discovery = Arc::new(Mutex::new(Discovery::default()));
        let handler = {
            let (script, asked, discovery) =
                (Arc::clone(&script), Arc::clone(&asked), Arc::clone(&discovery));
            move |request: Request| async move {
                let url = request.uri().path_and_query().unwrap().to_string();
                if url == "/api" || url == "/apis" {
                    return discovery.lock().answer(url).response();
                }
                asked.lock().push(Asked { url, headers: request.headers().clone(), at: Instant::now() });
                let answer = script.lock().pop_front();
                answer.unwrap_or_else(|| events([]).then_silence()).response()
            }
        };
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(handler);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, script, asked, discovery, task }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    /// What was asked for, in short: `stream`, `page TOKEN`, `whole` for a list without a
    /// limit, or `watch VERSION`.
    pub(super) fn questions(&self) -> Vec<String> {
        self.asked().iter().map(|asked| short(&asked.url)).collect()
    }

    /// From now on discovery is allowed, and says whether things are served.
    pub(super) fn discover(&self, things: bool) {
        self.discovery.lock().things = Some(things);
    }

    /// The paths of discovery that were asked for.
    pub(super) fn discoveries(&self) -> Vec<String> {
        self.discovery.lock().asked.clone()
    }

    pub(super) fn add(&self, answer: Answer) {
        self.script.lock().push_back(answer);
    }
}

impl Discovery {
    fn answer(&mut self, path: String) -> Answer {
        let answer = match (self.things, path.as_str()) {
            (None, _) => refusal(403, "Forbidden", "no discovery"),
            (Some(true), "/api") => {
                groups(r#"{"version":"v1","resources":[{"resource":"things","verbs":["list"]}]}"#)
            }
            (Some(_), _) => {
                groups(r#"{"version":"v1","resources":[{"resource":"others"}]},{"version":"v2"}"#)
            }
        };
        self.asked.push(path);
        answer
    }
}

fn groups(versions: &str) -> Answer {
    let list = format!(
        r#"{{"kind":"APIGroupDiscoveryList","items":[{{"metadata":{{}},"versions":[{versions}]}}]}}"#
    );
    raw("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", vec![list.into()])
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn short(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let get = |key: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.into_owned())
    };
    if get("sendInitialEvents").is_some() {
        return "stream".into();
    }
    if get("watch").is_some() {
        return format!("watch {}", get("resourceVersion").unwrap_or_default());
    }
    match (get("limit"), get("continue")) {
        (None, _) => "whole".into(),
        (Some(_), None) => "page".into(),
        (Some(_), Some(token)) => format!("page {token}"),
    }
}

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// A stream of events.
pub(super) fn events(events: impl IntoIterator<Item = Vec<u8>>) -> Answer {
    let bytes: Vec<u8> = events.into_iter().flat_map(|event| proto::frame(&event)).collect();
    raw(&format!("{PROTOBUF};stream=watch"), vec![bytes.into()])
}

/// A whole set as a streaming list.
pub(super) fn set(names: &[&str], version: &str) -> Answer {
    let added = names.iter().map(|name| thing("ADDED", name, "1"));
    events(added.chain([end_mark(version)]))
}

/// A page of a list.
pub(super) fn page(names: &[&str], version: &str, token: &str) -> Answer {
    let items: Vec<Vec<u8>> = names.iter().map(|name| proto::object(name, "1")).collect();
    raw(PROTOBUF, vec![proto::list("ThingList", version, token, &items, false).into()])
}

/// A refusal with a protobuf status.
pub(super) fn refusal(code: u16, reason: &str, message: &str) -> Answer {
    let status = proto::envelope("Status", &proto::status(code, reason, message));
    Answer { code, ..raw(PROTOBUF, vec![status.into()]) }
}

/// Any answer.
pub(super) fn raw(content_type: &str, pieces: Vec<Bytes>) -> Answer {
    let headers = vec![("content-type", content_type.to_owned())];
    Answer { code: 200, headers, pieces, end: End::Whole }
}

/// An event with an object.
pub(super) fn thing(kind: &str, name: &str, version: &str) -> Vec<u8> {
    proto::event(kind, &proto::envelope("Thing", &proto::object(name, version)))
}

/// The bookmark that ends initial events.
pub(super) fn end_mark(version: &str) -> Vec<u8> {
    proto::event("BOOKMARK", &proto::envelope("Thing", &proto::end_mark(version)))
}

/// The event that ends a watch.
pub(super) fn error(code: u16, reason: &str) -> Vec<u8> {
    proto::event("ERROR", &proto::envelope("Status", &proto::status(code, reason, "scripted")))
}

impl Answer {
    pub(super) fn code(self, code: u16) -> Self {
        Self { code, ..self }
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn then_break(self) -> Self {
        Self { end: End::Broken, ..self }
    }

    pub(super) fn then_silence(self) -> Self {
        Self { end: End::Silent, ..self }
    }

    fn response(self) -> Response {
        let Self { code, headers, pieces, end } = self;
        let body = async_stream::stream! {
            for piece in pieces {
                yield Ok(piece);
            }
            match end {
                End::Whole => {}
                End::Broken => {
                    // So that what was sent has left before the connection is torn.
                    tokio::time::sleep(Duration::from_millis(60)).await;
                    yield Err(io::Error::other("scripted"));
                }
                End::Silent => std::future::pending().await,
            }
        };
        let mut response = Response::builder().status(code);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response.body(Body::from_stream(body)).unwrap()
    }
}
