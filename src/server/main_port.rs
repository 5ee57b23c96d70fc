//! The main port.

use super::{Served, guard::guarded, health, page::landing, scraping::metrics};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{any, get},
};

/// Routes of the main port.
pub fn main_router(served: Served) -> Router {
    let guarded = guarded(Router::new().route("/metrics", any(metrics)), &served);
    Router::new()
        .merge(guarded)
        .route("/healthz", get(|| async { "OK" }))
        // While the API server is away, a complete exporter is worth more than a restarted one.
        .route("/livez", get(livez))
        .route("/", get(|| async { landing("main port", MAIN_PAGES) }))
        .with_state(served)
}

/// The pages that the port serves, with what they are.
pub const MAIN_PAGES: &[(&str, &str)] = &[
    ("/metrics", "the cluster's objects"),
    ("/healthz", "whether the process answers"),
    ("/livez", "whether the process makes progress"),
];

async fn livez(State(served): State<Served>) -> Response {
    health(served.health.alive())
}
