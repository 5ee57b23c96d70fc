//! Answering a scrape.

use super::{MAX_SCRAPES, Served};
use crate::{
    exposition::Format,
    scrape::{Body, Encoding, Query, Totals},
    telemetry::{ScrapeReport, Telemetry},
};
use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::{io, sync::Arc, time::Instant};
use tokio::sync::OwnedSemaphorePermit;

/// The cluster's metrics, in whatever format and encoding the client prefers.
pub(super) async fn metrics(
    State(served): State<Served>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(missing) = served.health.ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], missing + "\n").into_response();
    }
    let format = Format::negotiate(text(&headers, &ACCEPT));
    let encoding =
        if accepts_gzip(text(&headers, &ACCEPT_ENCODING)) { Encoding::Gzip } else { Encoding::Identity };
    let body = if method == Method::HEAD {
        // A length of zero would be wrong, and rendering to learn the right one is a waste.
        axum::body::Body::from_stream(stream::empty::<io::Result<Bytes>>())
    } else {
        let Ok(place) = Arc::clone(&served.places).try_acquire_owned() else {
            served.telemetry.record_refusal();
            let busy = format!("Busy: {MAX_SCRAPES} scrapes are being answered.\n");
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], busy).into_response();
        };
        let body = served.scraper.scrape(&Query::parse(uri.query().unwrap_or_default()), format, encoding);
        axum::body::Body::from_stream(recorded(body, place, &served, &method))
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let content_type =
        HeaderValue::from_str(&format.content_type()).expect("a content type is printable text");
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a client takes gzip. One that names it with a quality of 0 doesn't.
fn accepts_gzip(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|token| {
        let mut parts = token.split(';').map(str::trim);
        let quality = |part: &str| part.strip_prefix("q=").and_then(|q| q.trim().parse().ok()).unwrap_or(1.0);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
            && parts.all(|part| quality(part) > 0.0)
    })
}

/// The body, and a record of it when it ends or its client goes away or is cut off.
fn recorded(
    body: Body,
    place: OwnedSemaphorePermit,
    served: &Served,
    method: &Method,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let started = Instant::now();
    let record = Record {
        telemetry: Arc::clone(&served.telemetry),
        method: method.to_string(),
        started,
        totals: body.totals(),
        complete: false,
    };
    let mut body = body.filter(|piece| std::future::ready(!piece.is_empty()));
    async_stream::stream! {
        let mut record = record;
        let _place = place;
        while let Some(piece) = body.next().await {
            yield Ok(piece);
        }
        record.complete = true;
    }
}

/// Reports a scrape when it is dropped.
struct Record {
    telemetry: Arc<Telemetry>,
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
            complete: self.complete,
        };
        self.telemetry.record_scrape(&self.method, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (header, want) in [
            ("gzip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("gzip; q=0.1", true),
            ("x-gzip", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(header), want, "{header}");
        }
    }
}
