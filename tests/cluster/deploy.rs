//! What `deploy/` holds: rendered with the real kustomize and helm, taken by a real API server that
//! admits pods of the level `restricted` only, and the exporter started as the workloads say.

mod chart;
#[path = "../it/deployments/container.rs"]
pub(crate) mod container;
mod kustomize;
mod manifests;
mod running;
mod values;
