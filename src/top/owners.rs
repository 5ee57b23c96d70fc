//! Who runs a pod, as far as the owners in between are held.

use super::{Facts, Held};
use crate::{
    relations::{Subject, workload},
    wire::{LocalObject, ObjectMeta, OwnerReference, Uid, Workload},
};
use std::collections::HashMap;

/// Kinds that stand between a pod and what was deployed.
pub(super) const STEPS: &[&str] = &["jobs", "replicasets", "replicationcontrollers"];

/// Kinds that are deployed, and those in between.
pub(super) const WORKLOADS: &[&str] = &[
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
];

/// The owners of owners.
pub(super) struct Owners<'f>(HashMap<&'f Uid, Option<&'f OwnerReference>>);

impl<'f> Owners<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let jobs = facts.jobs.iter().flat_map(Held::iter).map(|job| job.metadata());
        let sets = facts.replicasets.iter().flat_map(Held::iter).map(|set| set.metadata());
        let controllers = facts.replicationcontrollers.iter().flat_map(Held::iter);
        let all = jobs.chain(sets).chain(controllers.map(|controller| controller.metadata()));
        Self(all.map(|metadata| (&metadata.uid, metadata.controller())).collect())
    }

    /// What somebody has deployed so that there is this object of a kind.
    pub(super) fn workload(&'f self, kind: &'static str, metadata: &'f ObjectMeta) -> Workload {
        let subject = Subject { kind, metadata, node: "" };
        workload(subject, |uid| self.0.get(uid).copied(), &mut |_| {})
    }
}
