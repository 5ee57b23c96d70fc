//! What is served against what `kstate render` makes of kubectl's dump.

use super::{Cluster, Exporter, eventually, objects::resources};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// As many differing lines as a failure shows.
const SHOWN: usize = 20;

/// Waits until the exporter serves, sample for sample, what there is in the cluster.
pub(crate) async fn assert_settles(cluster: &Cluster, exporter: &Exporter, limit: Duration) {
    eventually("the cluster's state in the metrics", limit, async || {
        let rendered = rendered(&dump(cluster), &[]);
        let scraped = exporter.scrape().await;
        let difference = difference(&rendered, &scraped);
        if difference.is_empty() { Ok(()) } else { Err(difference) }
    })
    .await;
}

/// All objects as kubectl prints them, in a file.
pub(crate) fn dump(cluster: &Cluster) -> PathBuf {
    let file = cluster.folder().join("dump.json");
    fs::write(&file, cluster.kubectl(&["get", &resources(), "-A", "-o", "json"])).unwrap();
    file
}

/// What `kstate render` makes of a file.
pub(crate) fn rendered(file: &Path, flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kstate"))
        .arg("render")
        .arg(format!("--resources={}", resources()))
        .args(flags)
        .arg(file)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "kstate render: {}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The lines that only one side has; empty where they agree. The order of lines is free.
pub(crate) fn difference(rendered: &str, scraped: &str) -> String {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    rendered.lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    scraped.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    counts.retain(|_, count| *count != 0);
    let mut text = String::new();
    for (line, count) in counts.iter().take(SHOWN) {
        let side = if *count < 0 { "only rendered" } else { "only scraped" };
        text += &format!("\n{side}: {line}");
    }
    if counts.len() > SHOWN {
        text += &format!("\nand {} more lines", counts.len() - SHOWN);
    }
    text
}
