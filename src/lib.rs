//! The state of a Kubernetes cluster as Prometheus metrics.

pub mod simulator;
