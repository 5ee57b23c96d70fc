//! What kube-state-metrics has and what reads it, as facts; no tests of its own.
//!
//! `families.json` holds every family of kube-state-metrics 2.20, `consumers.json` the alerts,
//! rules, dashboards and cost tools that read them, with what they match on.

use kstate::catalog::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Kinds that kube-state-metrics doesn't have, by their plural names. They are served on request
/// only; all their families are ours.
const OUR_KINDS: &[&str] = &[];

/// Families that kube-state-metrics doesn't have, of kinds that it has. They are served on request
/// only.
pub(crate) const OUR_FAMILIES: &[&str] = &[
    "kube_job_workload",
    "kube_pod_effective_resource_limits",
    "kube_pod_effective_resource_requests",
    "kube_pod_workload",
    "kube_replicaset_workload",
];

/// A kind of the contract.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractKind {
    /// The plural name.
    pub(crate) resource: String,
    /// Group and version.
    pub(crate) api_version: String,
    /// True where objects live in namespaces.
    pub(crate) namespaced: bool,
    /// False for kinds that are served on request only.
    pub(crate) default: bool,
    /// The families in the order of their exposition.
    pub(crate) families: Vec<ContractFamily>,
}

/// A family of the contract.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractFamily {
    /// The metric's name.
    pub(crate) name: String,
    /// `gauge` or `counter`.
    pub(crate) r#type: String,
    /// Whether it is promised not to change.
    pub(crate) stable: bool,
    /// Whether it is served on request only.
    #[serde(default)]
    pub(crate) opt_in: bool,
    /// The release since which it is deprecated.
    #[serde(default)]
    pub(crate) deprecated: Option<String>,
    /// All labels in their order; `label_*` for those known at run time.
    pub(crate) labels: Vec<String>,
}

/// A family that something reads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consumed {
    /// The metric's name.
    pub(crate) family: String,
    /// The labels that are matched on or shown.
    pub(crate) labels: Vec<String>,
    /// The values that are matched on, by label; names that a user chooses are left out.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, Vec<String>>,
    /// Families whose samples are matched one to one with those of this one.
    #[serde(default)]
    pub(crate) same_labels_as: Vec<String>,
    /// By consumer where it is read, such as `alert KubePodNotReady`; nothing where the consumer
    /// reads it in its own code or only keeps it.
    pub(crate) read_by: BTreeMap<String, Vec<String>>,
}

/// The families of kube-state-metrics.
pub(crate) fn kinds() -> Vec<ContractKind> {
    serde_json::from_str(include_str!("contract/families.json")).unwrap()
}

/// Whether kube-state-metrics doesn't have the kind.
pub(crate) fn is_our_kind(kind: &Kind) -> bool {
    OUR_KINDS.contains(&kind.names.plural)
}

/// What is read by known alerts, rules, dashboards and tools.
pub(crate) fn consumed() -> Vec<Consumed> {
    serde_json::from_str(include_str!("contract/consumers.json")).unwrap()
}
