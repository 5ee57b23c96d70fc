//! The server as clients see it, over real connections.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::codec::find;
use super::{Answer, Compaction, Options, Simulator, StreamingLists};

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const METADATA: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

mod faults;
mod kinds;
mod kubelets;
mod lists;
mod representations;
mod shares;
mod watches;

/// A simulator without objects, and a client for it.
struct Server {
    simulator: Simulator,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Server {
    async fn empty() -> Self {
        Self::with(Options { nodes: 0, updates_per_second: 0.0, ..Options::default() }).await
    }

    async fn with(options: Options) -> Self {
        let listen: SocketAddr = ([127, 0, 0, 1], 0).into();
        let simulator = Simulator::start(listen, options).await.unwrap();
        Self { simulator, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    fn put_pod(&self, name: &str, node: &str) -> u64 {
        let pod = json!({"metadata": {"namespace": "shop", "name": name}, "spec": {"nodeName": node}});
        self.simulator.apply("pods", pod).unwrap()
    }

    async fn get(&self, path: &str, accept: &str) -> Response<Incoming> {
        let address = self.simulator.address();
        let request = Request::get(format!("http://{address}{path}")).header("accept", accept);
        self.client.request(request.body(Empty::new()).unwrap()).await.unwrap()
    }

    async fn bytes(&self, path: &str, accept: &str) -> Bytes {
        let response = self.get(path, accept).await;
        assert_eq!(response.status(), 200, "{path}");
        response.into_body().collect().await.unwrap().to_bytes()
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path, "application/json").await).unwrap()
    }

    async fn status(&self, path: &str) -> (u16, Value) {
        let response = self.get(path, "application/json").await;
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
    }

    async fn watch(&self, query: &str) -> Events {
        let response = self.get(&format!("/api/v1/pods?watch=true&{query}"), "application/json").await;
        assert_eq!(response.status(), 200, "{query}");
        Events { body: response.into_body(), read: BytesMut::new() }
    }
}

/// The events of a watch, read as they come.
struct Events {
    body: Incoming,
    read: BytesMut,
}

impl Events {
    /// The next event in JSON; `None` when the server ended the watch.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(end + 1);
                return Some(serde_json::from_slice(&line).unwrap());
            }
            self.fill().await?;
        }
    }

    /// The type of the next event and the name of its object.
    async fn next_name(&mut self) -> (String, String) {
        let event = self.next().await.unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&event["type"]), text(&event["object"]["metadata"]["name"]))
    }

    /// The next event in protobuf: its type and the enveloped object.
    async fn next_frame(&mut self) -> Option<(String, Bytes)> {
        loop {
            if let Some((length, rest)) = self.read.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if rest.len() >= length {
                    self.read.advance(4);
                    let event = self.read.split_to(length).freeze();
                    let kind = String::from_utf8(find(1, &event).unwrap().to_vec()).unwrap();
                    let object = find(1, find(2, &event).unwrap()).unwrap();
                    return Some((kind, Bytes::copy_from_slice(object)));
                }
            }
            self.fill().await?;
        }
    }

    /// Whether nothing comes for a while.
    async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(100), self.fill()).await.is_err()
    }

    async fn fill(&mut self) -> Option<()> {
        let frame = self.body.frame().await?.ok()?;
        self.read.extend_from_slice(&frame.into_data().unwrap());
        Some(())
    }
}

/// The type and the bytes of an enveloped object.
fn open(body: &[u8]) -> (String, String, &[u8]) {
    let unknown = body.strip_prefix(b"k8s\0").unwrap();
    let text = |number| String::from_utf8(find(number, find(1, unknown).unwrap()).unwrap().to_vec()).unwrap();
    (text(1), text(2), find(2, unknown).unwrap())
}
