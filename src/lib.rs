//! The state of a Kubernetes cluster as Prometheus metrics.

// Derived code names paths from the root of the crate, also where it stands in another crate.
extern crate self as kstate;

pub mod catalog;
pub mod exposition;
pub mod resource;
pub mod resources;
pub mod wire;
