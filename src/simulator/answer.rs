//! Bodies of answers: small ones whole, large ones in big chunks that are filled while earlier ones are sent.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::media::Encoding;
use super::status::ApiError;
use super::writer::put_error;

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, Infallible>;

/// Bytes of a chunk: large enough that hyper's work for each vanishes beside copying them.
pub(super) const CHUNK: usize = 1 << 20;

/// Chunks that wait for the socket.
const AHEAD: usize = 4;

/// A body that is sent while it is written.
pub(super) fn stream() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let frames = futures::StreamExt::map(ReceiverStream::new(receiver), |bytes| Ok(Frame::data(bytes)));
    (sender, StreamBody::new(frames).boxed())
}

/// A successful answer.
pub(super) fn ok(content_type: &'static str, body: Body) -> Response<Body> {
    with_status(StatusCode::OK, content_type, body)
}

/// A body that is known whole.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed()
}

/// A JSON document.
pub(super) fn json(status: StatusCode, document: &Value) -> Response<Body> {
    with_status(status, "application/json", whole(document.to_string()))
}

/// Plain text.
pub(super) fn text(text: &'static str) -> Response<Body> {
    ok("text/plain; charset=utf-8", whole(text))
}

/// An error in the encoding that the client accepts.
pub(super) fn error(error: &ApiError, encoding: Encoding) -> Response<Body> {
    let mut bytes = Vec::new();
    put_error(error, encoding, &mut bytes);
    let content_type = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => "application/vnd.kubernetes.protobuf",
    };
    let status = StatusCode::from_u16(error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_status(status, content_type, whole(bytes));
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn with_status(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
