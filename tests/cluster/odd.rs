//! Clusters full of odd but valid objects of all kinds, drawn at random from a seed.

mod access;
mod admission;
mod batch;
mod changes;
mod codecs;
mod dice;
mod endpoints;
mod limits;
mod metadata;
mod network;
mod nodes;
mod plain;
mod pod_status;
mod pods;
mod population;
mod scaling;
mod storage;
mod volumes;
mod workloads;

use crate::harness::{Cluster, Exporter, assert_all_settle, assert_promtool_is_silent, load};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// The seeds of the clusters, unless the environment variable says another one.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;
const SEED: &str = "KSTATE_ODD_SEED";

const SETTLED: Duration = Duration::from_secs(30);

/// What one of two exporters shows besides.
const ALL: [&str; 3] =
    ["--metric-labels-allowlist=*=[*]", "--metric-annotations-allowlist=*=[*]", "--metric-opt-in-list=.*"];

/// The families that no real cluster shows: the API server refuses schedules that it can't read.
const UNSEEN: [&str; 1] = ["kube_cronjob_schedule_invalid"];

#[tokio::test(flavor = "multi_thread")]
async fn odd_clusters_are_shown_as_they_are() {
    let chosen = std::env::var(SEED).ok().map(|seed| seed.parse().expect("a seed is a number"));
    for seed in chosen.map_or(SEEDS, |seed| seed..=seed) {
        // Shown when the test fails.
        println!("The seed is {seed}; {SEED}={seed} makes the same cluster again.");
        shows_odd_cluster(seed).await;
    }
}

async fn shows_odd_cluster(seed: u64) {
    let started = Instant::now();
    let said = |what: &str| println!("{what} after {:.1} s", started.elapsed().as_secs_f64());
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let objects = population::population(seed);
    assert!(objects.len() >= 2000, "{} objects are too few", objects.len());
    load(&client, objects.clone()).await;
    said("created");

    let plain = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    let full = Exporter::start_ready(&cluster.kubeconfig(), &ALL).await;
    let exporters: [(&Exporter, &[&str]); 2] = [(&plain, &[]), (&full, &ALL)];
    assert_all_settle(&cluster, &exporters, SETTLED).await;
    said("settled");
    codecs::assert_codecs_agree(&client).await;
    said("codecs compared");

    let changes = changes::change(&client, seed, objects).await;
    assert!(changes >= 1000, "{changes} changes are too few");
    said(&format!("{changes} changes"));
    assert_all_settle(&cluster, &exporters, SETTLED).await;
    said("settled");
    codecs::assert_codecs_agree(&client).await;
    let exposition = full.scrape().await;
    assert_eq!(without_samples(&exposition), Vec::<&str>::new(), "nothing is said about these families");
    for exporter in [plain, full] {
        assert_promtool_is_silent(&exporter.scrape().await);
        exporter.stop();
    }
    said("done");
}

/// The families of which only the header is there.
fn without_samples(exposition: &str) -> Vec<&str> {
    let lines = || exposition.lines();
    let sampled: HashSet<&str> = lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let headers = lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    headers.filter(|family| !sampled.contains(family) && !UNSEEN.contains(family)).collect()
}
