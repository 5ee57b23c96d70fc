//! Several exporters share a cluster.

use crate::{
    changes::write,
    harness::{
        Cluster, Exporter, ScrapeLoop, api, difference, dump, eventually, generated_pods, get, load,
        reference_objects, rendered, resources, scraped_objects,
    },
};
use kube::{
    Client,
    api::{DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

const SETTLED: Duration = Duration::from_secs(40);
/// Pods that are there throughout and change their state.
const STANDING: usize = 100;
const WRITERS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn sharding_by_flags_adds_up_while_objects_change() {
    let cluster = cluster(&[]).await;
    let mut exporters = Vec::new();
    for shard in 0..3 {
        let shard = format!("--shard={shard}");
        exporters.push(Exporter::start_ready(&cluster.kubeconfig(), &[&shard, "--total-shards=3"]).await);
    }
    add_up(&cluster, &exporters).await;
    changes(&cluster.client().await, 0).await;
    add_up(&cluster, &exporters).await;
    for (shard, exporter) in exporters.into_iter().enumerate() {
        let ordinal = format!("kube_state_metrics_shard_ordinal{{shard_ordinal=\"{shard}\"}}");
        assert_eq!(exporter.self_metric(&ordinal).await, Some(shard as f64));
        assert_eq!(exporter.self_metric("kube_state_metrics_total_shards").await, Some(3.0));
        assert!(exporter.scrape().await.lines().count() > 1000, "an exporter has next to nothing");
        exporter.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sharding_follows_a_stateful_set_that_is_scaled_and_loses_nothing() {
    let cluster = cluster(&[]).await;
    let client = cluster.client().await;
    replicas(&client, 3).await;
    let mut exporters = Vec::new();
    for pod in 0..3 {
        let pod = format!("--pod=sharded-{pod}");
        let flags = [&*pod, "--pod-namespace=default", "--shard=7", "--total-shards=9"];
        exporters.push(Exporter::start_ready(&cluster.kubeconfig(), &flags).await);
    }
    add_up(&cluster, &exporters).await;

    // Whoever stays keeps all that it has when one of three goes.
    let leaving = exporters.pop().unwrap();
    let mut loops = Vec::new();
    for exporter in &exporters {
        loops.push(ScrapeLoop::start(exporter).await);
    }
    scale(&client, 2).await;
    changes(&client, 1).await;
    add_up(&cluster, &exporters).await;
    for scraping in loops {
        let seen = scraping.stop().await;
        assert!(seen.scrapes >= 5, "only {} scrapes were made meanwhile", seen.scrapes);
    }
    assert_eq!(leaving.self_metric("kube_state_metrics_total_shards").await, Some(2.0));
    leaving.stop();

    // And what it has before and after another joins, it has all the time in between.
    let before = scraped_objects(&exporters[0].scrape().await);
    let (stop, url) = (Arc::new(AtomicBool::new(false)), exporters[0].url("/metrics"));
    let stopped = Arc::clone(&stop);
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        while !stopped.load(Ordering::Relaxed) {
            seen.push(scraped_objects(&get(&url, &[]).await.unwrap().text()));
        }
        seen
    });
    scale(&client, 3).await;
    let joining = ["--pod=sharded-2", "--pod-namespace=default"];
    exporters.push(Exporter::start_ready(&cluster.kubeconfig(), &joining).await);
    changes(&client, 2).await;
    add_up(&cluster, &exporters).await;
    stop.store(true, Ordering::Relaxed);
    let after = scraped_objects(&exporters[0].scrape().await);
    assert!(before.difference(&after).count() > 10, "nothing has moved");
    let seen = watching.await.unwrap();
    assert!(seen.len() > 5, "only {} scrapes were made meanwhile", seen.len());
    for seen in seen {
        let missing: Vec<_> = before.intersection(&after).filter(|object| !seen.contains(*object)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }

    let lonely = run(&cluster, &["--pod=generated-00001", "--pod-namespace=default"]);
    assert_eq!(lonely.0, Some(1), "{}", lonely.1);
    assert!(lonely.1.contains("default/generated-00001 belongs to no StatefulSet"), "{}", lonely.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sharding_by_nodes_adds_up() {
    let cluster = Cluster::start(&[]).await;
    let mut objects = generated_pods(60);
    for (number, pod) in objects.iter_mut().enumerate().filter(|(number, _)| number % 3 > 0) {
        pod["spec"]["nodeName"] = json!(format!("node-{}", number % 3));
    }
    load(&cluster.client().await, objects).await;
    let others = resources().split(',').filter(|kind| *kind != "pods").collect::<Vec<_>>().join(",");
    let others = format!("--resources={others}");
    let mut exporters = Vec::new();
    for flags in [
        &["--resources=pods", "--node=node-1"][..],
        &["--resources=pods", "--node=node-2"],
        &["--resources=pods", "--track-unscheduled-pods"],
        &[&others],
    ] {
        exporters.push(Exporter::start_ready(&cluster.kubeconfig(), flags).await);
    }
    add_up(&cluster, &exporters).await;
    for exporter in &exporters[..3] {
        assert_eq!(scraped_objects(&exporter.scrape().await).len(), 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sharding_by_the_server_adds_up_where_its_gate_is_on_and_ends_the_start_where_it_is_off() {
    let mut cluster = cluster(&["--feature-gates=ShardedListAndWatch=true"]).await;
    let client = cluster.client().await;
    let mut exporters = Vec::new();
    for shard in 0..2 {
        let shard = format!("--shard={shard}");
        let flags = ["--server-side-sharding", &*shard, "--total-shards=2"];
        exporters.push(Exporter::start_ready(&cluster.kubeconfig(), &flags).await);
    }
    add_up(&cluster, &exporters).await;
    changes(&client, 0).await;
    add_up(&cluster, &exporters).await;
    let watched =
        client.request_text(http::Request::get("/metrics").body(Vec::new()).unwrap()).await.unwrap();
    for kind in ["pods", "secrets", "configmaps"] {
        let series = format!("apiserver_watch_filtered_events_total{{group=\"\",resource=\"{kind}\"}} ");
        let filtered = watched.lines().find_map(|line| line.strip_prefix(&*series)?.parse::<f64>().ok());
        assert!(filtered.is_some_and(|events| events > 5.0), "{kind}: the server kept {filtered:?} from us");
    }

    cluster.restart_apiserver(&[]).await;
    let (code, said) = run(&cluster, &["--server-side-sharding", "--total-shards=2"]);
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("kstate: ")).collect();
    assert!(lines.len() == 1 && lines[0].contains("ShardedListAndWatch"), "{said}");
    // Those that run drop what is not theirs.
    changes(&client, 1).await;
    add_up(&cluster, &exporters).await;
    let warned = |line: &String| line.contains("WARN") && line.contains("ShardedListAndWatch");
    assert!(exporters[0].log().iter().any(warned), "{:#?}", exporters[0].log());
}

async fn cluster(flags: &[&str]) -> Cluster {
    let cluster = Cluster::start(flags).await;
    let mut objects = reference_objects();
    objects.extend(generated_pods(STANDING));
    load(&cluster.client().await, objects).await;
    cluster
}

/// Waits until the exporters together serve each sample once.
async fn add_up(cluster: &Cluster, exporters: &[Exporter]) {
    let samples = |text: &str| -> String {
        text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect()
    };
    eventually("shares that add up to the whole", SETTLED, async || {
        let whole = samples(&rendered(&dump(cluster), &[]));
        let mut shares = String::new();
        for exporter in exporters {
            shares += &samples(&exporter.scrape().await);
        }
        let difference = difference(&whole, &shares);
        if difference.is_empty() { Ok(()) } else { Err(difference) }
    })
    .await;
}

/// Makes changes of all kinds, none of which was made in another round.
async fn changes(client: &Client, round: usize) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(client.clone(), round * WRITERS + writer));
    }
    writers.join_all().await;
}

/// A `StatefulSet` and the pods that a controller would make of it.
pub(crate) async fn replicas(client: &Client, number: usize) {
    let labels = json!({ "app": "sharded" });
    let spec = json!({ "containers": [{ "name": "main", "image": "example.com/main:1" }] });
    let set = json!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": { "name": "sharded" },
        "spec": {
            "replicas": number,
            "serviceName": "sharded",
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": spec },
        },
    });
    let set = create(client, "statefulsets", set).await;
    for pod in 0..number {
        let owner = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "sharded", "uid": set.metadata.uid,
            "controller": true,
        });
        let metadata = json!({ "name": format!("sharded-{pod}"), "ownerReferences": [owner] });
        create(
            client,
            "pods",
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }),
        )
        .await;
    }
}

async fn create(client: &Client, plural: &str, object: Value) -> DynamicObject {
    let object: DynamicObject = serde_json::from_value(object).unwrap();
    api(client, plural, "default").create(&PostParams::default(), &object).await.unwrap()
}

pub(crate) async fn scale(client: &Client, replicas: usize) {
    let patch = Patch::Merge(json!({ "spec": { "replicas": replicas } }));
    api(client, "statefulsets", "default").patch("sharded", &PatchParams::default(), &patch).await.unwrap();
}

/// An exporter that is to end by itself: its exit code, and what it says.
fn run(cluster: &Cluster, flags: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kstate"))
        .args(["--port=0", "--telemetry-port=0"])
        .arg(format!("--kubeconfig={}", cluster.kubeconfig().display()))
        .args(flags)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
