//! Tests of the whole crate in one binary.

/// The architecture: who may know whom, and how large a file may be.
mod architecture;
/// Real objects, and what kube-state-metrics printed for them.
mod reference;
