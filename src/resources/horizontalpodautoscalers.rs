//! `HorizontalPodAutoscalers`.

mod metrics;

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, conditions},
    wire::{Atom, Condition, ObjectMeta, Quantity, Rare, Shared},
};
pub use metrics::{MetricSpec, MetricStatus};

type Family<const N: usize = 0> = crate::exposition::Family<HorizontalPodAutoscaler, N>;

crate::wire! {
    /// `autoscaling.v2.HorizontalPodAutoscaler`, reduced.
    pub struct HorizontalPodAutoscaler {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: HorizontalPodAutoscalerSpec = 2,
        /// What the controller observes.
        status: HorizontalPodAutoscalerStatus = 3,
    }

    /// `autoscaling.v2.HorizontalPodAutoscalerSpec`, reduced.
    pub struct HorizontalPodAutoscalerSpec {
        /// What is scaled.
        scale_target_ref: ScaleTarget = 1,
        /// Number of pods, at least.
        min_replicas: Option<i32> = 2,
        /// Number of pods, at most.
        max_replicas: i32 = 3,
        /// Most are about the processors only.
        metrics: Shared<MetricSpec> = 4,
        /// How fast it scales.
        behavior: Rare<Behavior> = 5,
    }

    /// `autoscaling.v2.CrossVersionObjectReference`.
    pub struct ScaleTarget {
        /// Such as `Deployment`.
        kind: Atom = 1,
        /// In the autoscaler's namespace.
        name: Atom = 2,
        /// Such as `apps/v1`, or nothing.
        api_version: Atom = 3,
    }

    /// `autoscaling.v2.HorizontalPodAutoscalerBehavior`.
    pub struct Behavior {
        /// How pods become more.
        scale_up: ScalingRules = 1,
        /// How pods become fewer.
        scale_down: ScalingRules = 2,
    }

    /// `autoscaling.v2.HPAScalingRules`, reduced.
    pub struct ScalingRules {
        /// How far from its target a metric may be without scaling, as a part of the target.
        tolerance: Option<Quantity> = 4,
    }

    /// `autoscaling.v2.HorizontalPodAutoscalerStatus`, reduced.
    pub struct HorizontalPodAutoscalerStatus {
        /// Number of pods that the controller has seen.
        current_replicas: i32 = 3,
        /// Number of pods that the controller wants.
        desired_replicas: i32 = 4,
        /// What the controller last read.
        current_metrics: Vec<MetricStatus> = 5,
        /// Autoscalers that are well have the same.
        conditions: Shared<Condition> = 6,
    }
}
crate::local_object!(HorizontalPodAutoscaler);

impl Resource for HorizontalPodAutoscaler {
    const NAMES: Names = Names {
        kind: "HorizontalPodAutoscaler",
        plural: "horizontalpodautoscalers",
        group: "autoscaling",
        version: "v2",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("horizontalpodautoscaler")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<HorizontalPodAutoscaler> = &[
    &Family::gauge("kube_horizontalpodautoscaler_info", "What the HorizontalPodAutoscaler scales.")
        .labels(["scaletargetref_api_version", "scaletargetref_kind", "scaletargetref_name"])
        .samples(|autoscaler, out| {
            let target = &autoscaler.spec.scale_target_ref;
            if target.api_version.is_empty() {
                out.one_named(["scaletargetref_kind", "scaletargetref_name"], [&target.kind, &target.name]);
            } else {
                out.one([&target.api_version, &target.kind, &target.name]);
            }
        }),
    &Family::generation("kube_horizontalpodautoscaler_metadata_generation").stable(),
    &Family::gauge(
        "kube_horizontalpodautoscaler_spec_max_replicas",
        "Number of pods that the HorizontalPodAutoscaler may set at most.",
    )
    .stable()
    .samples(|autoscaler, out| out.value(autoscaler.spec.max_replicas)),
    &Family::gauge(
        "kube_horizontalpodautoscaler_spec_min_replicas",
        "Number of pods that the HorizontalPodAutoscaler may set at least, 1 where it says nothing.",
    )
    .stable()
    .samples(|autoscaler, out| out.value(autoscaler.spec.min_replicas.unwrap_or(1))),
    &metrics::SPEC_TARGET,
    &Family::gauge(
        "kube_horizontalpodautoscaler_spec_behavior_scale_down_tolerance",
        "How far below its target a metric may be without scaling down, as a part of the target.",
    )
    .appears("where that tolerance is set")
    .samples(|autoscaler, out| out.value(tolerance(autoscaler, |behavior| &behavior.scale_down))),
    &Family::gauge(
        "kube_horizontalpodautoscaler_spec_behavior_scale_up_tolerance",
        "How far above its target a metric may be without scaling up, as a part of the target.",
    )
    .appears("where that tolerance is set")
    .samples(|autoscaler, out| out.value(tolerance(autoscaler, |behavior| &behavior.scale_up))),
    &metrics::STATUS_TARGET,
    &Family::gauge(
        "kube_horizontalpodautoscaler_status_current_replicas",
        "Number of pods that the HorizontalPodAutoscaler has last seen.",
    )
    .stable()
    .samples(|autoscaler, out| out.value(autoscaler.status.current_replicas)),
    &Family::gauge(
        "kube_horizontalpodautoscaler_status_desired_replicas",
        "Number of pods that the HorizontalPodAutoscaler has last asked for.",
    )
    .stable()
    .samples(|autoscaler, out| out.value(autoscaler.status.desired_replicas)),
    &Family::annotations("kube_horizontalpodautoscaler_annotations"),
    &Family::labels("kube_horizontalpodautoscaler_labels").stable(),
    &Family::gauge(
        "kube_horizontalpodautoscaler_status_condition",
        "Conditions of the HorizontalPodAutoscaler.",
    )
    .stable()
    .labels(["condition", "status"])
    .appears("for every condition of the autoscaler")
    .samples(|autoscaler, out| conditions(&autoscaler.status.conditions, out)),
    &Family::created("kube_horizontalpodautoscaler_created"),
    &Family::deletion_timestamp("kube_horizontalpodautoscaler_deletion_timestamp"),
];

fn tolerance(autoscaler: &HorizontalPodAutoscaler, rules: fn(&Behavior) -> &ScalingRules) -> Option<f64> {
    Some(rules(autoscaler.spec.behavior.get()?).tolerance?.approximate())
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::HorizontalPodAutoscaler, "horizontalpodautoscalers");
}
