//! What is served against what `kstate render` makes of kubectl's dump.

use super::{Cluster, Exporter, eventually, objects::resources};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The only sample of an untouched cluster that changes: the API server renews its own lease every
/// ten seconds, most likely between two looks at it.
const RENEWED: &str = "kube_lease_renew_time{lease=\"apiserver-";

/// As many differing lines as a failure shows.
const SHOWN: usize = 20;

/// Waits until the exporter serves, sample for sample, what there is in the cluster.
pub(crate) async fn assert_settles(cluster: &Cluster, exporter: &Exporter, limit: Duration) {
    assert_all_settle(cluster, &[(exporter, &[])], limit).await;
}

/// The same for several exporters, each with the flags that `kstate render` needs for it.
pub(crate) async fn assert_all_settle(
    cluster: &Cluster,
    exporters: &[(&Exporter, &[&str])],
    limit: Duration,
) {
    eventually("the cluster's state in the metrics", limit, async || {
        let dump = dump(cluster);
        for (exporter, flags) in exporters {
            let difference = difference(&rendered(&dump, flags), &exporter.scrape().await);
            if !difference.is_empty() {
                return Err(format!("{flags:?}{difference}"));
            }
        }
        Ok(())
    })
    .await;
}

/// Waits until a kind that is missing is served, and panics when it is seen in part. `created` is
/// its family that has one sample for each object.
pub(crate) async fn assert_joins_whole(
    cluster: &Cluster,
    exporter: &Exporter,
    created: &str,
    limit: Duration,
) {
    let prefix = format!("{created}{{");
    let count = |exposition: &str| exposition.lines().filter(|line| line.starts_with(&prefix)).count();
    let whole = count(&rendered(&dump(cluster), &[]));
    assert!(whole > 1, "{whole} objects can't be seen in part");
    eventually("the kind that was missing", limit, async || {
        let served = count(&exporter.scrape().await);
        assert!(served == 0 || served == whole, "{served} of {whole} objects are served");
        if served == whole { Ok(()) } else { Err("it is still missing".to_owned()) }
    })
    .await;
    assert_settles(cluster, exporter, Duration::from_secs(10)).await;
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
    let lasting = |line: &&str| !line.starts_with(RENEWED);
    rendered.lines().filter(lasting).for_each(|line| *counts.entry(line).or_default() -= 1);
    scraped.lines().filter(lasting).for_each(|line| *counts.entry(line).or_default() += 1);
    counts.retain(|_, count| *count != 0);
    let shown = counts.iter().take(SHOWN).map(|(line, count)| {
        let side = if *count < 0 { "only rendered" } else { "only scraped" };
        format!("\n{side}: {line}")
    });
    let rest = (counts.len() > SHOWN).then(|| format!("\nand {} more lines", counts.len() - SHOWN));
    shown.chain(rest).collect()
}
