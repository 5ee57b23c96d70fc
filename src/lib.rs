//! The state of a Kubernetes cluster as Prometheus metrics.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod exposition;
pub mod resource;
pub mod resources;
pub mod scrape;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod wire;
