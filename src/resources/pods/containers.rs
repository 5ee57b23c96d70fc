//! What the containers of a pod are and do. Each family is there twice: for the containers proper
//! and for those that prepare the pod.

use super::{
    Family, Pod,
    object::{Container, ContainerStatus, Terminated},
};
use crate::{exposition::Samples, wire::Timestamp};

/// One of a pod's groups of containers.
pub(super) trait Group {
    /// As they were asked for.
    fn containers(pod: &Pod) -> &[Container];

    /// As they are.
    fn statuses(pod: &Pod) -> &[ContainerStatus];
}

/// The containers proper.
pub(super) struct Main;

impl Group for Main {
    fn containers(pod: &Pod) -> &[Container] {
        &pod.spec.containers
    }

    fn statuses(pod: &Pod) -> &[ContainerStatus] {
        &pod.status.container_statuses
    }
}

/// The containers that prepare the pod or stand by it.
pub(super) struct Init;

impl Group for Init {
    fn containers(pod: &Pod) -> &[Container] {
        &pod.spec.init_containers
    }

    fn statuses(pod: &Pod) -> &[ContainerStatus] {
        &pod.status.init_container_statuses
    }
}

pub(super) const INFO: Family<5> = Family::gauge(
    "kube_pod_container_info",
    "Image and id of the container, as far as its node reports them.",
)
.stable()
.appears("for each container with a status")
.labels(["container", "image_spec", "image", "image_id", "container_id"])
.samples(|pod, out| {
    for (container, status) in reported::<Main>(pod) {
        let id = status.container_id.text();
        out.one([&container.name, &container.image, &status.image, &status.image_id, &id]);
    }
});

pub(super) const INIT_INFO: Family<6> = Family::gauge(
    "kube_pod_init_container_info",
    "Image, id and restart policy of the init container, as far as its node reports it.",
)
.stable()
.appears("for each init container with a status")
.labels(["container", "image_spec", "image", "image_id", "container_id", "restart_policy"])
.samples(|pod, out| {
    for (container, status) in reported::<Init>(pod) {
        let (id, policy) = (status.container_id.text(), &container.restart_policy);
        out.one([&container.name, &container.image, &status.image, &status.image_id, &id, policy]);
    }
});

/// The containers of which the node reports something, with what it reports.
fn reported<G: Group>(pod: &Pod) -> impl Iterator<Item = (&Container, &ContainerStatus)> {
    let statuses = G::statuses(pod);
    G::containers(pod).iter().filter_map(|container| {
        Some((container, statuses.iter().find(|status| status.name == container.name)?))
    })
}

/// When containers started.
pub(super) const fn state_started<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Unix timestamp at which the container, which runs or has ended, started.")
        .appears("for each container that runs or has ended")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], started(status));
            }
        })
}

fn started(status: &ContainerStatus) -> Option<Timestamp> {
    match (&status.state.running, &status.state.terminated) {
        (Some(running), _) => Some(running.started_at),
        (None, Some(terminated)) => Some(terminated.started_at),
        (None, None) => None,
    }
}

/// Why previous runs ended.
pub(super) const fn last_terminated_reason<G: Group>(name: &'static str) -> Family<2> {
    Family::gauge(name, "Why the previous run of the container ended.")
        .appears("for each container that ran before")
        .labels(["container", "reason"])
        .samples(|pod, out| each_last::<G, 2>(pod, out, |name, last, out| out.one([name, &last.reason])))
}

/// The exit codes of previous runs.
pub(super) const fn last_terminated_exitcode<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Exit code of the previous run of the container.")
        .appears("for each container that ran before")
        .labels(["container"])
        .samples(|pod, out| each_last::<G, 1>(pod, out, |name, last, out| out.push([name], last.exit_code)))
}

/// When previous runs ended.
pub(super) const fn last_terminated_timestamp<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Unix timestamp at which the previous run of the container ended.")
        .appears("for each container that ran before")
        .labels(["container"])
        .samples(|pod, out| each_last::<G, 1>(pod, out, |name, last, out| out.push([name], last.finished_at)))
}

fn each_last<G: Group, const N: usize>(
    pod: &Pod,
    out: &mut Samples<'_, N>,
    sample: impl Fn(&str, &Terminated, &mut Samples<'_, N>),
) {
    for status in G::statuses(pod) {
        if let Some(last) = &status.last_state.terminated {
            sample(&status.name, last, out);
        }
    }
}

/// Whether containers are ready.
pub(super) const fn ready<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Whether the container passes its readiness checks.")
        .appears("for each container with a status")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], status.ready);
            }
        })
}

/// How often containers were started again.
pub(super) const fn restarts<G: Group>(name: &'static str) -> Family<1> {
    Family::counter(name, "How often the container was started again.")
        .appears("for each container with a status")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], status.restart_count);
            }
        })
}

/// Whether containers run.
pub(super) const fn running<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Whether the container runs.")
        .appears("for each container with a status")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], status.state.running.is_some());
            }
        })
}

/// Whether containers have ended.
pub(super) const fn terminated<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Whether the container has ended.")
        .appears("for each container with a status")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], status.state.terminated.is_some());
            }
        })
}

/// Why containers have ended.
pub(super) const fn terminated_reason<G: Group>(name: &'static str) -> Family<2> {
    Family::gauge(name, "Why the container has ended.")
        .appears("for each container that has ended")
        .labels(["container", "reason"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                if let Some(terminated) = &status.state.terminated {
                    out.one([&status.name, &terminated.reason]);
                }
            }
        })
}

/// Whether containers are yet to start.
pub(super) const fn waiting<G: Group>(name: &'static str) -> Family<1> {
    Family::gauge(name, "Whether the container is yet to start.")
        .appears("for each container with a status")
        .labels(["container"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                out.push([&status.name], status.state.waiting.is_some());
            }
        })
}

/// Why containers are yet to start.
pub(super) const fn waiting_reason<G: Group>(name: &'static str) -> Family<2> {
    Family::gauge(name, "Why the container is yet to start.")
        .appears("for each container that is yet to start")
        .labels(["container", "reason"])
        .samples(|pod, out| {
            for status in G::statuses(pod) {
                if let Some(waiting) = &status.state.waiting {
                    out.one([&status.name, &waiting.reason]);
                }
            }
        })
}
