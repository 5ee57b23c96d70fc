//! What it costs to know who runs a pod, and to show labels of namespaces and nodes.

use super::{
    cluster::{Churn, Cluster},
    scrapers,
    size::SETTLED,
};
use std::{thread, time::Duration};

const NODES: usize = 1_000;
const WORKLOAD: &str = "--metric-opt-in-list=^kube_pod_workload$";
const LABELS: &str = "--inject-labels=pods=[namespace:team,node:topology.kubernetes.io/zone]";
const VARIANTS: [(&str, &[&str]); 4] =
    [("neither", &[]), ("workloads", &[WORKLOAD]), ("labels", &[LABELS]), ("both", &[WORKLOAD, LABELS])];
/// How fast pods change, and for how long.
const CHANGES: (f64, Duration) = (200.0, Duration::from_secs(20));

/// Prints a row for each variant.
pub(super) fn run() -> anyhow::Result<()> {
    let mut cluster = Cluster::start(NODES)?;
    println!(
        "| pods with | complete, s | processor, s | complete, MB | gzip cache filled, MB | plain, MB | plain, s | gzip first, s | ms per changed pod |"
    );
    println!(
        "| --------- | ----------- | ------------ | ------------ | --------------------- | --------- | -------- | ------------- | ------------------ |"
    );
    for (name, flags) in VARIANTS {
        let exporter = cluster.exporter(flags)?;
        thread::sleep(SETTLED);
        let complete = exporter.process.resident()?.now;
        let (plain, size) = scrapers::plain(exporter.main)?;
        let (gzip, _) = scrapers::gzip(exporter.main)?;
        cluster.learn(&scrapers::text(exporter.main)?)?;
        thread::sleep(SETTLED);
        let filled = exporter.process.resident()?.now;
        let before = exporter.process.cpu()?;
        let (rate, time) = CHANGES;
        let changed = cluster.live(rate, time, Churn::Restarts)?;
        thread::sleep(Duration::from_secs(1));
        let each = (exporter.process.cpu()? - before) / changed as f64 * 1e3;
        println!(
            "| {name:9} | {:11.2} | {:12.2} | {complete:12.0} | {filled:21.0} | {:9.0} | {plain:8.3} | {gzip:13.3} | {each:18.3} |",
            exporter.complete.as_secs_f64(),
            exporter.cpu,
            size as f64 / 1e6,
        );
    }
    Ok(())
}
