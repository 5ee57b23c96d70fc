//! The exporter on a real kube-apiserver with etcd, filled with the objects of a simulated cluster.

use super::{
    cluster::{RESOURCES, simulator},
    exporter::Exporter,
    scrapers,
};
use anyhow::{Context as _, ensure};
use components::harness;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kstate::catalog;
use kube::{
    Api, Client, Config,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// What the tests against real components start these with.
#[path = "../../tests/cluster"]
#[allow(dead_code, unused_imports, clippy::unwrap_used)]
mod components {
    pub(crate) mod harness;
}

const NODES: usize = 1_000;
/// Objects that are read from the simulated cluster at a time.
const PAGE: u32 = 1_000;
const RUNS: usize = 3;
const SCRAPES: usize = 5;
const REST: Duration = Duration::from_secs(3);
/// How many pods change while nobody scrapes, and how many at a time.
const CHANGED: usize = 3_000;
const WRITERS: usize = 8;

/// A figure, and what it was in each run.
type Row = (&'static str, Vec<f64>);

/// Fills a cluster and prints a table.
pub(super) fn run() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    eprintln!("A real API server is started and filled, which takes some minutes.");
    let start = Instant::now();
    let cluster = runtime.block_on(harness::Cluster::start(&[]));
    let client = runtime.block_on(cluster.client());
    let pods = runtime.block_on(fill(&client))?;
    eprintln!("{} pods are there after {:.0} s.", pods.len(), start.elapsed().as_secs_f64());

    let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig().display());
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |figure, value| {
        eprintln!("{figure}: {value:.3}");
        match rows.iter_mut().find(|(name, _)| *name == figure) {
            Some((_, values)) => values.push(value),
            None => rows.push((figure, vec![value])),
        }
    };
    for _ in 0..RUNS {
        let exporter = Exporter::start(&[&kubeconfig], |_| Ok(()))?;
        let address = exporter.main;
        row("complete after start, s", exporter.complete.as_secs_f64());
        row("processor time until complete, s", exporter.cpu);
        thread::sleep(REST);
        row("resident memory once complete, MB", exporter.process.resident()?.now);
        row("gzip scrape, the first, s", scrapers::gzip(address)?.0);
        row("gzip scrape, nothing changed, s", scrapers::best(SCRAPES, || scrapers::gzip(address))?);
        row("resident memory, gzip cache filled, MB", exporter.process.resident()?.now);
        let text = scrapers::text(address)?;
        ensure!(scrapers::pods(&text).count() == pods.len(), "not all pods are shown");
        row("size of the plain answer, MB", text.len() as f64 / 1e6);
        drop(text);
        row("plain scrape, s", scrapers::best(SCRAPES, || scrapers::plain(address))?);
        runtime.block_on(change(&client, &pods, pods.len() / 100))?;
        thread::sleep(REST);
        row("gzip scrape, 1 % of pods changed, s", scrapers::gzip(address)?.0);
        let before = exporter.process.cpu()?;
        runtime.block_on(change(&client, &pods, CHANGED))?;
        thread::sleep(REST);
        let each = (exporter.process.cpu()? - before) / CHANGED as f64 * 1e3;
        row("processor time per changed pod, ms", each);
        row("resident memory, peak, MB", exporter.process.resident()?.peak);
    }
    println!("\n| figure |{}\n| --- |{}", " run |".repeat(RUNS), " --- |".repeat(RUNS));
    for (figure, values) in rows {
        let values: Vec<String> = values.iter().map(|value| format!("{value:.3}")).collect();
        println!("| {figure} | {} |", values.join(" | "));
    }
    Ok(())
}

/// Copies the objects of a simulated cluster, and returns where the pods are.
async fn fill(client: &Client) -> anyhow::Result<Vec<(String, String)>> {
    let simulator = simulator(NODES).await?;
    let source = Client::try_from(Config::new(format!("http://{}", simulator.address()).parse()?))?;
    let mut pods = Vec::new();
    let names = catalog::KINDS.iter().map(|kind| kind.names);
    let mut kinds: Vec<_> =
        names.filter(|names| RESOURCES.split(',').any(|plural| plural == names.plural)).collect();
    ensure!(kinds.len() == RESOURCES.split(',').count(), "a kind is unknown");
    kinds.sort_by_key(|names| names.namespaced);
    for names in kinds {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(names.group, names.version, names.kind));
        let source: Api<DynamicObject> = Api::all_with(source.clone(), &resource);
        let mut page = ListParams::default().limit(PAGE);
        loop {
            let list = source.list(&page).await?;
            let mut objects = Vec::new();
            for object in list.items {
                if names.plural == "pods" {
                    let metadata = &object.metadata;
                    pods.push((
                        metadata.namespace.clone().context("a pod without a namespace")?,
                        metadata.name.clone().context("a pod without a name")?,
                    ));
                }
                let mut object = serde_json::to_value(object)?;
                object["apiVersion"] = json!(resource.api_version);
                object["kind"] = json!(resource.kind);
                objects.push(object);
            }
            harness::load(client, objects).await;
            page.continue_token = list.metadata.continue_.filter(|token| !token.is_empty());
            if page.continue_token.is_none() {
                break;
            }
        }
    }
    Ok(pods)
}

/// Changes the states of so many pods, another reason each time.
async fn change(client: &Client, pods: &[(String, String)], count: usize) -> anyhow::Result<()> {
    let step = pods.len() / count;
    let changes = (0..count).map(|number| {
        let (namespace, name) = pods[number * step].clone();
        let client = client.clone();
        async move {
            let pods: Api<DynamicObject> = Api::namespaced_with(
                client,
                &namespace,
                &ApiResource::erase::<k8s_openapi::api::core::v1::Pod>(&()),
            );
            let now = pods.get(&name).await?;
            let reason = if now.data["status"]["reason"] == "Evicted" { "NodeLost" } else { "Evicted" };
            let patch: Value = json!({ "status": { "reason": reason } });
            pods.patch_status(&name, &PatchParams::default(), &Patch::Merge(patch)).await?;
            anyhow::Ok(())
        }
    });
    stream::iter(changes).buffer_unordered(WRITERS).try_collect().await
}
