//! From a request to the body of its answer.

use super::{
    api_status::ApiStatus,
    backoff::{Tuning, retry_after},
    client::Lane,
    encoding::Media,
    failure::Failure,
    request::{Question, Request},
};
use bytes::Bytes;
use http::{
    Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::{BodyExt, Limited};
use kube::{Client, client::Body};
use std::time::Duration;
use tokio::time::timeout;

/// The longest text of a refusal that is read.
const LONGEST_REFUSAL: usize = 64 << 10;

/// Asks, and returns the body of an answer in the right encoding.
pub(super) async fn ask(
    client: &Client,
    request: &Request,
    question: Question<'_>,
    media: &Media,
    lane: Lane,
    tuning: &Tuning,
) -> Result<Body, Failure> {
    let request = request.http(question, media, lane).map_err(Failure::Request)?;
    let answer = timeout(tuning.answer, client.send(request)).await;
    let response = answer.map_err(|_| Failure::Unanswered(tuning.answer))?.map_err(Failure::send)?;
    if !response.status().is_success() {
        return Err(refusal(response, tuning).await);
    }
    let content_type = header(&response, CONTENT_TYPE);
    if content_type.split(';').next().is_some_and(|got| got.trim() == media.answer) {
        Ok(response.into_body())
    } else {
        Err(Failure::Encoding { got: content_type.to_owned(), wanted: media.name })
    }
}

async fn refusal(response: Response<Body>, tuning: &Tuning) -> Failure {
    let code = response.status().as_u16();
    let wait = retry_after(header(&response, RETRY_AFTER));
    let body = Limited::new(response.into_body(), LONGEST_REFUSAL).collect();
    let body = match timeout(tuning.answer, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        // The status itself says enough.
        _ => Bytes::new(),
    };
    let status = ApiStatus::of_response(code, &body);
    let retry_after = wait.or_else(|| status.retry_after());
    Failure::Refused { status, retry_after }
}

fn header(response: &Response<Body>, name: http::HeaderName) -> &str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The next piece of a body; `None` at its end.
pub(super) async fn piece(body: &mut Body, silence: Duration) -> Result<Option<Bytes>, Failure> {
    loop {
        let frame = timeout(silence, body.frame()).await.map_err(|_| Failure::Silent(silence))?;
        match frame {
            None => return Ok(None),
            Some(Err(error)) => return Err(Failure::broken(error)),
            // Anything but data is a trailer, which says nothing here.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
