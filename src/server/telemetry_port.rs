//! The telemetry port.

use super::{Served, health, page::landing};
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
    Router::new()
        .route("/metrics", any(metrics))
        .route("/readyz", get(readyz))
        .route("/", get(|| async { landing("telemetry port", TELEMETRY_PAGES) }))
        .with_state(served)
}

/// The pages that the port serves, with what they are.
pub const TELEMETRY_PAGES: &[(&str, &str)] =
    &[("/metrics", "the exporter's own state"), ("/readyz", "whether the cluster was read")];

async fn metrics(State(served): State<Served>) -> Response {
    ([(CONTENT_TYPE, Format::Text.content_type())], served.telemetry.render()).into_response()
}

async fn readyz(State(served): State<Served>) -> Response {
    health(served.health.ready())
}
