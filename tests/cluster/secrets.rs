//! What is in Secrets stays on the server.

use crate::harness::{Cluster, Exporter, assert_settles, eventually, holds};
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use std::time::Duration;

const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const SECRETS: usize = 40;
const SETTLED: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_secrets_never_comes_into_the_exporters_memory() {
    search_memory(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_it_where_secrets_are_read_in_pages() {
    search_memory(&["--feature-gates=WatchList=false"]).await;
}

async fn search_memory(flags: &[&str]) {
    let cluster = Cluster::start(flags).await;
    let client = cluster.client().await;
    let [data, name, later] = [(); 3].map(|()| marker());
    for number in 0..SECRETS {
        create(&client, &format!("{name}-{number}"), &data, json!({})).await;
    }
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    // Changes come another way than the list.
    create(&client, &later, &data, json!({})).await;
    let patch = Patch::Merge(json!({ "stringData": { "more": data } }));
    secrets(&client).patch(&format!("{name}-0"), &PatchParams::default(), &patch).await.unwrap();
    assert_settles(&cluster, &exporter, SETTLED).await;
    let scraped = exporter.scrape().await;
    let typed = scraped.lines().filter(|line| line.starts_with("kube_secret_type{"));
    assert_eq!(typed.filter(|line| line.contains("type=\"example.com/test\"")).count(), SECRETS + 1);

    let process = exporter.id();
    for known in [&name, &later] {
        assert!(holds(process, known), "the search doesn't even find the names");
    }
    let in_base64 = serde_json::to_string(&ByteString(data.clone().into_bytes())).unwrap();
    for secret in [&data, in_base64.trim_matches('"')] {
        assert!(!holds(process, secret), "{secret} came into the process");
    }
    exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubectl_applied_is_shown_only_where_it_is_asked_for_by_name() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let (data, shown) = (marker(), marker());
    create(&client, "applied", "", json!({ APPLIED: format!("{{\"data\":\"{data}\"}}"), "team": shown }))
        .await;
    for (keys, applied, team) in
        [("*", false, true), ("kubectl*,*configuration,team", false, true), (APPLIED, true, false)]
    {
        let allowed = format!("--metric-annotations-allowlist=secrets=[{keys}]");
        let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[&allowed]).await;
        let scraped = exporter.scrape().await;
        assert_eq!(scraped.contains(&data), applied, "{keys}");
        assert_eq!(scraped.contains(&shown), team, "{keys}");
        exporter.stop();
    }
}

/// A text that is nowhere else.
fn marker() -> String {
    // Its length is a multiple of three, so that it is the same in any base64.
    format!("m{:032x}", rand::random::<u128>())
}

fn secrets(client: &Client) -> Api<Secret> {
    Api::namespaced(client.clone(), "default")
}

async fn create(client: &Client, name: &str, data: &str, annotations: Value) {
    let secret = json!({
        "metadata": { "name": name, "annotations": annotations },
        "type": "example.com/test",
        "stringData": { "password": data },
    });
    let secret: Secret = serde_json::from_value(secret).unwrap();
    // The namespace is made by the server a moment after its start.
    eventually("the namespace default", SETTLED, async || {
        secrets(client).create(&PostParams::default(), &secret).await.map_err(|error| error.to_string())
    })
    .await;
}
