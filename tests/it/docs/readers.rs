//! Who reads a family.

use crate::contract;
use std::{collections::BTreeMap, fmt::Write as _};

/// The readers by name, with where they are to be found.
pub(super) const READERS: &[(&str, &str)] = &[
    ("kubernetes-mixin", "https://github.com/kubernetes-monitoring/kubernetes-mixin"),
    ("kube-prometheus", "https://github.com/prometheus-operator/kube-prometheus"),
    ("kube-prometheus-stack", "https://github.com/prometheus-community/helm-charts"),
    ("kube-state-metrics-mixin", "https://github.com/kubernetes/kube-state-metrics"),
    ("grafana-dashboards-kubernetes", "https://github.com/dotdc/grafana-dashboards-kubernetes"),
    ("k8s-monitoring", "https://github.com/grafana/k8s-monitoring-helm"),
    ("Kubecost", "https://github.com/kubecost"),
    ("OpenCost", "https://github.com/opencost/opencost"),
    ("KEDA", "https://github.com/kedacore/keda"),
];

/// Alerts, rules and dashboards that others ship as they are, and who does.
const ORIGINALS: &[&str] = &["kubernetes-mixin", "kube-state-metrics-mixin"];
const COPIES: &[&str] = &["kube-prometheus", "kube-prometheus-stack"];

/// What is shown of readers that do: how it begins in the contract, one of it, many, and a heading.
const SORTS: &[(&str, &str, &str, &str)] = &[
    ("alert ", "alert", "alerts", "Alerts"),
    ("rule ", "rule", "rules", "Rules"),
    ("dashboard ", "dashboard", "dashboards", "Dashboards"),
];

/// The readers of all families.
pub(super) struct Readers(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Readers {
    pub(super) fn new() -> Self {
        let consumed = contract::consumed().into_iter();
        let mut readers: BTreeMap<_, _> = consumed.map(|c| (c.family, c.read_by)).collect();
        for by in readers.values_mut() {
            for name in by.keys() {
                assert!(READERS.iter().any(|(known, _)| known == name), "{name} is no known reader");
            }
            if ORIGINALS.iter().any(|original| by.contains_key(*original)) {
                by.retain(|name, _| !COPIES.contains(&&**name));
            }
        }
        Self(readers)
    }

    /// How many there are of each sort.
    pub(super) fn in_short(&self, family: &str) -> String {
        let Some(by) = self.0.get(family) else { return String::new() };
        let mut parts: Vec<String> = Vec::new();
        for (begin, one, many, _) in SORTS {
            let number = by.values().flatten().filter(|place| place.starts_with(begin)).count();
            if number > 0 {
                parts.push(format!("{number} {}", if number == 1 { one } else { many }));
            }
        }
        parts.extend(silent(by));
        parts.join(", ")
    }

    /// A list item for each sort.
    pub(super) fn in_full(&self, family: &str) -> String {
        let Some(by) = self.0.get(family) else { return String::new() };
        let mut text = String::new();
        for (begin, _, _, heading) in SORTS {
            let of_reader = |(reader, places): (&String, &Vec<String>)| {
                let places: Vec<String> = places
                    .iter()
                    .filter_map(|place| place.strip_prefix(begin))
                    .map(|place| format!("`{place}`"))
                    .collect();
                (!places.is_empty()).then(|| format!("{} ({reader})", places.join(", ")))
            };
            let found: Vec<String> = by.iter().filter_map(of_reader).collect();
            if !found.is_empty() {
                let _ = writeln!(text, "- {heading}: {}", found.join("; "));
            }
        }
        let silent = silent(by);
        if !silent.is_empty() {
            let _ = writeln!(text, "- Read by {}", silent.join(", "));
        }
        text
    }
}

/// Readers of which nothing more is known.
fn silent(by: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    by.iter().filter(|(_, places)| places.is_empty()).map(|(reader, _)| reader.clone()).collect()
}
