//! The exporter's own metrics with a sample of each; no tests of its own.

use kstate::telemetry::{
    BudgetReport, CacheReport, KindReport, KindState, ScrapeReport, Telemetry, UsageReport,
};
use std::{path::Path, time::Duration};

/// An exposition in which nothing is left out because it never happened.
pub(crate) fn exposition() -> String {
    let telemetry = Telemetry::new(|| {
        vec![KindReport {
            resource: "pods",
            go_type: "*v1.Pod".to_owned(),
            state: KindState::Complete,
            complete: true,
            objects: 30_000,
            bytes: 35_000_000,
            last_event: Some(1_780_000_000.0),
            lists: (1, 1),
            watches: (4, 1),
            relists: 0,
            decode_errors: 0,
            listed: Some((500, 500)),
        }]
    });
    telemetry.record_scrape(
        "GET",
        ScrapeReport {
            duration: Duration::from_millis(200),
            samples: 1_800_000,
            text_bytes: 313_000_000,
            sent_bytes: 42_000_000,
            cache: CacheReport { hits: 29_000, misses: 800, bytes: 51_000_000 },
            complete: true,
        },
    );
    let left_out = &["kube_pod_tolerations"];
    let budget = BudgetReport { resource: "pods", most: 1_500_000, series: 1_800_000, left_out };
    telemetry.record_budgets(std::iter::once(budget));
    telemetry.record_web_config(Path::new("/etc/kstate/web.yml"), true);
    telemetry.record_config(Path::new("/etc/kstate/kstate.yml"), b"port: 8080");
    telemetry.record_usage_request("success", Duration::from_millis(4));
    telemetry.record_usage_round(UsageReport {
        nodes: 1_000,
        answered: 1_000,
        measured_nodes: 1_000,
        measured_containers: 30_000,
        duration: Duration::from_secs(4),
    });
    telemetry.render()
}
