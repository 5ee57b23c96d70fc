//! `DaemonSets`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<DaemonSet>;

crate::wire! {
    /// `apps.v1.DaemonSet`, reduced.
    pub struct DaemonSet {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the controller observes.
        status: DaemonSetStatus = 3,
    }

    /// `apps.v1.DaemonSetStatus`, reduced. All but the generation are numbers of nodes.
    pub struct DaemonSetStatus {
        /// Those that run a pod and shall.
        current_number_scheduled: i32 = 1,
        /// Those that run a pod and shall not.
        number_misscheduled: i32 = 2,
        /// Those that shall run a pod.
        desired_number_scheduled: i32 = 3,
        /// Those that shall run a pod and have a ready one.
        number_ready: i32 = 4,
        /// The state of the specification that this status is about.
        observed_generation: i64 = 5,
        /// Those whose pod is of the newest template.
        updated_number_scheduled: i32 = 6,
        /// Those that shall run a pod and have had a ready one for long enough.
        number_available: i32 = 7,
        /// Those that shall run a pod and have no available one.
        number_unavailable: i32 = 8,
    }
}
crate::local_object!(DaemonSet);

impl Resource for DaemonSet {
    const NAMES: Names =
        Names { kind: "DaemonSet", plural: "daemonsets", group: "apps", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("daemonset")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<DaemonSet> = &[
    &Family::created("kube_daemonset_created").stable(),
    &Family::gauge(
        "kube_daemonset_status_current_number_scheduled",
        "Number of nodes that run a pod of the DaemonSet and are meant to.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.current_number_scheduled)),
    &Family::gauge(
        "kube_daemonset_status_desired_number_scheduled",
        "Number of nodes that are meant to run a pod of the DaemonSet.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.desired_number_scheduled)),
    &Family::gauge(
        "kube_daemonset_status_number_available",
        "Number of nodes that are meant to run a pod of the DaemonSet and have an available one.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.number_available)),
    &Family::gauge(
        "kube_daemonset_status_number_misscheduled",
        "Number of nodes that run a pod of the DaemonSet and are not meant to.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.number_misscheduled)),
    &Family::gauge(
        "kube_daemonset_status_number_ready",
        "Number of nodes that are meant to run a pod of the DaemonSet and have a ready one.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.number_ready)),
    &Family::gauge(
        "kube_daemonset_status_number_unavailable",
        "Number of nodes that are meant to run a pod of the DaemonSet and have no available one.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.number_unavailable)),
    &Family::gauge(
        "kube_daemonset_status_observed_generation",
        "Generation of the DaemonSet that its controller has last seen.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.observed_generation)),
    &Family::gauge(
        "kube_daemonset_status_updated_number_scheduled",
        "Number of nodes whose pod of the DaemonSet is of the newest template.",
    )
    .stable()
    .samples(|set, out| out.value(set.status.updated_number_scheduled)),
    &Family::generation("kube_daemonset_metadata_generation").stable(),
    &Family::deletion_timestamp("kube_daemonset_deletion_timestamp"),
    &Family::annotations("kube_daemonset_annotations"),
    &Family::labels("kube_daemonset_labels").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::DaemonSet, "daemonsets");
}
