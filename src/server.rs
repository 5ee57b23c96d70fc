//! The two HTTP servers: the main one with the cluster's metrics and the telemetry one with the
//! exporter's own.

mod listener;
mod main_port;
mod page;
mod scraping;
mod telemetry_port;

pub use listener::{BindError, Listener, Shutdown};
pub use main_port::main_router;
pub use telemetry_port::telemetry_router;

use crate::{scrape::Scraper, telemetry::Telemetry};
use std::{sync::Arc, time::Duration};

/// What the answers are made of.
#[derive(Clone)]
pub struct Served {
    /// The cluster's metrics.
    pub scraper: Arc<Scraper>,
    /// The exporter's own.
    pub telemetry: Arc<Telemetry>,
    /// Whether the cluster's metrics may be shown.
    pub readiness: Arc<dyn Readiness>,
    /// How long a scrape's answer may take in all.
    pub write_timeout: Duration,
}

/// Whether enough was read to answer.
pub trait Readiness: Send + Sync {
    /// `Err` with one line that says what is missing.
    fn check(&self) -> Result<(), String>;
}
