//! Amounts of resources that a pod's author asked for.

use super::{Family, Pod, containers::Group, object::ResourceRequirements};
use crate::{
    exposition::Samples,
    resource::{Unit, amounts},
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
            let value = match amount.unit {
                Unit::Core => amount.quantity.milli(),
                Unit::Byte | Unit::Integer => amount.quantity.value(),
            };
            out.push([&container.name, &pod.spec.node_name, &amount.resource, amount.unit.as_str()], value);
        }
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
