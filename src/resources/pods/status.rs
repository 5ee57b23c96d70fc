//! How a pod fares.

use super::{Family, Pod, object::PodCondition};
use crate::{
    resource::{STATUSES, status},
    wire::Timestamp,
};

pub(super) const COMPLETION_TIME: Family = Family::gauge(
    "kube_pod_completion_time",
    "Unix timestamp at which the last of those containers ended that have ended.",
)
.stable()
.appears("once a container other than an init container has ended")
.samples(|pod, out| {
    let ends = pod.status.container_statuses.iter().filter_map(|status| status.state.terminated.as_ref());
    out.value(ends.map(|end| end.finished_at.seconds()).max().filter(|&seconds| seconds > 0));
});

pub(super) const START_TIME: Family =
    Family::gauge("kube_pod_start_time", "Unix timestamp at which the node's kubelet took the pod on.")
        .stable()
        .appears("once the kubelet has taken the pod up")
        .samples(|pod, out| out.value(pod.status.start_time));

const PHASES: [&str; 5] = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];

pub(super) const PHASE: Family<1> = Family::gauge("kube_pod_status_phase", "Phase of the pod.")
    .stable()
    .appears("with each of five phases, once the pod has one")
    .labels(["phase"])
    .samples(|pod, out| {
        if !pod.status.phase.is_empty() {
            out.state(&PHASES, &pod.status.phase);
        }
    });

const QOS_CLASSES: [&str; 3] = ["BestEffort", "Burstable", "Guaranteed"];

pub(super) const QOS_CLASS: Family<1> =
    Family::gauge("kube_pod_status_qos_class", "Quality of service that the pod is given.")
        .appears("with each of three classes, once the pod has one")
        .labels(["qos_class"])
        .samples(|pod, out| {
            if !pod.status.qos_class.is_empty() {
                out.state(&QOS_CLASSES, &pod.status.qos_class);
            }
        });

pub(super) const READY: Family<1> =
    Family::gauge("kube_pod_status_ready", "Whether the pod is ready to serve requests.")
        .stable()
        .appears("with each of three statuses, once the pod has the condition")
        .labels(["condition"])
        .samples(|pod, out| {
            for condition in conditions(pod, "Ready") {
                out.state(&STATUSES, status(&condition.status));
            }
        });

pub(super) const READY_TIME: Family =
    Family::gauge("kube_pod_status_ready_time", "Unix timestamp since which the pod is ready.")
        .appears("while the pod is ready")
        .samples(|pod, out| conditions(pod, "Ready").for_each(|c| out.value(since(c, "True"))));

pub(super) const INITIALIZED_TIME: Family = Family::gauge(
    "kube_pod_status_initialized_time",
    "Unix timestamp at which the pod's init containers were done.",
)
.appears("once the init containers are done")
.samples(|pod, out| conditions(pod, "Initialized").for_each(|c| out.value(since(c, "True"))));

pub(super) const CONTAINER_READY_TIME: Family = Family::gauge(
    "kube_pod_status_container_ready_time",
    "Unix timestamp since which all containers of the pod are ready.",
)
.appears("while all containers are ready")
.samples(|pod, out| conditions(pod, "ContainersReady").for_each(|c| out.value(since(c, "True"))));

const REASONS: [&str; 8] = [
    "Evicted",
    "NodeAffinity",
    "NodeLost",
    "PreemptionByScheduler",
    "SchedulingGated",
    "Shutdown",
    "TerminationByKubelet",
    "UnexpectedAdmissionError",
];

pub(super) const REASON: Family<1> = Family::gauge(
    "kube_pod_status_reason",
    "Well-known reasons that the pod, its conditions and its ended containers give for their state.",
)
.appears("for each reason that is given")
.labels(["reason"])
.samples(|pod, out| {
    let status = &pod.status;
    let conditions = status.conditions.iter().map(|condition| &condition.reason);
    let terminated = status.container_statuses.iter().filter_map(|status| status.state.terminated.as_ref());
    // Nearly all reasons are empty, so they are gone through once rather than for each known one.
    let mut given = [false; REASONS.len()];
    for reason in conditions.chain(terminated.map(|end| &end.reason)).chain([&status.reason]) {
        if let Some(at) = known(reason) {
            given[at] = true;
        }
    }
    for (reason, given) in REASONS.into_iter().zip(given) {
        if given {
            out.one([reason]);
        }
    }
    if !status.reason.is_empty() && known(&status.reason).is_none() {
        out.one(["Other"]);
    }
});

fn known(reason: &str) -> Option<usize> {
    if reason.is_empty() { None } else { REASONS.iter().position(|&known| known == reason) }
}

const DISRUPTIONS: [&str; 5] = [
    "PreemptionByScheduler",
    "DeletionByTaintManager",
    "EvictionByEvictionAPI",
    "DeletionByPodGC",
    "TerminationByKubelet",
];

pub(super) const DISRUPTION_REASON: Family<1> =
    Family::gauge("kube_pod_status_disruption_reason", "Why the pod is about to be disrupted.")
        .appears("once the pod is about to be disrupted")
        .labels(["reason"])
        .samples(|pod, out| {
            for condition in conditions(pod, "DisruptionTarget") {
                let known = DISRUPTIONS.contains(&&*condition.reason);
                out.one([if known { &condition.reason } else { "Other" }]);
            }
        });

pub(super) const SCHEDULED: Family<1> =
    Family::gauge("kube_pod_status_scheduled", "Whether the pod was given a node.")
        .stable()
        .appears("with each of three statuses, once the pod has the condition")
        .labels(["condition"])
        .samples(|pod, out| {
            for condition in conditions(pod, "PodScheduled") {
                out.state(&STATUSES, status(&condition.status));
            }
        });

pub(super) const SCHEDULED_TIME: Family =
    Family::gauge("kube_pod_status_scheduled_time", "Unix timestamp at which the pod was given a node.")
        .stable()
        .appears("once the pod has a node")
        .samples(|pod, out| conditions(pod, "PodScheduled").for_each(|c| out.value(since(c, "True"))));

pub(super) const UNSCHEDULABLE: Family =
    Family::gauge("kube_pod_status_unschedulable", "Pods for which no node was found.")
        .stable()
        .appears("while no node is found")
        .samples(|pod, out| {
            for condition in conditions(pod, "PodScheduled") {
                out.value((condition.status == "False").then_some(true));
            }
        });

pub(super) const UNSCHEDULED_TIME: Family = Family::gauge(
    "kube_pod_status_unscheduled_time",
    "Unix timestamp since which no node is found for the pod.",
)
.appears("while no node is found")
.samples(|pod, out| conditions(pod, "PodScheduled").for_each(|c| out.value(since(c, "False"))));

/// The pod's conditions of a type: one, as a rule.
fn conditions<'p>(pod: &'p Pod, wanted: &'static str) -> impl Iterator<Item = &'p PodCondition> {
    pod.status.conditions.iter().filter(move |condition| condition.r#type == wanted)
}

/// Since when a condition has this status, if it has.
fn since(condition: &PodCondition, status: &str) -> Option<Timestamp> {
    (condition.status == status).then_some(condition.last_transition_time)
}
