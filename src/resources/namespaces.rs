//! Namespaces.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, conditions},
    wire::{Atom, Condition, ObjectMeta},
};

type Family = crate::exposition::Family<Namespace>;

crate::wire! {
    /// `v1.Namespace`, reduced.
    pub struct Namespace {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the cluster observes.
        status: NamespaceStatus = 3,
    }

    /// `v1.NamespaceStatus`, reduced.
    pub struct NamespaceStatus {
        /// `Active` or `Terminating`.
        phase: Atom = 1,
        /// What holds up a deletion, as a rule.
        conditions: Vec<Condition> = 2,
    }
}
crate::local_object!(Namespace);

impl Resource for Namespace {
    const NAMES: Names =
        Names { kind: "Namespace", plural: "namespaces", group: "", version: "v1", namespaced: false };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("namespace")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Namespace> = &[
    &Family::created("kube_namespace_created").stable(),
    &Family::annotations("kube_namespace_annotations"),
    &Family::labels("kube_namespace_labels").stable(),
    &Family::gauge("kube_namespace_status_phase", "Phase of the namespace.")
        .stable()
        .appears("for every object with each of two phases")
        .labels(["phase"])
        .samples(|namespace, out| out.state(&["Active", "Terminating"], &namespace.status.phase)),
    &Family::gauge("kube_namespace_status_condition", "Conditions of the namespace.")
        .appears("for each condition with each of three statuses")
        .labels(["condition", "status"])
        .samples(|namespace, out| conditions(&namespace.status.conditions, out)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Namespace, "namespaces");
}
