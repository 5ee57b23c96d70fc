//! Tests against a real etcd and kube-apiserver, built from Go modules.
//!
//! They run one at a time, since each has a cluster of its own:
//! `cargo test --features cluster-tests --test cluster -- --test-threads=1`. The environment
//! variable `KSTATE_KUBERNETES` chooses another release of Kubernetes.
#![allow(clippy::unwrap_used)] // all of this is test code

mod auth;
mod broken_kind;
mod changes;
mod command;
mod compaction;
mod dashboards;
mod deploy;
mod equality;
mod harness;
mod image;
mod jsonnet;
mod metricsapi;
mod odd;
mod outage;
mod permissions;
mod prometheus;
mod rbac;
mod readers;
mod reading;
mod relations;
mod reload;
mod requests;
mod secrets;
mod sharding;
mod top;
mod unserved;
