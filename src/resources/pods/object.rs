//! What is kept of a pod.
//!
//! Lists that the pods of one template have in common are held once, and texts that occur in many
//! pods are interned, so that a pod takes little more than what is its own.

use super::volumes::Volume;
use crate::wire::{
    Atom, ContainerId, Ip, Map, ObjectMeta, Quantity, Rare, Shared, SharedMap, Sifted, Timestamp,
};

crate::wire! {
    /// `v1.Pod`, reduced.
    pub struct Pod {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What was asked for.
        spec: PodSpec = 2,
        /// What the node's kubelet and the scheduler report.
        status: PodStatus = 3,
    } => Pod::drop_settled

    /// `v1.PodSpec`, reduced.
    pub struct PodSpec {
        /// Those that are backed by claims.
        volumes: Sifted<Volume> = 1,
        /// They run to their end, one after the other, before the others start.
        init_containers: Shared<Container> = 20,
        /// The containers proper.
        containers: Shared<Container> = 2,
        /// `Always`, `OnFailure` or `Never`.
        restart_policy: Atom = 3,
        /// Labels that the node must have.
        node_selector: SharedMap = 7,
        /// Whom the pod acts as.
        service_account_name: Atom = 8,
        /// Empty while the pod is unscheduled.
        node_name: Atom = 10,
        /// True where the pod has no network of its own.
        host_network: bool = 11,
        /// The scheduler in charge.
        scheduler_name: Atom = 19,
        /// Taints that don't keep the pod away from a node.
        tolerations: Shared<Toleration> = 22,
        /// The pod's importance, by name.
        priority_class_name: Atom = 24,
        /// How the containers are run, where that was chosen.
        runtime_class_name: Option<Atom> = 29,
        /// What running the pod takes beside its containers.
        overhead: Rare<Map<Atom, Quantity>> = 32,
        /// Claims of devices.
        resource_claims: Shared<PodResourceClaim> = 39,
        /// Amounts for all containers together.
        resources: Rare<ResourceRequirements> = 40,
    }

    /// `v1.Container`, reduced.
    pub struct Container {
        /// Unique in the pod.
        name: Atom = 1,
        /// The image as the author names it.
        image: Atom = 2,
        /// Amounts of resources.
        resources: ResourceRequirements = 8,
        /// `Always` marks an init container that goes on running beside the others.
        restart_policy: Atom = 24,
    }

    /// `v1.ResourceRequirements`, reduced.
    pub struct ResourceRequirements {
        /// What the container may use at most.
        limits: Map<Atom, Quantity> = 1,
        /// What is set aside for the container.
        requests: Map<Atom, Quantity> = 2,
    }

    /// `v1.Toleration`.
    pub struct Toleration {
        /// The taint's key; empty for all.
        key: Atom = 1,
        /// `Equal` or `Exists`; empty stands for `Equal`.
        operator: Atom = 2,
        /// The taint's value.
        value: Atom = 3,
        /// The taint's effect; empty for all.
        effect: Atom = 4,
        /// How long the pod stays; for ever where there is none.
        toleration_seconds: Option<i64> = 5,
    }

    /// `v1.PodResourceClaim`.
    pub struct PodResourceClaim {
        /// How containers refer to the claim.
        name: Atom = 1,
        /// A claim that exists by itself.
        resource_claim_name: Option<Atom> = 3,
        /// What the pod's own claim is made from.
        resource_claim_template_name: Option<Atom> = 4,
    }

    /// `v1.PodStatus`, reduced.
    pub struct PodStatus {
        /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
        phase: Atom = 1,
        /// One of each type.
        conditions: Vec<PodCondition> = 2,
        /// Why the pod is in its phase, `Evicted` for one.
        reason: Atom = 4,
        /// The node's address.
        #[serde(rename = "hostIP")]
        host_ip: Atom = 5,
        /// The first of the pod's addresses.
        #[serde(rename = "podIP")]
        pod_ip: Ip = 6,
        /// One for each family of addresses.
        #[serde(rename = "podIPs")]
        pod_ips: Vec<PodIp> = 12,
        /// When the kubelet took the pod on.
        start_time: Option<Timestamp> = 7,
        /// In the order of the specification, as a rule.
        init_container_statuses: Vec<ContainerStatus> = 10,
        /// In the order of the specification, as a rule.
        container_statuses: Vec<ContainerStatus> = 8,
        /// `Guaranteed`, `Burstable` or `BestEffort`.
        qos_class: Atom = 9,
        /// The claims made for the pod.
        resource_claim_statuses: Shared<PodResourceClaimStatus> = 15,
        /// What the node has set aside for all containers together.
        allocated_resources: Rare<Map<Atom, Quantity>> = 19,
        /// What the containers together are run with, where that isn't what was asked for.
        resources: Option<Box<ResourceRequirements>> = 20,
    }

    /// `v1.PodCondition`, reduced.
    pub struct PodCondition {
        /// What the condition speaks of, such as `Ready`.
        r#type: Atom = 1,
        /// `True`, `False` or `Unknown`.
        status: Atom = 2,
        /// Since when it has this status.
        last_transition_time: Timestamp = 4,
        /// Why it has this status.
        reason: Atom = 5,
    }

    /// `v1.PodIP`.
    pub struct PodIp {
        /// The address.
        ip: Ip = 1,
    }

    /// `v1.ContainerStatus`, reduced.
    pub struct ContainerStatus {
        /// The container's name.
        name: Atom = 1,
        /// What the container does now.
        state: ContainerState = 2,
        /// What it did before its last restart.
        last_state: LastState = 3,
        /// True where its checks let it have traffic.
        ready: bool = 4,
        /// True once its start-up check has passed.
        started: Option<bool> = 9,
        /// How often it was started again.
        restart_count: i32 = 5,
        /// The image as the runtime names it.
        image: Atom = 6,
        /// The digest of the image, as a rule.
        #[serde(rename = "imageID")]
        image_id: Atom = 7,
        /// Of the container's latest incarnation.
        #[serde(rename = "containerID")]
        container_id: ContainerId = 8,
        /// What the node has set aside for the container.
        allocated_resources: Rare<Map<Atom, Quantity>> = 10,
        /// What the container is run with. Both are kept where that isn't what was asked for, as while
        /// a pod is resized.
        resources: Option<Box<ResourceRequirements>> = 11,
    }

    /// `v1.ContainerState`: one of these, or none.
    pub struct ContainerState {
        /// The container is yet to start.
        waiting: Option<Waiting> = 1,
        /// The container runs.
        running: Option<Running> = 2,
        /// The container has run.
        terminated: Option<Box<Terminated>> = 3,
    }

    /// `v1.ContainerState` for the time before, reduced.
    pub struct LastState {
        /// How the container's previous run ended.
        terminated: Option<Box<Terminated>> = 3,
    }

    /// `v1.ContainerStateWaiting`, reduced.
    pub struct Waiting {
        /// Why it has not started.
        reason: Atom = 1,
    }

    /// `v1.ContainerStateRunning`.
    pub struct Running {
        /// Zero where the runtime did not say.
        started_at: Timestamp = 1,
    }

    /// `v1.ContainerStateTerminated`, reduced.
    pub struct Terminated {
        /// As the process left it.
        exit_code: i32 = 1,
        /// The signal that ended it, or zero.
        signal: i32 = 2,
        /// Why it ended.
        reason: Atom = 3,
        /// Zero where the runtime did not say.
        started_at: Timestamp = 5,
        /// Zero where the runtime did not say.
        finished_at: Timestamp = 6,
    }

    /// `v1.PodResourceClaimStatus`.
    pub struct PodResourceClaimStatus {
        /// The name in the pod's specification.
        name: Atom = 1,
        /// The claim; empty until it was made.
        resource_claim_name: Atom = 2,
    }
}
crate::local_object!(Pod);
crate::pooled!(Container, Toleration, PodResourceClaim, PodResourceClaimStatus);
