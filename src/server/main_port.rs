//! The main port.

use super::{Served, page::landing, scraping::metrics};
use axum::{
    Router,
    routing::{any, get},
};

/// Routes of the main port.
pub fn main_router(served: Served) -> Router {
    Router::new()
        .route("/metrics", any(metrics))
        .route("/healthz", get(|| async { "OK" }))
        // Says that this process makes progress, whatever the API server does: while it is away, a
        // complete exporter is worth more than a restarted one.
        .route("/livez", get(|| async { "OK" }))
        .route("/", get(|| async { landing("main port", LINKS) }))
        .with_state(served)
}

const LINKS: &[(&str, &str)] = &[
    ("/metrics", "the cluster's objects"),
    ("/healthz", "whether the process answers"),
    ("/livez", "whether the process makes progress"),
];
