//! The two HTTP servers: the main one with the cluster's metrics and the telemetry one with the
//! exporter's own.

mod cardinality;
mod connection;
mod encoding;
mod front;
mod guard;
mod lifecycle;
mod listener;
mod main_port;
mod pace;
mod page;
mod profile;
mod scraping;
mod telemetry_port;
mod top;

pub use connection::{PeerCertificates, Terms};
pub use encoding::answer;
pub use lifecycle::Reloads;
pub use listener::{Answers, BindError, Listener, Shutdown};
pub use main_port::{MAIN_PAGES, main_router};
pub use pace::Limits;
pub use telemetry_port::{TELEMETRY_PAGES, telemetry_router};
pub use top::Top;

use crate::{access::Access, scrape::Scraper, telemetry::Telemetry, web::WebConfig};
use axum::{
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse as _, Response},
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What the answers are made of.
#[derive(Clone)]
pub struct Served {
    /// The cluster's metrics.
    pub scraper: Arc<Scraper>,
    /// The exporter's own.
    pub telemetry: Arc<Telemetry>,
    /// How the exporter is doing.
    pub health: Arc<dyn Health>,
    /// Who may read metrics; everybody without.
    pub access: Option<Arc<Access>>,
    /// The web configuration, of which the telemetry tells whether it can be used.
    pub web: Option<Arc<WebConfig>>,
    /// Whether clients that take gzip get it.
    pub gzip: bool,
    /// Places for scrapes at a time: each that nobody reads on holds a snapshot and some buffers.
    pub places: Arc<Semaphore>,
    /// The one place for counting samples.
    pub counting: Arc<Semaphore>,
    /// Who answers questions.
    pub top: Arc<dyn Top>,
    /// Places for questions at a time.
    pub asking: Arc<Semaphore>,
    /// Who reads the configuration again; nobody where that is not to be asked for.
    pub reloads: Option<Reloads>,
}

/// How the exporter is doing. What is wrong is said in one line.
pub trait Health: Send + Sync {
    /// Whether enough was read to answer.
    fn ready(&self) -> Result<(), String>;

    /// Whether this process does its work, whatever the API server does.
    fn alive(&self) -> Result<(), String>;
}

/// The answer of a health endpoint.
pub fn health(check: Result<(), String>) -> Response {
    match check {
        Ok(()) => "OK".into_response(),
        Err(wrong) => (StatusCode::SERVICE_UNAVAILABLE, wrong + "\n").into_response(),
    }
}

/// A header's value; one that is repeated is a list.
fn value(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

/// An error with its text as the whole page.
fn refusal(status: StatusCode, text: impl Into<String>) -> Response {
    (status, [("x-content-type-options", "nosniff")], text.into() + "\n").into_response()
}
