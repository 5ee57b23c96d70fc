//! Pods.

mod containers;
mod object;
mod resources;
mod scheduling;
mod spec;
mod status;
mod volumes;

pub use object::{
    Container, ContainerState, ContainerStatus, LastState, Pod, PodCondition, PodIp, PodResourceClaim,
    PodResourceClaimStatus, PodSpec, PodStatus, ResourceRequirements, Running, Terminated, Toleration,
    Waiting,
};
pub use volumes::{ClaimSource, EphemeralSource, Volume, VolumeSource};

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
};
use containers::{Init, Main};

type Family<const N: usize = 0> = crate::exposition::Family<Pod, N>;

impl Resource for Pod {
    const NAMES: Names = Names { kind: "Pod", plural: "pods", group: "", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("pod"), Identity::UID];
    const FAMILIES: Families<Self> = FAMILIES;

    fn node(&self) -> Option<&str> {
        Some(&self.spec.node_name)
    }
}

const FAMILIES: Families<Pod> = &[
    &status::COMPLETION_TIME,
    &containers::INFO,
    &resources::limits::<Main>("kube_pod_container_resource_limits").stable(),
    &resources::requests::<Main>("kube_pod_container_resource_requests").stable(),
    &containers::state_started::<Main>("kube_pod_container_state_started").stable(),
    &containers::last_terminated_reason::<Main>("kube_pod_container_status_last_terminated_reason"),
    &containers::last_terminated_exitcode::<Main>("kube_pod_container_status_last_terminated_exitcode"),
    &containers::last_terminated_timestamp::<Main>("kube_pod_container_status_last_terminated_timestamp"),
    &containers::ready::<Main>("kube_pod_container_status_ready").stable(),
    &containers::restarts::<Main>("kube_pod_container_status_restarts_total").stable(),
    &containers::running::<Main>("kube_pod_container_status_running").stable(),
    &containers::terminated::<Main>("kube_pod_container_status_terminated").stable(),
    &containers::terminated_reason::<Main>("kube_pod_container_status_terminated_reason"),
    &containers::waiting::<Main>("kube_pod_container_status_waiting").stable(),
    &containers::waiting_reason::<Main>("kube_pod_container_status_waiting_reason").stable(),
    &Family::created("kube_pod_created").stable(),
    &Family::deletion_timestamp("kube_pod_deletion_timestamp"),
    &resources::EFFECTIVE_LIMITS,
    &resources::EFFECTIVE_REQUESTS,
    &spec::INFO,
    &spec::IPS,
    &containers::INIT_INFO,
    &resources::limits::<Init>("kube_pod_init_container_resource_limits"),
    &resources::requests::<Init>("kube_pod_init_container_resource_requests"),
    &containers::state_started::<Init>("kube_pod_init_container_state_started"),
    &containers::last_terminated_reason::<Init>("kube_pod_init_container_status_last_terminated_reason"),
    &containers::last_terminated_exitcode::<Init>("kube_pod_init_container_status_last_terminated_exitcode"),
    &containers::last_terminated_timestamp::<Init>(
        "kube_pod_init_container_status_last_terminated_timestamp",
    ),
    &containers::ready::<Init>("kube_pod_init_container_status_ready").stable(),
    &containers::restarts::<Init>("kube_pod_init_container_status_restarts_total").stable(),
    &containers::running::<Init>("kube_pod_init_container_status_running").stable(),
    &containers::terminated::<Init>("kube_pod_init_container_status_terminated").stable(),
    &containers::terminated_reason::<Init>("kube_pod_init_container_status_terminated_reason"),
    &containers::waiting::<Init>("kube_pod_init_container_status_waiting").stable(),
    &containers::waiting_reason::<Init>("kube_pod_init_container_status_waiting_reason"),
    &Family::annotations("kube_pod_annotations"),
    &Family::labels("kube_pod_labels").stable(),
    &resources::OVERHEAD_CPU,
    &resources::OVERHEAD_MEMORY,
    &Family::owner("kube_pod_owner").stable(),
    &Family::workload("kube_pod_workload"),
    &spec::RESOURCE_CLAIM_INFO,
    &spec::RESTART_POLICY,
    &spec::RUNTIME_CLASS,
    &volumes::CLAIM_INFO,
    &volumes::CLAIM_READ_ONLY,
    &status::START_TIME,
    &status::PHASE,
    &status::QOS_CLASS,
    &status::READY,
    &status::READY_TIME,
    &status::INITIALIZED_TIME,
    &status::CONTAINER_READY_TIME,
    &status::REASON,
    &status::DISRUPTION_REASON,
    &status::SCHEDULED,
    &status::SCHEDULED_TIME,
    &status::UNSCHEDULABLE,
    &status::UNSCHEDULED_TIME,
    &spec::TOLERATIONS,
    &spec::NODE_SELECTORS,
    &spec::SERVICE_ACCOUNT,
    &spec::SCHEDULER,
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Pod, "pods");
}
