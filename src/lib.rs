//! The state of a Kubernetes cluster as Prometheus metrics.

// Derived code names paths from the root of the crate, also where it stands in another crate.
extern crate self as kstate;

pub mod access;
pub mod app;
pub mod catalog;
pub mod cli;
pub mod compare;
pub mod config;
pub mod exposition;
pub mod files;
pub mod kubelets;
pub mod metricsapi;
pub mod relations;
pub mod resource;
pub mod resources;
pub mod scrape;
pub mod selector;
pub mod server;
pub mod shard;
pub mod simulator;
pub mod store;
pub mod telemetry;
pub mod top;
pub mod usage;
pub mod watch;
pub mod web;
pub mod wire;
