//! The main port.

use super::{Served, guard::guarded, health, page::landing, scraping::metrics, top};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{any, get},
};

/// Routes of the main port.
pub fn main_router(served: Served) -> Router {
    let routes = Router::new()
        .route("/metrics", any(metrics))
        .route("/api/v1/top", get(top::views))
        .route("/api/v1/top/{view}", get(top::view))
        .route("/api/v1/top/{view}/schema", get(top::view_schema));
    let guarded = guarded(routes, &served);
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
    ("/api/v1/top", "what `kstate top` prints, as JSON"),
    ("/healthz", "whether the process answers"),
    ("/livez", "whether the process makes progress"),
];

async fn livez(State(served): State<Served>) -> Response {
    health(served.health.alive())
}
