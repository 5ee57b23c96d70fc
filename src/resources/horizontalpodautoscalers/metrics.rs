//! The metrics by which an autoscaler scales: their targets and what was last read of them.

use super::Family;
use crate::{
    exposition::Samples,
    wire::{Atom, Quantity},
};

const LABELS: [&str; 3] = ["metric_name", "metric_target_type", "container"];

pub(super) const SPEC_TARGET: Family<3> = Family::gauge(
    "kube_horizontalpodautoscaler_spec_target_metric",
    "Targets of the metrics by which the HorizontalPodAutoscaler scales.",
)
.labels(LABELS)
.appears("for every target of the autoscaler")
.samples(|autoscaler, out| {
    for metric in autoscaler.spec.metrics.iter() {
        write(metric.source(), out);
    }
});

pub(super) const STATUS_TARGET: Family<3> = Family::gauge(
    "kube_horizontalpodautoscaler_status_target_metric",
    "Values that the HorizontalPodAutoscaler last read of the metrics by which it scales.",
)
.stable()
.labels(LABELS)
.appears("for every value that the autoscaler has read")
.samples(|autoscaler, out| {
    for metric in &autoscaler.status.current_metrics {
        write(metric.source(), out);
    }
});

/// A metric and its numbers, whether wanted or read.
#[derive(Clone, Copy)]
struct Source<'a> {
    metric: &'a Atom,
    container: &'a str,
    value: Option<Quantity>,
    utilization: Option<i32>,
    average: Option<Quantity>,
}

fn write(source: Option<Source<'_>>, out: &mut Samples<'_, 3>) {
    let Some(Source { metric, container, value, utilization, average }) = source else { return };
    out.push([metric, "value", container], value.map(Quantity::milli));
    out.push([metric, "utilization", container], utilization);
    out.push([metric, "average", container], average.map(Quantity::milli));
}

impl MetricSpec {
    /// None where the type is unknown or its source is missing.
    fn source(&self) -> Option<Source<'_>> {
        let (metric, container, target) = match &*self.r#type {
            "Object" => self.object.as_ref().map(|source| (&source.metric.name, "", &source.target))?,
            "Pods" => self.pods.as_ref().map(|source| (&source.metric.name, "", &source.target))?,
            "External" => self.external.as_ref().map(|source| (&source.metric.name, "", &source.target))?,
            "Resource" => self.resource.as_ref().map(|source| (&source.name, "", &source.target))?,
            "ContainerResource" => {
                let source = self.container_resource.as_ref()?;
                (&source.name, &*source.container, &source.target)
            }
            _ => return None,
        };
        let &MetricTarget { value, average_value: average, average_utilization: utilization } = target;
        Some(Source { metric, container, value, utilization, average })
    }
}

impl MetricStatus {
    /// None where the type is unknown or its source is missing.
    fn source(&self) -> Option<Source<'_>> {
        let (metric, container, current) = match &*self.r#type {
            "Object" => self.object.as_ref().map(|source| (&source.metric.name, "", &source.current))?,
            "Pods" => self.pods.as_ref().map(|source| (&source.metric.name, "", &source.current))?,
            "External" => self.external.as_ref().map(|source| (&source.metric.name, "", &source.current))?,
            "Resource" => self.resource.as_ref().map(|source| (&source.name, "", &source.current))?,
            "ContainerResource" => {
                let source = self.container_resource.as_ref()?;
                (&source.name, &*source.container, &source.current)
            }
            _ => return None,
        };
        let &MetricValue { value, average_value: average, average_utilization: utilization } = current;
        Some(Source { metric, container, value, utilization, average })
    }
}

crate::wire! {
    /// `autoscaling.v2.MetricSpec`.
    pub struct MetricSpec {
        /// Which of the sources it has.
        r#type: Atom = 1,
        /// A metric of some object.
        object: Option<Box<ObjectSource>> = 2,
        /// A metric of every pod.
        pods: Option<Box<MetricSource>> = 3,
        /// What the pods use of a resource.
        resource: Option<Box<ResourceSource>> = 4,
        /// A metric of something outside of the cluster.
        external: Option<Box<MetricSource>> = 5,
        /// What one container of the pods uses of a resource.
        container_resource: Option<Box<ResourceSource>> = 7,
    }

    /// `autoscaling.v2.ObjectMetricSource`, reduced.
    pub struct ObjectSource {
        /// How much is wanted.
        target: MetricTarget = 2,
        /// Of what.
        metric: MetricIdentifier = 3,
    }

    /// `autoscaling.v2.PodsMetricSource` and `ExternalMetricSource`.
    pub struct MetricSource {
        /// Of what.
        metric: MetricIdentifier = 1,
        /// How much is wanted.
        target: MetricTarget = 2,
    }

    /// `autoscaling.v2.ResourceMetricSource` and `ContainerResourceMetricSource`.
    pub struct ResourceSource {
        /// Such as `cpu`.
        name: Atom = 1,
        /// How much is wanted.
        target: MetricTarget = 2,
        /// Empty for all containers.
        container: Atom = 3,
    }

    /// `autoscaling.v2.MetricTarget`, reduced.
    pub struct MetricTarget {
        /// The amount as a whole.
        value: Option<Quantity> = 2,
        /// The amount for each pod.
        average_value: Option<Quantity> = 3,
        /// Per cent of what the pods request.
        average_utilization: Option<i32> = 4,
    }

    /// `autoscaling.v2.MetricStatus`.
    pub struct MetricStatus {
        /// Which of the sources it has.
        r#type: Atom = 1,
        /// A metric of some object.
        object: Option<Box<MetricCurrent>> = 2,
        /// A metric of every pod.
        pods: Option<Box<MetricCurrent>> = 3,
        /// What the pods use of a resource.
        resource: Option<Box<ResourceCurrent>> = 4,
        /// A metric of something outside of the cluster.
        external: Option<Box<MetricCurrent>> = 5,
        /// What one container of the pods uses of a resource.
        container_resource: Option<Box<ResourceCurrent>> = 7,
    }

    /// `autoscaling.v2.ObjectMetricStatus`, `PodsMetricStatus` and `ExternalMetricStatus`, reduced.
    pub struct MetricCurrent {
        /// Of what.
        metric: MetricIdentifier = 1,
        /// How much there is.
        current: MetricValue = 2,
    }

    /// `autoscaling.v2.ResourceMetricStatus` and `ContainerResourceMetricStatus`.
    pub struct ResourceCurrent {
        /// Such as `cpu`.
        name: Atom = 1,
        /// How much there is.
        current: MetricValue = 2,
        /// Empty for all containers.
        container: Atom = 3,
    }

    /// `autoscaling.v2.MetricValueStatus`.
    pub struct MetricValue {
        /// The amount as a whole.
        value: Option<Quantity> = 1,
        /// The amount for each pod.
        average_value: Option<Quantity> = 2,
        /// Per cent of what the pods request.
        average_utilization: Option<i32> = 3,
    }

    /// `autoscaling.v2.MetricIdentifier`, reduced.
    pub struct MetricIdentifier {
        /// The metric's name.
        name: Atom = 1,
    }
}
crate::pooled!(MetricSpec);
