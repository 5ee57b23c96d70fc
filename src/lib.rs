//! The state of a Kubernetes cluster as Prometheus metrics.

pub mod catalog;
pub mod exposition;
pub mod resource;
pub mod resources;
pub mod watch;
pub mod wire;
