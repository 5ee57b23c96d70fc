//! Amounts of resources that a pod's author asked for.

use super::{Family, Pod, containers::Group, object::ResourceRequirements};
use crate::{
    exposition::Samples,
    resource::{Amount, Unit, amounts},
    wire::{Atom, Map, Quantity},
};

const LABELS: [&str; 4] = ["container", "node", "resource", "unit"];

/// What containers may use at most.
pub(super) const fn limits<G: Group>(name: &'static str) -> Family<4> {
    Family::gauge(name, "The most of a resource that the container may use.")
        .appears("for each limit of a container, whatever the state of the pod")
        .labels(LABELS)
        .samples(|pod, out| requirements::<G>(pod, out, |resources| &resources.limits))
}

/// What is set aside for containers.
pub(super) const fn requests<G: Group>(name: &'static str) -> Family<4> {
    Family::gauge(name, "How much of a resource is set aside for the container.")
        .appears("for each request of a container, whatever the state of the pod")
        .labels(LABELS)
        .samples(|pod, out| requirements::<G>(pod, out, |resources| &resources.requests))
}

fn requirements<G: Group>(
    pod: &Pod,
    out: &mut Samples<'_, 4>,
    list: impl Fn(&ResourceRequirements) -> &Map<Atom, Quantity>,
) {
    for container in G::containers(pod) {
        for amount in amounts(list(&container.resources)) {
            let labels = [&container.name, &pod.spec.node_name, &*amount.resource, amount.unit.as_str()];
            out.push(labels, value(&amount));
        }
    }
}

const EFFECTIVE: [&str; 3] = ["node", "resource", "unit"];

/// What the pod counts for.
pub(super) const EFFECTIVE_LIMITS: Family<3> = Family::gauge(
    "kube_pod_effective_resource_limits",
    "The most of a resource that the pod may use, its init containers, sidecars and overhead counted as kube-scheduler does.",
)
.opt_in()
.appears("for each limit, until the pod has ended")
.labels(EFFECTIVE)
.samples(|pod, out| effective(pod, out, Pod::effective_limits));

/// What is set aside for it.
pub(super) const EFFECTIVE_REQUESTS: Family<3> = Family::gauge(
    "kube_pod_effective_resource_requests",
    "How much of a resource is set aside for the pod on its node, its init containers, sidecars and overhead counted as kube-scheduler does.",
)
.opt_in()
.appears("for each request, until the pod has ended")
.labels(EFFECTIVE)
.samples(|pod, out| effective(pod, out, Pod::effective_requests));

fn effective(pod: &Pod, out: &mut Samples<'_, 3>, list: impl Fn(&Pod) -> Map<Atom, Quantity>) {
    if pod.has_ended() {
        return;
    }
    for amount in amounts(&list(pod)) {
        out.push([&pod.spec.node_name, &amount.resource, amount.unit.as_str()], value(&amount));
    }
}

/// Cores to a thousandth, all else in whole numbers.
fn value(amount: &Amount<'_>) -> f64 {
    match amount.unit {
        Unit::Core => amount.quantity.milli(),
        Unit::Byte | Unit::Integer => amount.quantity.value(),
    }
}

pub(super) const OVERHEAD_CPU: Family =
    Family::gauge("kube_pod_overhead_cpu_cores", "Processor cores that running the pod takes by itself.")
        .appears("where the runtime class declares it")
        .samples(|pod, out| out.value(overhead(pod, "cpu").map(Quantity::milli)));

pub(super) const OVERHEAD_MEMORY: Family =
    Family::gauge("kube_pod_overhead_memory_bytes", "Bytes of memory that running the pod takes by itself.")
        .appears("where the runtime class declares it")
        .samples(|pod, out| out.value(overhead(pod, "memory").map(Quantity::value)));

fn overhead(pod: &Pod, resource: &str) -> Option<Quantity> {
    pod.spec.overhead.get()?.get(resource).copied()
}
