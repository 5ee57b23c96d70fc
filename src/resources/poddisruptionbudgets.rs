//! `PodDisruptionBudgets`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<PodDisruptionBudget>;

crate::wire! {
    /// `policy.v1.PodDisruptionBudget`, reduced.
    pub struct PodDisruptionBudget {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the controller observes.
        status: PodDisruptionBudgetStatus = 3,
    }

    /// `policy.v1.PodDisruptionBudgetStatus`, reduced. All but the first are numbers of pods.
    pub struct PodDisruptionBudgetStatus {
        /// The state of the specification that the rest is about.
        observed_generation: i64 = 1,
        /// Those that may be evicted now.
        disruptions_allowed: i32 = 3,
        /// Those that are healthy.
        current_healthy: i32 = 4,
        /// Those that must be healthy.
        desired_healthy: i32 = 5,
        /// Those that the budget is for.
        expected_pods: i32 = 6,
    }
}
crate::local_object!(PodDisruptionBudget);

impl Resource for PodDisruptionBudget {
    const NAMES: Names = Names {
        kind: "PodDisruptionBudget",
        plural: "poddisruptionbudgets",
        group: "policy",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("poddisruptionbudget")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<PodDisruptionBudget> = &[
    &Family::annotations("kube_poddisruptionbudget_annotations"),
    &Family::labels("kube_poddisruptionbudget_labels"),
    &Family::created("kube_poddisruptionbudget_created").stable(),
    &Family::gauge("kube_poddisruptionbudget_status_current_healthy", "Number of pods that are healthy.")
        .stable()
        .samples(|budget, out| out.value(budget.status.current_healthy)),
    &Family::gauge("kube_poddisruptionbudget_status_desired_healthy", "Number of pods that must be healthy.")
        .stable()
        .samples(|budget, out| out.value(budget.status.desired_healthy)),
    &Family::gauge(
        "kube_poddisruptionbudget_status_pod_disruptions_allowed",
        "Number of pods that may be evicted now.",
    )
    .stable()
    .samples(|budget, out| out.value(budget.status.disruptions_allowed)),
    &Family::gauge(
        "kube_poddisruptionbudget_status_expected_pods",
        "Number of pods that the PodDisruptionBudget is for.",
    )
    .stable()
    .samples(|budget, out| out.value(budget.status.expected_pods)),
    &Family::gauge(
        "kube_poddisruptionbudget_status_observed_generation",
        "Sequence number of the desired state that the status is about.",
    )
    .stable()
    .samples(|budget, out| out.value(budget.status.observed_generation)),
    &Family::deletion_timestamp("kube_poddisruptionbudget_deletion_timestamp"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::PodDisruptionBudget, "poddisruptionbudgets");
}
