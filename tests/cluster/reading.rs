//! Flags of how objects are read.

use crate::harness::{
    Cluster, Exporter, assert_settles, eventually, generated_pods, load, reference_objects,
};
use std::time::Duration;

const SETTLED: Duration = Duration::from_secs(20);
const PODS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_cut_off_and_what_changes_later_is_exported_all_the_same() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, generated_pods(PODS)).await;
    let pods = |text: String| text.lines().filter(|line| line.starts_with("kube_pod_created{")).count();
    for cache in ["false", "true"] {
        let cache = format!("--use-apiserver-cache={cache}");
        let exporter = Exporter::start_ready(&cluster.kubeconfig(), &["--object-limit=20", &cache]).await;
        assert_eq!(pods(exporter.scrape().await), 20, "{cache}");
        for (series, value) in [
            ("kube_state_metrics_list_objects{resource=\"*v1.Pod\"}", 20.0),
            ("kube_state_metrics_list_objects_limit{resource=\"*v1.Pod\"}", 20.0),
            ("kube_state_metrics_list_objects{resource=\"*v1.Node\"}", 0.0),
        ] {
            assert_eq!(exporter.self_metric(series).await, Some(value), "{series}");
        }
        let mut new = generated_pods(1);
        new[0]["metadata"]["name"] = serde_json::json!(format!("new-{}", &cache[23..]));
        load(&client, new).await;
        eventually("a pod beyond the limit", SETTLED, async || {
            let pods = pods(exporter.scrape().await);
            if pods == 21 { Ok(()) } else { Err(format!("{pods} pods")) }
        })
        .await;
        exporter.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_cache_is_read_as_a_stream_and_in_pages() {
    for flags in [&[][..], &["--feature-gates=WatchList=false"]] {
        let cluster = Cluster::start(flags).await;
        load(&cluster.client().await, reference_objects()).await;
        let exporter = Exporter::start_ready(&cluster.kubeconfig(), &["--use-apiserver-cache", "-v=4"]).await;
        assert_settles(&cluster, &exporter, SETTLED).await;
        let paged = exporter.log().iter().any(|line| line.contains("the set is read in pages"));
        assert_eq!(paged, !flags.is_empty(), "{:#?}", exporter.log());
        exporter.stop();
    }
}
