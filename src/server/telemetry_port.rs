//! The telemetry port.

use super::{Served, guard::guarded, health, page::landing};
use crate::exposition::Format;
use axum::{
    Router,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
    routing::{any, get},
};

/// Routes of the telemetry port.
pub fn telemetry_router(served: Served) -> Router {
    let guarded = guarded(Router::new().route("/metrics", any(metrics)), &served);
    Router::new()
        .merge(guarded)
        .route("/readyz", get(readyz))
        .route("/", get(|| async { landing("telemetry port", TELEMETRY_PAGES) }))
        .with_state(served)
}

/// The pages that the port serves, with what they are.
pub const TELEMETRY_PAGES: &[(&str, &str)] =
    &[("/metrics", "the exporter's own state"), ("/readyz", "whether the cluster was read")];

async fn metrics(State(served): State<Served>) -> Response {
    if let Some(web) = &served.web {
        served.telemetry.record_web_config(web.path(), !web.is_refused());
    }
    ([(CONTENT_TYPE, Format::Text.content_type())], served.telemetry.render()).into_response()
}

async fn readyz(State(served): State<Served>) -> Response {
    health(served.health.ready())
}
