//! Plain HTTP as a scraper speaks it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::time::Duration;

/// How long any answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: http::HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }
}

/// Asks for a page.
pub(crate) async fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
    let request =
        headers.iter().fold(http::Request::get(url), |request, (name, value)| request.header(*name, *value));
    send(request.body(Full::default()).unwrap()).await
}

/// Posts JSON.
pub(crate) async fn post(url: &str, json: &serde_json::Value) -> Result<Answer, String> {
    let request = http::Request::post(url).header("content-type", "application/json");
    send(request.body(Full::from(json.to_string())).unwrap()).await
}

async fn send(request: http::Request<Full<Bytes>>) -> Result<Answer, String> {
    let answer = async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.map_err(|error| format!("{error:?}"))?.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    };
    tokio::time::timeout(LIMIT, answer).await.unwrap_or_else(|_| Err(format!("no answer within {LIMIT:?}")))
}
