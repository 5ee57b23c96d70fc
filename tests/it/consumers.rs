//! Known alerts, rules, dashboards and cost tools find what they read.

use crate::{
    contract::{self, Consumed},
    exposition::{Family, parse},
    golden,
    reference::{ALL, unpacked},
    telemetry,
};
use kstate::catalog::{KINDS, families};
use std::collections::{BTreeMap, BTreeSet};

/// Names of kube-state-metrics 1, which consumers ask for beside their successors, or which cost
/// tools and recording rules write themselves.
const FORMER: &[&str] = &[
    "kube_hpa_labels",
    "kube_node_status_allocatable_cpu_cores",
    "kube_node_status_allocatable_memory_bytes",
    "kube_node_status_capacity_cpu_cores",
    "kube_node_status_capacity_memory_bytes",
    "kube_pod_container_resource_limits_cpu_cores",
    "kube_pod_container_resource_limits_memory_bytes",
    "kube_pod_container_resource_requests_cpu_cores",
    "kube_pod_container_resource_requests_memory_bytes",
    "kube_pod_windows_container_resource_cpu_cores_limit",
    "kube_pod_windows_container_resource_cpu_cores_request",
    "kube_pod_windows_container_resource_memory_limit",
    "kube_pod_windows_container_resource_memory_request",
];

/// Values that come from the object as they are, so that they need no sample of ours.
const FREE: &[(&str, &str)] = &[
    ("kube_job_owner", "owner_kind"),
    ("kube_node_role", "role"),
    ("kube_node_spec_taint", "key"),
    ("kube_pod_container_status_waiting_reason", "reason"),
    ("kube_pod_owner", "owner_kind"),
    ("kube_replicaset_owner", "owner_kind"),
    ("kube_resourcequota", "resource"),
];

#[test]
fn every_family_that_is_read_is_there_with_its_labels() {
    let labels = labels();
    let mut wrong = Vec::new();
    for consumed in read() {
        let Some(labels) = labels.get(&consumed.family) else {
            wrong.push(format!("{} is read by {} and missing", consumed.family, readers(&consumed)));
            continue;
        };
        for label in consumed.labels.iter().chain(consumed.values.keys()) {
            let there = labels.iter().any(|known| match known.strip_suffix('*') {
                Some(prefix) => label.starts_with(prefix),
                None => known == label,
            });
            if !there {
                wrong.push(format!("{} lacks {label} for {}", consumed.family, readers(&consumed)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_value_that_is_matched_on_can_be_printed() {
    let printed = printed();
    let mut wrong = Vec::new();
    for consumed in read() {
        for (label, values) in &consumed.values {
            let given = &printed[&(consumed.family.clone(), label.clone())];
            let free = FREE.contains(&(&*consumed.family, label));
            for value in values.iter().filter(|value| !given.contains(*value)) {
                if !free {
                    let readers = readers(&consumed);
                    wrong.push(format!("{}{{{label}=\"{value}\"}} for {readers}", consumed.family));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_matched_one_to_one_has_equal_labels() {
    let labels = labels();
    let mut pairs = 0;
    for consumed in read() {
        for other in &consumed.same_labels_as {
            assert_eq!(labels[&consumed.family], labels[other], "{} and {other}", consumed.family);
            pairs += 1;
        }
    }
    assert!(pairs > 10);
}

/// The command chooses families by who reads them, from a table of its own.
#[test]
fn the_table_of_readers_is_up_to_date() {
    let mut lines: Vec<String> = contract::consumed()
        .iter()
        .map(|consumed| {
            let readers: Vec<&str> = consumed.read_by.keys().map(String::as_str).collect();
            // A reader of which nothing more is known counts as one place.
            let places: usize = consumed.read_by.values().map(|places| places.len().max(1)).sum();
            format!("{} {places} {}\n", consumed.family, readers.join(","))
        })
        .collect();
    lines.sort_unstable();
    expect_test::expect_file!["../../src/config/readers.txt"].assert_eq(&lines.concat());
}

#[test]
fn values_that_are_free_are_matched_on() {
    let consumed = contract::consumed();
    for (family, label) in FREE {
        let known = consumed.iter().any(|c| c.family == *family && c.values.contains_key(*label));
        assert!(known, "nothing matches {label} of {family}");
    }
}

/// What is read of the families that we should have.
fn read() -> Vec<Consumed> {
    let expected = |consumed: &Consumed| !FORMER.contains(&&*consumed.family);
    contract::consumed().into_iter().filter(expected).collect()
}

fn readers(consumed: &Consumed) -> String {
    consumed.read_by.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The labels of every family, in their order, the exporter's own included.
fn labels() -> BTreeMap<String, Vec<String>> {
    let all = KINDS.iter().flat_map(families);
    let mut labels: BTreeMap<String, Vec<String>> =
        all.map(|family| (family.description.name.to_owned(), family.labels)).collect();
    for family in parse(&telemetry::exposition()) {
        let sample = family.samples.into_iter().next().unwrap();
        labels.insert(family.name, sample.labels.into_iter().map(|(name, _)| name).collect());
    }
    labels
}

/// The values that labels have in the golden files and in the recording, by family and label.
fn printed() -> BTreeMap<(String, String), BTreeSet<String>> {
    let golden = KINDS.iter().flat_map(|kind| golden::families(kind.names.plural));
    let mut printed: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for Family { name, samples, .. } in golden.chain(parse(&unpacked(ALL))) {
        for (label, value) in samples.into_iter().flat_map(|sample| sample.labels) {
            printed.entry((name.clone(), label)).or_default().insert(value);
        }
    }
    printed
}
