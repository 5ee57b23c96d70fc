//! The telemetry port.

use super::{
    Served, cardinality::cardinality, encoding, guard::guarded, health, lifecycle::reload, page::landing,
    profile, value,
};
use crate::{exposition::Format, scrape::Encoding};
use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, Uri,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;

/// Routes of the telemetry port.
pub fn telemetry_router(served: Served) -> Router {
    let routes = Router::new()
        .route("/metrics", any(metrics))
        .route("/debug/cardinality", get(cardinality))
        .route("/debug/pprof/", get(profile::missing))
        .route("/debug/pprof/{*profile}", get(profile::missing))
        .route("/-/reload", post(reload).put(reload));
    let guarded = guarded(routes, &served);
    Router::new()
        .merge(guarded)
        .route("/readyz", get(readyz))
        .route("/", get(|| async { landing("telemetry port", TELEMETRY_PAGES) }))
        .with_state(served)
}

/// The pages that the port serves, with what they are.
pub const TELEMETRY_PAGES: &[(&str, &str)] = &[
    ("/metrics", "the exporter's own state"),
    ("/readyz", "whether the cluster was read"),
    ("/debug/cardinality", "which families and namespaces have how many samples"),
];

/// The self metrics; those of `name[]=` only, where the query has it.
async fn metrics(State(served): State<Served>, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(web) = &served.web {
        served.telemetry.record_web_config(web.path(), !web.is_refused());
    }
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let names: Vec<String> =
        query.filter(|(name, _)| name == "name[]").map(|(_, value)| value.into_owned()).collect();
    let text =
        if names.is_empty() { served.telemetry.render() } else { served.telemetry.render_named(&names) };
    let content_type = [(CONTENT_TYPE, Format::Text.content_type()), (VARY, "Accept-Encoding".to_owned())];
    if encoding::negotiate(&value(&headers, &ACCEPT_ENCODING), true) == Some(Encoding::Gzip) {
        (content_type, [(CONTENT_ENCODING, "gzip")], compressed(&text)).into_response()
    } else {
        (content_type, text).into_response()
    }
}

fn compressed(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish()).expect("writing to memory doesn't fail")
}

async fn readyz(State(served): State<Served>) -> Response {
    health(served.health.ready())
}
