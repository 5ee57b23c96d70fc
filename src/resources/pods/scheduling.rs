//! What a pod counts for on its node, as kube-scheduler sees it.
//!
//! The rules are those of `k8s.io/component-helpers/resource`: init containers run one after the other,
//! those that are restarted stay beside what comes later, amounts for the whole pod replace those of its
//! containers, and while a pod is resized the larger of what it has and what it asks for counts.

use super::object::{Container, ContainerStatus, Pod, ResourceRequirements};
use crate::wire::{Atom, Map, Quantity};
use std::borrow::Cow;

/// Amounts by the names of resources.
type List = Map<Atom, Quantity>;

impl Pod {
    /// How much of each resource is set aside for the pod on its node.
    pub fn effective_requests(&self) -> List {
        let mut sum = self.sum(&Side::REQUESTS);
        if let Some(overhead) = self.spec.overhead.get() {
            add(&mut sum, overhead);
        }
        sum
    }

    /// The most of each resource that the pod may use on its node.
    pub fn effective_limits(&self) -> List {
        let mut sum = self.sum(&Side::LIMITS);
        for (name, amount) in self.spec.overhead.get().into_iter().flat_map(|overhead| overhead.iter()) {
            // No limit, or one of zero, stays as it is.
            if sum.get(name).is_some_and(|limit| !limit.is_zero()) {
                sum.merge_in(name, |limit| limit.unwrap_or_default() + *amount);
            }
        }
        sum
    }

    /// Whether the pod takes nothing on its node any more.
    pub fn has_ended(&self) -> bool {
        matches!(&*self.status.phase, "Succeeded" | "Failed")
    }

    fn sum(&self, side: &Side) -> List {
        let infeasible = self.is_resize_infeasible();
        let mut sum = List::default();
        for container in self.spec.containers.iter() {
            add(&mut sum, &side.of_container(container, self.status_of(container), infeasible));
        }
        let (mut beside, mut peak) = (List::default(), List::default());
        for container in self.spec.init_containers.iter() {
            if is_sidecar(container) {
                let own = side.of_container(container, self.status_of(container), infeasible);
                add(&mut sum, &own);
                add(&mut beside, &own);
                raise(&mut peak, &beside);
            } else {
                let mut now = beside.clone();
                add(&mut now, (side.list)(&container.resources));
                raise(&mut peak, &now);
            }
        }
        raise(&mut sum, &peak);
        if let Some(whole) = self.spec.resources.get().filter(|whole| (side.applies)(whole)) {
            let status = self.status.resources.as_deref();
            let actual = status.map(|actual| {
                side.resized((side.list)(whole), actual, self.status.allocated_resources.get(), infeasible)
            });
            // No limits at all are taken for a status without limits, while no requests are none.
            let actual = actual.filter(|actual| side.allocated || !actual.is_empty());
            for (name, amount) in (side.list)(whole).iter().filter(|(name, _)| is_for_pods(name)) {
                let amount = match &actual {
                    None => *amount,
                    Some(actual) => actual.get(name).copied().unwrap_or_default(),
                };
                sum.merge_in(name, |_| amount);
            }
        }
        sum
    }

    /// The status of a container, or of an init container that is restarted.
    fn status_of(&self, container: &Container) -> Option<&ContainerStatus> {
        let status = &self.status;
        let mut all = status.init_container_statuses.iter().chain(&status.container_statuses);
        all.find(|status| status.name == container.name)
    }

    fn is_resize_infeasible(&self) -> bool {
        let mut conditions = self.status.conditions.iter();
        conditions
            .find(|condition| condition.r#type == "PodResizePending")
            .is_some_and(|condition| condition.reason == "Infeasible")
    }

    /// Drops what the kubelet reports of resources where it is what was asked for.
    pub(super) fn drop_settled(&mut self) {
        let spec = &self.spec;
        let status = &mut self.status;
        for held in status.container_statuses.iter_mut().chain(&mut status.init_container_statuses) {
            if held.resources.is_none() && held.allocated_resources.get().is_none() {
                continue;
            }
            let mut containers = spec.containers.iter().chain(spec.init_containers.iter());
            let asked = containers.find(|container| container.name == held.name);
            let asked = asked.map(|container| &container.resources);
            if is_settled(asked, held.resources.as_deref(), held.allocated_resources.get()) {
                (held.resources, held.allocated_resources) = Default::default();
            }
        }
        // Kubelets report it for every pod, also where nothing was asked for all containers together.
        let whole = spec.resources.get();
        if whole.is_none() || is_settled(whole, status.resources.as_deref(), status.allocated_resources.get())
        {
            (status.resources, status.allocated_resources) = Default::default();
        }
    }
}

/// Requests or limits.
struct Side {
    list: fn(&ResourceRequirements) -> &List,
    /// Whether amounts for the whole pod are in force.
    applies: fn(&ResourceRequirements) -> bool,
    /// Whether what the node has set aside counts.
    allocated: bool,
}

impl Side {
    const REQUESTS: Self = Self {
        list: |resources| &resources.requests,
        applies: |whole| whole.requests.iter().any(|(name, _)| is_for_pods(name)),
        allocated: true,
    };
    const LIMITS: Self = Self {
        list: |resources| &resources.limits,
        applies: |whole| whole.requests.iter().chain(whole.limits.iter()).any(|(name, _)| is_for_pods(name)),
        allocated: false,
    };

    fn of_container<'a>(
        &self,
        container: &'a Container,
        status: Option<&ContainerStatus>,
        infeasible: bool,
    ) -> Cow<'a, List> {
        let asked = (self.list)(&container.resources);
        match status.and_then(|status| Some((status, status.resources.as_deref()?))) {
            None => Cow::Borrowed(asked),
            Some((status, actual)) => {
                Cow::Owned(self.resized(asked, actual, status.allocated_resources.get(), infeasible))
            }
        }
    }

    /// What counts while what was asked for need not be in force. What the node can never give does not.
    fn resized(
        &self,
        asked: &List,
        actual: &ResourceRequirements,
        allocated: Option<&List>,
        infeasible: bool,
    ) -> List {
        let mut most = (self.list)(actual).clone();
        if !infeasible {
            raise(&mut most, asked);
        }
        if let Some(allocated) = allocated.filter(|_| self.allocated) {
            raise(&mut most, allocated);
        }
        most
    }
}

/// Whether the kubelet reports nothing but what was asked for, so that the same counts without it.
fn is_settled(
    asked: Option<&ResourceRequirements>,
    actual: Option<&ResourceRequirements>,
    allocated: Option<&List>,
) -> bool {
    let none = ResourceRequirements::default();
    let asked = asked.unwrap_or(&none);
    match actual {
        // Without it nothing else counts.
        None => true,
        Some(actual) => actual == asked && allocated.is_none_or(|allocated| *allocated == asked.requests),
    }
}

/// Whether an init container goes on running beside what comes later.
fn is_sidecar(container: &Container) -> bool {
    container.restart_policy == "Always"
}

/// Whether a resource can be set for the whole pod.
fn is_for_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

fn add(sum: &mut List, list: &List) {
    for (name, amount) in list.iter() {
        sum.merge_in(name, |before| before.unwrap_or_default() + *amount);
    }
}

fn raise(most: &mut List, list: &List) {
    for (name, amount) in list.iter() {
        most.merge_in(name, |before| before.map_or(*amount, |before| before.max(*amount)));
    }
}

#[cfg(test)]
mod tests;
