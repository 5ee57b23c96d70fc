//! Tests of the whole crate in one binary.
#![allow(clippy::unwrap_used)] // a test may stop anywhere

use tikv_jemallocator::Jemalloc;

/// That of the command, so that the figures of the allocator are among its metrics here too.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Who may read metrics, with a stand-in for the API server.
mod access;
/// The architecture: who may know whom, and how large a file may be.
mod architecture;
/// Flags that say how many series there are.
mod cardinality;
/// Both codecs on the same objects, and on corrupt ones.
mod codec;
/// What differs between two exporters.
mod compare;
/// The configuration file, read once.
mod configuration;
/// What known alerts and dashboards read.
mod consumers;
/// Families and their readers as facts; no tests of its own.
mod contract;
/// What charts and manifests pass, and their probes.
mod deployments;
/// The pages of `metrics-docs/`.
mod docs;
/// Objects drawn at random, and whether what is printed of them is sound.
mod drawn;
/// The text format, read strictly; no tests of its own.
mod exposition;
/// The exporter while its API server misbehaves.
mod faults;
/// Every flag.
mod flags;
/// What a web configuration asks of requests: users, headers, a limit, and all of it while it changes.
mod front;
/// The golden files; no tests of its own.
mod golden;
/// Certificates, and a client that speaks TLS; no tests of its own.
mod identities;
/// What the jsonnet libraries know of the kinds.
mod jsonnet;
/// The commands that list families and permissions.
mod listing;
/// What `deploy/` takes from the code.
mod manifests;
/// The resource metrics API on a port of its own.
mod metrics_api;
/// Input that makes no sense.
mod mistakes;
/// Time limits of connections.
mod pace;
/// The command as a process, and a client; no tests of its own.
mod process;
/// Real objects, and what kube-state-metrics printed for them.
mod reference;
/// The configuration while it changes.
mod relations;
mod reload;
/// Files in, exposition out.
mod render;
/// The roots of certificates in the image.
mod roots;
/// Which families, labels and annotations are exported, as tables.
mod selection;
/// Both ports of a running exporter.
mod server;
/// Shares of several processes.
mod sharding;
/// Shells that complete command lines, and the version.
mod shells;
/// The table of all families.
mod table;
/// The exporter's own metrics; no tests of its own.
mod telemetry;
/// Connections that are secure.
mod tls;
/// Questions, and their answers from all sources.
mod top;
/// What nodes and containers use.
mod usage;
/// Web configuration files that can be used, and what is said of the others.
mod web_config;
/// A simulated cluster and exporters of it; no tests of its own.
mod world;
