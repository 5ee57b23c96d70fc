//! Tests of the whole crate in one binary.

/// The architecture: who may know whom, and how large a file may be.
mod architecture;
