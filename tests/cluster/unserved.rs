//! A kind that the server doesn't serve.

use crate::harness::{Cluster, Exporter, KINDS, eventually};
use std::time::Duration;

/// Which kinds are served is looked up every minute at most, and twice where the server is away for
/// the first time.
const JOINED: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_served_is_said_once_and_holds_up_nothing() {
    let mut cluster = Cluster::start(&["--runtime-config=batch/v1=false"]).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    for kind in KINDS {
        let missing = kind == "jobs";
        for (series, expected) in [
            (format!("kstate_resource_state{{resource=\"{kind}\",state=\"not_found\"}}"), missing),
            (format!("kstate_resource_state{{resource=\"{kind}\",state=\"complete\"}}"), !missing),
            (format!("kstate_resource_complete{{resource=\"{kind}\"}}"), !missing),
        ] {
            assert_eq!(exporter.self_metric(&series).await, Some(f64::from(u8::from(expected))), "{series}");
        }
    }
    let scraped = exporter.scrape().await;
    assert!(scraped.contains("kube_namespace_created{") && !scraped.contains("kube_job_"), "{scraped}");
    let log = exporter.log();
    let warnings: Vec<&String> = log.iter().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{log:#?}");
    assert!(warnings[0].contains("The server does not serve this kind"), "{log:#?}");
    assert!(warnings[0].contains("jobs") && warnings[0].contains("batch"), "{log:#?}");

    cluster.restart_apiserver(&[]).await;
    eventually("the kind that is served now", JOINED, async || {
        let complete = exporter.self_metric("kstate_resource_complete{resource=\"jobs\"}").await;
        if complete == Some(1.0) { Ok(()) } else { Err(exporter.log().join("\n")) }
    })
    .await;
    let said = |text: &str| exporter.log().iter().filter(|line| line.contains(text)).count();
    assert_eq!(said("The server does not serve this kind"), 1);
    assert_eq!(said("The server serves this kind now"), 1);
    exporter.stop();
}
