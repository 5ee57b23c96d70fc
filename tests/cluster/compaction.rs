//! The exporter is cut off for so long that its watches cannot be resumed.

use crate::harness::{
    ADMIN, Cluster, Exporter, ScrapeLoop, TcpProxy, api, assert_settles, generated_pods, kinds, load,
    reference_objects,
};
use kube::{
    Client,
    api::{DeleteParams, ListParams},
};
use std::time::Duration;

/// Objects that go away while the exporter is cut off.
const LEAVING: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_compaction_all_is_read_again_and_nothing_is_lost_meanwhile() {
    let mut cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    let proxy = TcpProxy::start(cluster.port()).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig_through(proxy.port(), ADMIN), &[]).await;
    assert_settles(&cluster, &exporter, Duration::from_secs(20)).await;
    // These are not among the objects that every scrape must have.
    let scraping = ScrapeLoop::start(&exporter).await;
    load(&client, generated_pods(LEAVING)).await;
    assert_settles(&cluster, &exporter, Duration::from_secs(20)).await;
    let version = newest_version(&client).await;

    proxy.hold();
    for pod in 0..LEAVING {
        let name = format!("generated-{pod:05}");
        api(&client, "pods", "default").delete(&name, &DeleteParams::default()).await.unwrap();
    }
    load(&client, generated_pods(2 * LEAVING).split_off(LEAVING)).await;
    cluster.compact_etcd().await;
    // The server's own memory of changes goes with it, else it would bridge the compaction.
    cluster.kill_apiserver();
    cluster.start_apiserver().await;
    assert_watch_is_gone(&cluster.client().await, &version).await;
    // For a while all goes on as if nothing had happened.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let relists = "kstate_resource_relists_total{resource=\"pods\"}";
    assert_eq!(exporter.self_metric(relists).await, Some(0.0));
    proxy.release();

    assert_settles(&cluster, &exporter, Duration::from_mins(1)).await;
    scraping.stop().await;
    assert!(exporter.self_metric(relists).await >= Some(1.0), "the pods were not read again");
    for kind in kinds() {
        let complete =
            exporter.self_metric(&format!("kstate_resource_complete{{resource=\"{kind}\"}}")).await;
        assert_eq!(complete, Some(1.0), "{kind}");
    }
    exporter.stop();
}

async fn newest_version(client: &Client) -> String {
    let pods = api(client, "pods", "").list(&ListParams::default()).await.unwrap();
    pods.metadata.resource_version.unwrap()
}

/// Makes sure that the server refuses to resume, without which the test would say nothing.
async fn assert_watch_is_gone(client: &Client, version: &str) {
    let watch = format!("/api/v1/pods?watch=true&resourceVersion={version}&timeoutSeconds=1");
    let answer = client.request_text(http::Request::get(watch).body(Vec::new()).unwrap()).await;
    let gone = match &answer {
        Ok(events) => events.contains("\"code\":410"),
        Err(kube::Error::Api(status)) => status.code == 410,
        Err(_) => false,
    };
    assert!(gone, "a watch from {version} is not refused: {answer:?}");
}
