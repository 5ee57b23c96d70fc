//! `ReplicaSets`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<ReplicaSet>;

crate::wire! {
    /// `apps.v1.ReplicaSet`, reduced.
    pub struct ReplicaSet {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ReplicaSetSpec = 2,
        /// What the controller observes.
        status: ReplicaSetStatus = 3,
    }

    /// `apps.v1.ReplicaSetSpec`, reduced.
    pub struct ReplicaSetSpec {
        /// Number of pods.
        replicas: Option<i32> = 1,
    }

    /// `apps.v1.ReplicaSetStatus`, reduced. All but the generation are numbers of pods.
    pub struct ReplicaSetStatus {
        /// Those that don't terminate.
        replicas: i32 = 1,
        /// Those that have all labels of the template.
        fully_labeled_replicas: i32 = 2,
        /// The state of the specification that this status is about.
        observed_generation: i64 = 3,
        /// Those that are ready.
        ready_replicas: i32 = 4,
        /// Those that terminate, where the server counts them.
        terminating_replicas: Option<i32> = 7,
    }
}
crate::local_object!(ReplicaSet);

impl Resource for ReplicaSet {
    const NAMES: Names =
        Names { kind: "ReplicaSet", plural: "replicasets", group: "apps", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("replicaset")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ReplicaSet> = &[
    &Family::created("kube_replicaset_created").stable(),
    &Family::gauge("kube_replicaset_status_replicas", "Number of pods that the ReplicaSet has.")
        .stable()
        .samples(|set, out| out.value(set.status.replicas)),
    &Family::gauge(
        "kube_replicaset_status_fully_labeled_replicas",
        "Number of pods that have all labels of the ReplicaSet's template.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.fully_labeled_replicas)),
    &Family::gauge("kube_replicaset_status_ready_replicas", "Number of pods that are ready.")
        .stable()
        .samples(|set, out| out.value(set.status.ready_replicas)),
    &Family::gauge(
        "kube_replicaset_status_terminating_replicas",
        "Number of pods that terminate, where the server counts them.",
    )
    .appears("where the server counts terminating pods")
    .samples(|set, out| out.value(set.status.terminating_replicas)),
    &Family::gauge(
        "kube_replicaset_status_observed_generation",
        "Generation of the ReplicaSet that its controller has last seen.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.observed_generation)),
    &Family::gauge("kube_replicaset_spec_replicas", "Number of pods that the ReplicaSet shall have.")
        .stable()
        .appears("where spec.replicas is set")
        .samples(|set, out| out.value(set.spec.replicas)),
    &Family::generation("kube_replicaset_metadata_generation").stable(),
    &Family::owner("kube_replicaset_owner").stable(),
    &Family::workload("kube_replicaset_workload"),
    &Family::annotations("kube_replicaset_annotations"),
    &Family::labels("kube_replicaset_labels").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ReplicaSet, "replicasets");
}
