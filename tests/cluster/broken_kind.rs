//! One kind for which the server has nothing but errors.

use crate::harness::{
    ADMIN, ApiProxy, Cluster, Exporter, assert_joins_whole, eventually, get, kinds, load, reference_objects,
    write_kubeconfig,
};
use std::time::{Duration, Instant};

const BROKEN: &str = "statefulsets";
const PATIENCE: Duration = Duration::from_secs(5);
/// Failures are tried again after 30 s at most.
const JOINED: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_kind_holds_up_the_others_only_for_a_while() {
    let cluster = Cluster::start(&[]).await;
    load(&cluster.client().await, reference_objects()).await;
    let proxy = ApiProxy::start(&cluster).await;
    proxy.break_path("/apis/apps/v1/statefulsets");
    let kubeconfig = cluster.folder().join("proxy.kubeconfig");
    write_kubeconfig(&kubeconfig, &proxy.url(), None, ADMIN);

    let started = Instant::now();
    let mut exporter = Exporter::start(&kubeconfig, &["--initial-read-timeout=5s"]);
    let only_it_is_missing = async || {
        let answer = get(&exporter.telemetry_url("/readyz"), &[]).await?;
        let text = answer.text();
        let named = |kind: &&str| text.contains(*kind);
        let missing: Vec<&str> = kinds().filter(named).collect();
        if answer.status == 503 && missing == [BROKEN] { Ok(()) } else { Err(text) }
    };
    eventually("a 503 for the broken kind alone", PATIENCE, only_it_is_missing).await;
    for page in [exporter.url("/metrics"), exporter.telemetry_url("/readyz")] {
        let answer = get(&page, &[]).await.unwrap();
        let text = answer.text();
        assert_eq!(answer.status, 503, "{page}: {text}");
        assert!(text.contains(BROKEN) && text.lines().count() == 1, "{page}: {text}");
    }
    exporter.wait_until_ready(PATIENCE + Duration::from_secs(10)).await;
    assert!(started.elapsed() >= PATIENCE, "ready after {:?}", started.elapsed());

    let scraped = exporter.scrape().await;
    assert!(!scraped.lines().any(|line| line.starts_with("kube_statefulset_")), "half a kind is served");
    for kind in kinds() {
        let complete =
            exporter.self_metric(&format!("kstate_resource_complete{{resource=\"{kind}\"}}")).await;
        assert_eq!(complete, Some(f64::from(u8::from(kind != BROKEN))), "{kind}");
    }
    let failing = format!("kstate_resource_state{{resource=\"{BROKEN}\",state=\"failing\"}}");
    assert_eq!(exporter.self_metric(&failing).await, Some(1.0));

    proxy.mend();
    assert_joins_whole(&cluster, &exporter, "kube_statefulset_created", JOINED).await;
    assert_eq!(exporter.self_metric(&failing).await, Some(0.0));
    exporter.stop();
}
