//! `ReplicationControllers`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<ReplicationController>;

crate::wire! {
    /// `v1.ReplicationController`, reduced.
    pub struct ReplicationController {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ReplicationControllerSpec = 2,
        /// What the controller observes.
        status: ReplicationControllerStatus = 3,
    }

    /// `v1.ReplicationControllerSpec`, reduced.
    pub struct ReplicationControllerSpec {
        /// Number of pods.
        replicas: Option<i32> = 1,
    }

    /// `v1.ReplicationControllerStatus`, reduced. All but the generation are numbers of pods.
    pub struct ReplicationControllerStatus {
        /// Those that don't terminate.
        replicas: i32 = 1,
        /// Those that have all labels of the template.
        fully_labeled_replicas: i32 = 2,
        /// The state of the specification that this status is about.
        observed_generation: i64 = 3,
        /// Those that are ready.
        ready_replicas: i32 = 4,
        /// Those that have been ready for long enough.
        available_replicas: i32 = 5,
    }
}
crate::local_object!(ReplicationController);

impl Resource for ReplicationController {
    const NAMES: Names = Names {
        kind: "ReplicationController",
        plural: "replicationcontrollers",
        group: "",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("replicationcontroller")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ReplicationController> = &[
    &Family::created("kube_replicationcontroller_created").stable(),
    &Family::gauge(
        "kube_replicationcontroller_status_replicas",
        "Number of pods that the ReplicationController has.",
    )
    .stable()
    .samples(|controller, out| out.value(controller.status.replicas)),
    &Family::gauge(
        "kube_replicationcontroller_status_fully_labeled_replicas",
        "Number of pods that have all labels of the ReplicationController's template.",
    )
    .stable()
    .samples(|controller, out| out.value(controller.status.fully_labeled_replicas)),
    &Family::gauge("kube_replicationcontroller_status_ready_replicas", "Number of pods that are ready.")
        .stable()
        .samples(|controller, out| out.value(controller.status.ready_replicas)),
    &Family::gauge(
        "kube_replicationcontroller_status_available_replicas",
        "Number of pods that have been ready for at least minReadySeconds.",
    )
    .stable()
    .samples(|controller, out| out.value(controller.status.available_replicas)),
    &Family::gauge(
        "kube_replicationcontroller_status_observed_generation",
        "Generation of the ReplicationController that its controller has last seen.",
    )
    .stable()
    .samples(|controller, out| out.value(controller.status.observed_generation)),
    &Family::gauge(
        "kube_replicationcontroller_spec_replicas",
        "Number of pods that the ReplicationController shall have.",
    )
    .stable()
    .appears("where that number is set")
    .samples(|controller, out| out.value(controller.spec.replicas)),
    &Family::generation("kube_replicationcontroller_metadata_generation").stable(),
    &Family::owner("kube_replicationcontroller_owner"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ReplicationController, "replicationcontrollers");
}
