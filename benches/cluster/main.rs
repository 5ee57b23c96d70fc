//! The exporter as a process of its own against simulated clusters of several sizes, beside the
//! limits that it is held to and the straightforward way to build one:
//!
//! ```text
//! cargo bench --bench cluster                        # 100, 1,000 and 5,000 nodes, in 25 minutes
//! cargo bench --bench cluster -- 1000                # one size, in 6 minutes
//! cargo bench --bench cluster -- soak --minutes 30   # steady change, relists and four scrapers
//! cargo bench --bench cluster -- profile             # what takes the time, by perf
//! cargo bench --bench cluster -- real                # a real kube-apiserver; needs Go, 10 minutes
//! cargo bench --bench cluster -- relations           # the cost of workloads and injected labels
//! cargo bench --bench cluster -- resident            # memory by the number of rendering threads
//! cargo bench --bench cluster -- usage               # the cost of asking kubelets what is used, 5 minutes
//! ```
//!
//! Each node has 30 pods, and there are three objects for each node of Deployments, `ReplicaSets`,
//! Services, `ConfigMaps` and Secrets. The simulated API server runs in the process of the benchmark,
//! which changes its objects directly. Memory is what the kernel says of the exporter's process and
//! MB and GB are powers of ten. A table is printed at the end and written beside the builds as JSON.

#[path = "../figures/client.rs"]
mod client;
mod cluster;
#[allow(dead_code)] // the other benchmark asks for more
#[path = "../figures/exporter.rs"]
mod exporter;
mod load;
#[allow(dead_code)]
#[path = "../figures/process.rs"]
mod process;
mod profile;
mod real;
mod relations;
mod report;
mod resident;
mod scrapers;
mod size;
mod soak;
mod straightforward;
mod usage;

use anyhow::{Context as _, bail};
use report::Report;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Numbers of nodes that are measured by default.
const SIZES: [usize; 3] = [100, 1_000, 5_000];

fn main() -> anyhow::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(apiserver) = straightforward::asked_for(&arguments) {
        return straightforward::run(apiserver);
    }
    let count = arguments.len();
    arguments.retain(|argument| argument != "--bench");
    if arguments.len() == count {
        // `cargo test --all-targets` only wants to know that it builds.
        return Ok(());
    }
    match arguments.first().map(String::as_str) {
        Some("soak") => soak::run(Duration::from_secs(60 * minutes(&arguments[1..])?)),
        Some("profile") => profile::run(),
        Some("real") => real::run(),
        Some("relations") => relations::run(),
        Some("resident") => resident::run(),
        Some("usage") => usage::run(),
        _ => sizes(&arguments),
    }
}

fn minutes(arguments: &[String]) -> anyhow::Result<u64> {
    match arguments {
        [] => Ok(30),
        [flag, minutes] if flag == "--minutes" => minutes.parse().context("--minutes takes a number"),
        _ => bail!("soak takes nothing but --minutes NUMBER"),
    }
}

fn sizes(arguments: &[String]) -> anyhow::Result<()> {
    let sizes =
        arguments.iter().map(|size| size.parse().with_context(|| format!("{size}: a number of nodes")));
    let mut sizes: Vec<usize> = sizes.collect::<Result<_, _>>()?;
    if sizes.is_empty() {
        sizes = SIZES.to_vec();
    }
    let mut report = Report::default();
    for nodes in sizes {
        size::measure(nodes, &mut report)?;
    }
    report.finish()
}
