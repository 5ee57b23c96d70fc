//! Answering a scrape.

use super::{Served, encoding, value};
use crate::{
    exposition::Format,
    scrape::{Body, Encoding, Query, Scraper, Totals},
    telemetry::{CacheReport, ScrapeReport, Telemetry},
};
use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::{io, sync::Arc, time::Duration};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

/// How long Prometheus waits for the answer, in seconds.
const PATIENCE: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// The cluster's metrics, in whatever format and encoding the client prefers.
pub(super) async fn metrics(
    State(served): State<Served>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = match Query::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(wrong) => return (StatusCode::BAD_REQUEST, format!("{wrong}\n")).into_response(),
    };
    if let Err(missing) = served.health.ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], missing + "\n").into_response();
    }
    let format = Format::negotiate(&value(&headers, &ACCEPT));
    let vary = HeaderValue::from_static(if served.gzip { "Accept, Accept-Encoding" } else { "Accept" });
    let Some(encoding) = encoding::negotiate(&value(&headers, &ACCEPT_ENCODING), served.gzip) else {
        let offered = if served.gzip { "gzip and identity" } else { "identity" };
        let none = format!("Accept-Encoding excludes all encodings that there are: {offered}.\n");
        return (StatusCode::NOT_ACCEPTABLE, [(VARY, vary)], none).into_response();
    };
    let body = if method == Method::HEAD {
        // A length of zero would be wrong, and rendering to learn the right one is a waste.
        axum::body::Body::from_stream(stream::empty::<io::Result<Bytes>>())
    } else {
        let Ok(place) = Arc::clone(&served.places).try_acquire_owned() else {
            served.telemetry.record_refusal();
            let busy = "Busy: as many scrapes as --max-concurrent-scrapes allows are being answered.\n";
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], busy).into_response();
        };
        let deadline = patience(&headers).map(|limit| Deadline { at: Instant::now() + limit, limit });
        let scraper = Arc::clone(&served.scraper);
        // To look for the objects of a namespace takes as long as there are objects.
        let body = tokio::task::spawn_blocking(move || scraper.scrape(&query, format, encoding));
        let body = body.await.expect("taking snapshots doesn't panic");
        axum::body::Body::from_stream(recorded(body, place, deadline, &served, &method))
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let content_type =
        HeaderValue::from_str(&format.content_type()).expect("a content type is printable text");
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(VARY, vary);
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// How long the client waits for the answer, where it says so.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let seconds = value(headers, &PATIENCE).parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().filter(|patience| !patience.is_zero())
}

/// When nobody waits for an answer any more.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    limit: Duration,
}

/// The body, and a record of it when it ends or its client goes away or is cut off.
fn recorded(
    body: Body,
    place: OwnedSemaphorePermit,
    deadline: Option<Deadline>,
    served: &Served,
    method: &Method,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let record = Record {
        telemetry: Arc::clone(&served.telemetry),
        scraper: Arc::clone(&served.scraper),
        method: method.to_string(),
        started: Instant::now(),
        totals: body.totals(),
        complete: false,
    };
    let mut body = body.filter(|piece| std::future::ready(!piece.is_empty()));
    async_stream::stream! {
        let mut record = record;
        let _place = place;
        while let Some(piece) = next(&mut body, deadline).await {
            let failed = piece.is_err();
            yield piece;
            if failed {
                return;
            }
        }
        record.complete = true;
    }
}

/// The next piece, or an error once the deadline has passed.
async fn next(
    body: &mut (impl Stream<Item = Bytes> + Unpin),
    deadline: Option<Deadline>,
) -> Option<io::Result<Bytes>> {
    let Some(Deadline { at, limit }) = deadline else { return body.next().await.map(Ok) };
    match tokio::time::timeout_at(at, body.next()).await {
        Ok(Some(piece)) if Instant::now() < at => Some(Ok(piece)),
        Ok(None) => None,
        _ => Some(Err(too_slow(limit))),
    }
}

fn too_slow(limit: Duration) -> io::Error {
    tracing::warn!("A scrape was cut off: its client waits for no more than {limit:?}.");
    io::Error::new(io::ErrorKind::TimedOut, "nobody waits for the rest")
}

/// Reports a scrape when it is dropped.
struct Record {
    telemetry: Arc<Telemetry>,
    scraper: Arc<Scraper>,
    method: String,
    started: Instant,
    totals: Arc<Totals>,
    complete: bool,
}

impl Drop for Record {
    fn drop(&mut self) {
        let report = ScrapeReport {
            duration: self.started.elapsed(),
            samples: self.totals.samples(),
            text_bytes: self.totals.text_bytes(),
            sent_bytes: self.totals.sent_bytes(),
            cache: CacheReport {
                hits: self.totals.cache_hits(),
                misses: self.totals.cache_misses(),
                bytes: self.scraper.kept_compressed(),
            },
            complete: self.complete,
        };
        self.telemetry.record_scrape(&self.method, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_a_number_of_seconds() {
        for (value, wanted) in [
            ("10", Some(10_000)),
            ("9.5", Some(9_500)),
            ("0.05", Some(50)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("1e300", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(PATIENCE, HeaderValue::from_static(value))]);
            assert_eq!(patience(&headers).map(|patience| patience.as_millis()), wanted, "{value}");
        }
        assert_eq!(patience(&HeaderMap::new()), None);
    }
}
