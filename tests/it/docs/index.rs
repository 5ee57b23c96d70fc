//! The index by area.

use super::{readers::READERS, table};
use crate::contract;
use kstate::catalog::{KINDS, families};
use std::{collections::BTreeSet, fmt::Write as _};

/// Every kind at its place in the index, with what its families tell. The test below holds it
/// complete.
const AREAS: &[(&str, &[(&str, &str)])] = &[
    (
        "Pods",
        &[("pods", "phase, conditions, containers and their ends, requests and limits, volumes, owners")],
    ),
    (
        "Workloads",
        &[
            ("deployments", "wanted and available pods, conditions, rolling updates"),
            ("statefulsets", "wanted and available pods, revisions"),
            ("daemonsets", "wanted, running and misplaced pods"),
            ("replicasets", "wanted and ready pods, owners"),
            ("replicationcontrollers", "wanted and ready pods, owners"),
            ("jobs", "pods that run, succeeded and failed, beginning and end"),
            ("cronjobs", "schedules, last and next activation"),
            ("horizontalpodautoscalers", "limits, targets, current and wanted replicas"),
        ],
    ),
    (
        "Nodes and cluster",
        &[
            ("nodes", "system, capacity, conditions, taints, addresses"),
            ("namespaces", "phase and conditions"),
            ("leases", "holders and their last renewal"),
        ],
    ),
    (
        "Storage",
        &[
            ("persistentvolumeclaims", "phase, requested storage, class and volume"),
            ("persistentvolumes", "phase, capacity, source and claim"),
            ("storageclasses", "provisioner and policies"),
            ("volumeattachments", "what is attached to which node"),
        ],
    ),
    (
        "Network",
        &[
            ("services", "type and addresses"),
            ("endpoints", "addresses and ports behind a Service"),
            ("endpointslices", "endpoints and ports behind a Service"),
            ("ingresses", "hosts, paths and certificates"),
            ("ingressclasses", "controllers"),
            ("networkpolicies", "numbers of rules"),
        ],
    ),
    (
        "Policy and quota",
        &[
            ("poddisruptionbudgets", "healthy and needed pods, disruptions that are allowed"),
            ("resourcequotas", "limits and use"),
            ("limitranges", "smallest, largest and default amounts"),
        ],
    ),
    ("Configuration", &[("configmaps", "existence and version"), ("secrets", "type, existence and version")]),
    (
        "Security",
        &[
            ("serviceaccounts", "accounts and their tokens' mounting"),
            ("roles", "existence and version"),
            ("rolebindings", "which role is bound"),
            ("clusterroles", "existence and version"),
            ("clusterrolebindings", "which role is bound"),
            ("certificatesigningrequests", "conditions and certificates"),
        ],
    ),
    (
        "Admission",
        &[
            ("mutatingwebhookconfigurations", "webhooks and the services that they call"),
            ("validatingwebhookconfigurations", "webhooks and the services that they call"),
            ("mutatingadmissionpolicies", "policies and their versions"),
            ("mutatingadmissionpolicybindings", "which policy is bound to what"),
            ("validatingadmissionpolicies", "policies and their versions"),
            ("validatingadmissionpolicybindings", "which policy is bound to what"),
        ],
    ),
];

#[test]
fn every_kind_has_a_place() {
    let placed: Vec<&str> =
        AREAS.iter().flat_map(|(_, kinds)| kinds.iter().map(|(plural, _)| *plural)).collect();
    let known: BTreeSet<String> = contract::kinds().into_iter().map(|kind| kind.resource).collect();
    let known: BTreeSet<&str> =
        known.iter().map(String::as_str).chain(KINDS.iter().map(|kind| kind.names.plural)).collect();
    let distinct: BTreeSet<&str> = placed.iter().copied().collect();
    let other: Vec<&&str> = distinct.symmetric_difference(&known).collect();
    assert!(other.is_empty(), "without a place in AREAS, or there without being a kind: {other:?}");
    assert_eq!(placed.len(), known.len(), "a kind has two places");
}

/// The index.
pub(super) fn page() -> String {
    let all: usize = KINDS.iter().map(|kind| families(kind).len()).sum();
    let by_default = KINDS.iter().filter(|kind| kind.default).count();
    let mut text = format!(
        "# Metrics

{all} families of {} kinds, {by_default} of them exported by default. In a terminal, `kstate metrics` lists them, and
`kstate metrics --resources=pods --format=json` does so for programs.

Beside them: the [flags](flags.md), the [configuration file](configuration.md), the [HTTP endpoints](http.md), the [exporter's own metrics](self-metrics.md),
[what its alerts mean](runbook.md), [workloads and injected labels](relations.md), [`kstate top`](top.md), [the resource metrics API](resource-metrics-api.md), [what to request](sizing.md), [where kstate differs](differences.md) from kube-state-metrics and [how to come from there](migrating.md).

",
        KINDS.len()
    );
    for (area, kinds) in AREAS {
        let rows: Vec<[String; 4]> = kinds.iter().filter_map(|(plural, tells)| row(plural, tells)).collect();
        if !rows.is_empty() {
            let _ = writeln!(text, "## {area}\n");
            text += &table(["kind", "families", "exported", "what they tell"], rows);
            text.push('\n');
        }
    }
    text += "## How to read the pages

- **stable** families keep their name, type and labels; **alpha** ones may change with kube-state-metrics.
- A kind **on request** is exported where `--resources` names it, a family where `--metric-opt-in-list` matches it.
- A label such as `label_*` stands for any number of labels that begin so.
- Examples are real output for the objects that the tests render, odd ones among them.
- Readers are known alerts, recording rules, dashboards and tools. kube-prometheus and kube-prometheus-stack
  ship those of the two mixins, which are named in their place.

## Readers

";
    for (name, address) in READERS {
        let _ = writeln!(text, "- [{name}]({address})");
    }
    text
}

fn row(plural: &str, tells: &str) -> Option<[String; 4]> {
    let kind = KINDS.iter().find(|kind| kind.names.plural == plural)?;
    let exported = if kind.default { "by default" } else { "on request" };
    let number = families(kind).len().to_string();
    Some([format!("[`{plural}`]({plural}.md)"), number, exported.to_owned(), tells.to_owned()])
}
