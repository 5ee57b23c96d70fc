//! The page of the exporter's own metrics, from what it serves.

use super::{code, readers::Readers, table};
use crate::{exposition::parse, telemetry};
use std::{collections::BTreeSet, fmt::Write as _};

/// How the metrics' names begin, with what is said of those.
const GROUPS: &[(&str, &str, &str)] = &[
    ("kstate_", "The exporter", "What kstate says of itself and kube-state-metrics doesn't."),
    ("kube_state_metrics_", "As kube-state-metrics", "Under the names that its alerts and dashboards read."),
    ("http_", "Scrapes", "As Prometheus' client library for Go has them."),
    ("process_", "The process", "As Prometheus' client libraries have them."),
];

/// The page.
pub(super) fn page(readers: &Readers) -> String {
    let metrics = metrics(&telemetry::exposition());
    let mut text = "# The exporter's own metrics

Served on the telemetry port, 8081 unless `--telemetry-port` says otherwise, as `/metrics`.

"
    .to_owned();
    let mut shown = 0;
    for (begin, title, said) in GROUPS {
        let of_group: Vec<&Metric> = metrics.iter().filter(|metric| metric.name.starts_with(begin)).collect();
        shown += of_group.len();
        let rows = of_group.iter().map(|metric| {
            [
                format!("`{}`", metric.name),
                metric.r#type.clone(),
                code(&metric.labels),
                metric.help.clone(),
                readers.in_short(&metric.name),
            ]
        });
        let rows: Vec<[String; 5]> = rows.collect();
        let _ = writeln!(text, "## {title}\n\n{said}\n");
        text += &if rows.iter().any(|row| !row[4].is_empty()) {
            table(["metric", "type", "labels", "what it says", "read by"], rows)
        } else {
            let rows = rows
                .into_iter()
                .map(|[name, metric_type, labels, help, _]| [name, metric_type, labels, help]);
            table(["metric", "type", "labels", "what it says"], rows)
        };
        text.push('\n');
    }
    assert_eq!(shown, metrics.len(), "a metric belongs to no group");
    text.truncate(text.trim_end().len());
    text + "\n"
}

struct Metric {
    name: String,
    r#type: String,
    help: String,
    labels: Vec<String>,
}

fn metrics(exposition: &str) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for line in exposition.lines() {
        let described = |keyword| line.strip_prefix(keyword)?.split_once(' ');
        if let Some((name, help)) = described("# HELP ") {
            let (name, help) = (name.to_owned(), help.to_owned());
            metrics.push(Metric { name, r#type: String::new(), help, labels: Vec::new() });
        } else if let Some((_, metric_type)) = described("# TYPE ") {
            metric_type.clone_into(&mut metrics.last_mut().unwrap().r#type);
        }
    }
    // A bucket's bound is part of the type.
    for (metric, parsed) in metrics.iter_mut().zip(parse(exposition)) {
        let labels = parsed.samples.into_iter().flat_map(|sample| sample.labels).map(|(name, _)| name);
        let mut seen = BTreeSet::new();
        metric.labels = labels.filter(|name| name != "le" && seen.insert(name.clone())).collect();
    }
    metrics
}
