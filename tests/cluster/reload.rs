//! Another configuration while Prometheus scrapes: nothing that both have is ever missing, and nothing
//! is listed again that need not be.

use crate::{
    changes::write,
    harness::{
        Cluster, Exporter, assert_settles, eventually, generated_pods, get, load, post, reference_objects,
        resources,
    },
    sharding::{replicas, scale},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::{JoinHandle, JoinSet};

const SETTLED: Duration = Duration::from_secs(30);

/// One configuration after the other, with whether pods have to be listed again for it.
const STEPS: [(&str, bool); 9] = [
    // Another kind goes.
    ("resources: {pods: {}, nodes: {}, deployments: {}}", false),
    // Others come, and families go.
    (
        "resources: {pods: {}, nodes: {}, configmaps: {}, services: {}}\nmetric_denylist: {kube_pod_status: {}}",
        false,
    ),
    // Labels are to be kept that were dropped.
    ("resources: {pods: {}, nodes: {}}\nlabels_allow_list: {pods: ['*']}", true),
    ("resources: {pods: {}, nodes: {}}\nlabels_allow_list: {pods: ['*']}\nexternal_labels: {}", false),
    // Fewer namespaces, and more.
    ("resources: {pods: {}, nodes: {}}\nnamespaces: [default]", true),
    ("resources: {pods: {}, nodes: {}}", true),
    // A half of all objects, and all.
    ("resources: {pods: {}, nodes: {}}\ntotal_shards: 2", true),
    ("resources: {pods: {}, nodes: {}}", true),
    ("resources: {pods: {}, nodes: {}}\nenable_gzip_encoding: false\nserver_write_timeout: 50s", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn another_configuration_takes_over_under_scrapes_and_changes() {
    let cluster = Cluster::start(&[]).await;
    let mut objects = reference_objects();
    objects.extend(generated_pods(100));
    load(&cluster.client().await, objects).await;
    let file = cluster.folder().join("kstate.yml");
    swap(&file, &all());
    let flag = format!("--config={}", file.display());
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[&flag, "--enable-lifecycle"]).await;
    assert_settles(&cluster, &exporter, SETTLED).await;

    let standing = created(&exporter.scrape().await);
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        writers.spawn(write(cluster.client().await, writer));
    }
    let mut lists = lists(&exporter).await;
    for (step, (content, again)) in STEPS.into_iter().enumerate() {
        let before = created(&exporter.scrape().await);
        let scraping = Scraping::start(&exporter);
        swap(&file, content);
        if step % 2 == 0 {
            let answer = post(&exporter.telemetry_url("/-/reload"), &Value::Null).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        eventually("a configuration in force", SETTLED, async || {
            let log = exporter.log();
            let served =
                log.iter().filter(|line| line.contains("Everything that is chosen is served")).count();
            let scrapes = scraping.number();
            if served > step && scrapes > 3 { Ok(()) } else { Err(format!("{content}: {log:#?}")) }
        })
        .await;
        let after = created(&exporter.scrape().await);
        let both = before.intersection(&after).filter(|object| standing.contains(*object));
        let both: Vec<&String> = both.collect();
        assert!(both.len() > 30, "{content}: only {} objects are in both", both.len());
        for seen in scraping.stop().await {
            let missing: Vec<_> = both.iter().filter(|object| !seen.contains(**object)).collect();
            assert!(missing.is_empty(), "{content}: {missing:#?}");
        }
        let now = self::lists(&exporter).await;
        assert_eq!(now.0 > lists.0, again, "{content}: pods were listed {} times, before {}", now.0, lists.0);
        let nodes_again = content.contains("total_shards") || step == 7;
        assert_eq!(
            now.1 > lists.1,
            nodes_again,
            "{content}: nodes were listed {} times, before {}",
            now.1,
            lists.1
        );
        lists = now;
    }
    writers.join_all().await;
    swap(&file, &all());
    assert_settles(&cluster, &exporter, SETTLED).await;
    exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_becomes_one_and_ceases_to_be_one() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, generated_pods(20)).await;
    replicas(&client, 3).await;
    let file = cluster.folder().join("kstate.yml");
    swap(&file, "resources: {pods: {}}");
    let flag = format!("--config={}", file.display());
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[&flag, "--enable-lifecycle"]).await;
    let pods = async || created(&exporter.scrape().await).len();
    assert_eq!(pods().await, 23);
    let post = async |content: &str| {
        swap(&file, content);
        let answer = post(&exporter.telemetry_url("/-/reload"), &Value::Null).await.unwrap();
        (answer.status, answer.text())
    };
    let shard = async |ordinal: u32, total: f64| {
        let ordinal = format!("kube_state_metrics_shard_ordinal{{shard_ordinal=\"{ordinal}\"}}");
        eventually("a shard", SETTLED, async || {
            let now = exporter.self_metric("kube_state_metrics_total_shards").await;
            let place = exporter.self_metric(&ordinal).await;
            if now == Some(total) && place.is_some() { Ok(()) } else { Err(format!("{place:?} of {now:?}")) }
        })
        .await;
    };
    let replica = "resources: {pods: {}}\nnamespace: default\npod: sharded-1";
    assert_eq!(post(replica).await, (200, "OK\n".to_owned()));
    shard(1, 3.0).await;
    eventually("a share", SETTLED, async || {
        let pods = pods().await;
        if (1..20).contains(&pods) { Ok(()) } else { Err(format!("{pods} pods")) }
    })
    .await;
    // It is still followed when something else changes.
    assert_eq!(post(&format!("{replica}\nmetric_denylist: {{kube_pod_owner: {{}}}}")).await.0, 200);
    scale(&client, 2).await;
    shard(1, 2.0).await;

    for (content, named) in [
        (
            "pod: generated-00001\nnamespace: default",
            ":1: pod: the pod default/generated-00001 belongs to no StatefulSet",
        ),
        (
            "total_shards: 2\nserver_side_sharding: true",
            ":2: server_side_sharding: the API server sends all objects to everybody",
        ),
    ] {
        let (status, said) = post(content).await;
        assert!(status == 500 && said.starts_with(&format!("{}{named}", file.display())), "{status} {said}");
        shard(1, 2.0).await;
    }
    assert_eq!(post("resources: {pods: {}}").await.0, 200);
    shard(0, 1.0).await;
    eventually("all pods", SETTLED, async || {
        let pods = pods().await;
        if pods == 23 { Ok(()) } else { Err(format!("{pods} pods")) }
    })
    .await;
    exporter.stop();
}

/// The kinds of these tests.
fn all() -> String {
    let kinds: Vec<String> = resources().split(',').map(|kind| format!("{kind}: {{}}")).collect();
    format!("resources: {{{}}}\n", kinds.join(", "))
}

/// Replaces the file at once, as volumes do.
fn swap(file: &Path, content: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, content).unwrap();
    std::fs::rename(new, file).unwrap();
}

/// How often pods and nodes were listed.
async fn lists(exporter: &Exporter) -> (f64, f64) {
    let of = async |kind| {
        let series = format!("kube_state_metrics_list_total{{result=\"success\",resource=\"*v1.{kind}\"}}");
        exporter.self_metric(&series).await.unwrap_or_default()
    };
    (of("Pod").await, of("Node").await)
}

/// The samples that stand for pods and nodes.
fn created(exposition: &str) -> BTreeSet<String> {
    let beginnings = ["kube_node_created{", "kube_pod_created{"];
    let is_one = |line: &&str| beginnings.iter().any(|beginning| line.starts_with(beginning));
    exposition.lines().filter(is_one).map(str::to_owned).collect()
}

/// Scrapes again and again, each of which has to be answered whole.
struct Scraping {
    stop: Arc<AtomicBool>,
    number: Arc<AtomicUsize>,
    task: JoinHandle<Vec<BTreeSet<String>>>,
}

impl Scraping {
    fn start(exporter: &Exporter) -> Self {
        let (stop, number): (Arc<AtomicBool>, Arc<AtomicUsize>) = Default::default();
        let (stopped, counted, url) = (Arc::clone(&stop), Arc::clone(&number), exporter.url("/metrics"));
        let task = tokio::spawn(async move {
            let mut seen = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let answer = get(&url, &[]).await.unwrap();
                assert_eq!(answer.status, 200, "{}", answer.text());
                seen.push(created(&answer.text()));
                counted.fetch_add(1, Ordering::Relaxed);
            }
            seen
        });
        Self { stop, number, task }
    }

    fn number(&self) -> usize {
        self.number.load(Ordering::Relaxed)
    }

    async fn stop(self) -> Vec<BTreeSet<String>> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}
