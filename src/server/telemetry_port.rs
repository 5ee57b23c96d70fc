//! The telemetry port.

use super::{
    Served, cardinality::cardinality, encoding, guard::guarded, health, lifecycle::reload, page::landing,
    profile,
};
use crate::exposition::Format;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
    routing::{any, get, post},
};

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
    encoding::answer(&headers, &Format::Text.content_type(), text.into_bytes(), 0)
}

async fn readyz(State(served): State<Served>) -> Response {
    health(served.health.ready())
}
