//! The metrics are those of the objects that kubectl shows.

use crate::harness::{
    Cluster, Exporter, assert_settles, difference, dump, generated_pods, kinds, load, reference_objects,
    rendered,
};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::{collections::BTreeMap, fs, io::Read as _, time::Duration};

/// More than a page of a list holds.
const PODS: usize = 600;

const SETTLED: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_those_of_the_objects_that_kubectl_prints() {
    let cluster = Cluster::start(&[]).await;
    let objects = reference_objects();
    let loaded = by_kind(&objects);
    load(&cluster.client().await, objects).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    assert_settles(&cluster, &exporter, SETTLED).await;

    let dump = dump(&cluster);
    let list: Value = serde_json::from_slice(&fs::read(&dump).unwrap()).unwrap();
    let there = by_kind(list["items"].as_array().unwrap());
    assert_eq!(loaded.len(), kinds().count());
    for (kind, loaded) in loaded {
        assert!(there[&kind] >= loaded, "{kind}: {} of {loaded} objects are there", there[&kind]);
    }
    let text = rendered(&dump, &[]);

    let headers = [("accept-encoding", "gzip")];
    let gzip = exporter.scrape_as(&headers).await;
    assert_eq!(gzip.headers["content-encoding"], "gzip");
    let mut unpacked = String::new();
    GzDecoder::new(&*gzip.body).read_to_string(&mut unpacked).unwrap();
    assert_eq!(difference(&text, &unpacked), "", "in gzip");

    let headers = [("accept", "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1")];
    let open_metrics = exporter.scrape_as(&headers).await;
    let content_type = open_metrics.headers["content-type"].to_str().unwrap();
    assert!(content_type.starts_with("application/openmetrics-text"), "{content_type}");
    let rendered = rendered(&dump, &["--openmetrics"]);
    assert!(rendered.ends_with("# EOF\n") && open_metrics.text().ends_with("# EOF\n"));
    assert_eq!(difference(&rendered, &open_metrics.text()), "", "in OpenMetrics");
    exporter.stop();
}

/// The number of objects of each kind.
fn by_kind(objects: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for object in objects {
        *counts.entry(object["kind"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_streaming_lists_is_read_in_pages() {
    let cluster = Cluster::start(&["--feature-gates=WatchList=false"]).await;
    let client = cluster.client().await;
    let streaming = "/api/v1/pods?watch=true&sendInitialEvents=true&allowWatchBookmarks=true\
                     &resourceVersionMatch=NotOlderThan&timeoutSeconds=1";
    let refused = client.request_text(http::Request::get(streaming).body(Vec::new()).unwrap()).await;
    assert!(refused.is_err(), "the server streams lists all the same: {refused:?}");

    let mut objects = reference_objects();
    objects.extend(generated_pods(PODS));
    load(&client, objects).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    assert_settles(&cluster, &exporter, SETTLED).await;
    assert!(exporter.self_metric("kstate_resource_objects{resource=\"pods\"}").await.unwrap() > PODS as f64);

    // What was read in pages is followed all the same.
    let scraped = exporter.scrape().await;
    load(&client, generated_pods(PODS + 10).split_off(PODS)).await;
    assert_settles(&cluster, &exporter, SETTLED).await;
    assert_ne!(difference(&scraped, &exporter.scrape().await), "");
    exporter.stop();
}
