//! `StatefulSets`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<StatefulSet>;

crate::wire! {
    /// `apps.v1.StatefulSet`, reduced.
    pub struct StatefulSet {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: StatefulSetSpec = 2,
        /// What the controller observes.
        status: StatefulSetStatus = 3,
    }

    /// `apps.v1.StatefulSetSpec`, reduced.
    pub struct StatefulSetSpec {
        /// Number of pods.
        replicas: Option<i32> = 1,
        /// What becomes of the claims. Empty where the author left it open.
        persistent_volume_claim_retention_policy: RetentionPolicy = 10,
        /// How the pods are numbered.
        ordinals: Option<Ordinals> = 11,
    }

    /// `apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy`.
    pub struct RetentionPolicy {
        /// `Retain` or `Delete`.
        when_deleted: Atom = 1,
        /// `Retain` or `Delete`.
        when_scaled: Atom = 2,
    }

    /// `apps.v1.StatefulSetOrdinals`.
    pub struct Ordinals {
        /// The first pod's number.
        start: i32 = 1,
    }

    /// `apps.v1.StatefulSetStatus`, reduced. All integers but the generation are numbers of pods.
    pub struct StatefulSetStatus {
        /// The state of the specification that this status is about.
        observed_generation: i64 = 1,
        /// Those that exist.
        replicas: i32 = 2,
        /// Those that are ready.
        ready_replicas: i32 = 3,
        /// Those of the current revision.
        current_replicas: i32 = 4,
        /// Those of the update revision.
        updated_replicas: i32 = 5,
        /// The revision that an update starts from.
        current_revision: Box<str> = 6,
        /// The revision that an update leads to.
        update_revision: Box<str> = 7,
        /// Those that have been ready for long enough.
        available_replicas: i32 = 11,
    }
}
crate::local_object!(StatefulSet);

impl Resource for StatefulSet {
    const NAMES: Names =
        Names { kind: "StatefulSet", plural: "statefulsets", group: "apps", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("statefulset")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<StatefulSet> = &[
    &Family::created("kube_statefulset_created").stable(),
    &Family::gauge("kube_statefulset_status_replicas", "Number of pods that the StatefulSet has.")
        .stable()
        .samples(|set, out| out.value(set.status.replicas)),
    &Family::gauge(
        "kube_statefulset_status_replicas_available",
        "Number of pods that have been ready for at least minReadySeconds.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.available_replicas)),
    &Family::gauge(
        "kube_statefulset_status_replicas_current",
        "Number of pods that are of the StatefulSet's current revision.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.current_replicas)),
    &Family::gauge("kube_statefulset_status_replicas_ready", "Number of pods that are ready.")
        .stable()
        .samples(|set, out| out.value(set.status.ready_replicas)),
    &Family::gauge(
        "kube_statefulset_status_replicas_updated",
        "Number of pods that are of the StatefulSet's update revision.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.updated_replicas)),
    &Family::gauge(
        "kube_statefulset_status_observed_generation",
        "Generation of the StatefulSet that its controller has last seen.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.observed_generation)),
    &Family::gauge("kube_statefulset_replicas", "Number of pods that the StatefulSet shall have.")
        .stable()
        .appears("where spec.replicas is set")
        .samples(|set, out| out.value(set.spec.replicas)),
    &Family::gauge("kube_statefulset_ordinals_start", "Number that the StatefulSet's first pod has.")
        .stable()
        .appears("where spec.ordinals is set")
        .samples(|set, out| out.value(set.spec.ordinals.as_ref().map(|ordinals| ordinals.start))),
    &Family::generation("kube_statefulset_metadata_generation").stable(),
    &Family::gauge(
        "kube_statefulset_persistentvolumeclaim_retention_policy",
        "What becomes of the pods' claims when the StatefulSet is deleted or scaled down.",
    )
    .stable()
    .appears("where one of the two is set")
    .labels(["when_deleted", "when_scaled"])
    .samples(|set, out| {
        let policy = &set.spec.persistent_volume_claim_retention_policy;
        if *policy != RetentionPolicy::default() {
            out.one([&policy.when_deleted, &policy.when_scaled]);
        }
    }),
    &Family::annotations("kube_statefulset_annotations").stable(),
    &Family::labels("kube_statefulset_labels").stable(),
    &Family::gauge(
        "kube_statefulset_status_current_revision",
        "Revision that the StatefulSet's update starts from.",
    )
    .stable()
    .labels(["revision"])
    .samples(|set, out| out.one([&set.status.current_revision])),
    &Family::gauge(
        "kube_statefulset_status_update_revision",
        "Revision that the StatefulSet's update leads to.",
    )
    .stable()
    .labels(["revision"])
    .samples(|set, out| out.one([&set.status.update_revision])),
    &Family::deletion_timestamp("kube_statefulset_deletion_timestamp").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::StatefulSet, "statefulsets");
}
