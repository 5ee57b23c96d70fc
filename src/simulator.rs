//! An in-process Kubernetes API server with a synthetic cluster, for the demo, tests and benches.

mod codec;
mod schema;
