//! A kind that the server doesn't serve.

use crate::harness::{Cluster, Exporter, eventually};
use kstate::catalog::KINDS;
use std::time::Duration;

/// Which kinds are served is looked up every minute at most, and twice where the server is away for
/// the first time.
const JOINED: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_served_is_said_once_and_holds_up_nothing() {
    let mut cluster = Cluster::start(&["--runtime-config=batch/v1=false"]).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    let missing: Vec<&str> =
        KINDS.iter().filter(|kind| kind.names.group == "batch").map(|kind| kind.names.plural).collect();
    assert!(missing.contains(&"jobs"));
    for kind in KINDS.iter().map(|kind| kind.names.plural) {
        let missing = missing.contains(&kind);
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
    assert_eq!(warnings.len(), missing.len(), "{log:#?}");
    assert!(warnings.iter().all(|line| line.contains("The server does not serve this kind")), "{log:#?}");
    assert!(warnings.iter().all(|line| line.contains("batch")), "{log:#?}");
    for kind in &missing {
        assert_eq!(
            warnings.iter().filter(|line| line.contains(&format!("\"{kind}\""))).count(),
            1,
            "{log:#?}"
        );
    }

    cluster.restart_apiserver(&[]).await;
    for kind in &missing {
        eventually("the kind that is served now", JOINED, async || {
            let series = format!("kstate_resource_complete{{resource=\"{kind}\"}}");
            let complete = exporter.self_metric(&series).await;
            if complete == Some(1.0) { Ok(()) } else { Err(exporter.log().join("\n")) }
        })
        .await;
    }
    let said = |text: &str| exporter.log().iter().filter(|line| line.contains(text)).count();
    assert_eq!(said("The server does not serve this kind"), missing.len());
    assert_eq!(said("The server serves this kind now"), missing.len());
    exporter.stop();
}
