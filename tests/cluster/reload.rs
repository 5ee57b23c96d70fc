//! Another configuration while Prometheus scrapes: nothing that both have is ever missing, and nothing
//! is listed again that need not be.

use crate::{
    changes::write,
    harness::{
        Cluster, Exporter, assert_settles, eventually, generated_pods, get, load, post, reference_objects,
        resources,
    },
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
