//! Autoscalers with metrics of all sources.

use super::{
    dice::{Dice, loose_conditions, thin, with},
    metadata::{name, namespaced},
};
use serde_json::{Value, json};

pub(super) fn autoscaler(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let version = dice.pick(&["apps/v1", "example.com/v1alpha1"]);
    let target =
        json!({ "apiVersion": version, "kind": dice.pick(&["Deployment", "Odd"]), "name": dice.host() });
    let least = dice.pick(&[1, 2, 1000]);
    let optional = json!({
        "minReplicas": least,
        "metrics": dice.list(0, |dice, _| metric(dice)),
        "behavior": thin(json!({ "scaleUp": behavior(dice), "scaleDown": behavior(dice) }), dice),
    });
    let most = dice.pick(&[1000, 1001, i32::MAX]);
    let status = json!({
        "observedGeneration": dice.number(),
        "lastScaleTime": dice.time(),
        "currentReplicas": dice.count(),
        "currentMetrics": dice.list(0, |dice, _| current(dice)),
        "conditions": loose_conditions(&["AbleToScale", "ScalingActive", "ScalingLimited"], dice),
    });
    let mut object = json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": namespaced(&name, dice),
        "spec": with(thin(optional, dice), json!({ "scaleTargetRef": target, "maxReplicas": most })),
    });
    if dice.percent(85) {
        object["status"] = with(thin(status, dice), json!({ "desiredReplicas": dice.count() }));
    }
    object
}

fn behavior(dice: &mut Dice) -> Value {
    let policies = json!([
        { "type": "Pods", "value": 4, "periodSeconds": 15 },
        { "type": "Percent", "value": i32::MAX, "periodSeconds": 1800 },
    ]);
    let optional = json!({
        "stabilizationWindowSeconds": dice.pick(&[0, 3600]),
        "selectPolicy": dice.pick(&["Max", "Min", "Disabled"]),
        "tolerance": dice.pick(&["0", "0.05", "50m", "1n", "1e-3", "3", "1Ki"]),
    });
    with(thin(optional, dice), json!({ "policies": policies }))
}

/// A metric of any source. Names are few, so that some come twice.
fn metric(dice: &mut Dice) -> Value {
    let amount = dice.positive();
    let fraction = json!(dice.pick(&["100m", "0.5", "1n", "12345678901n", "1e-1", "2.5Gi"]));
    let amount = if dice.coin() { amount } else { fraction };
    let value = json!({ "type": "Value", "value": amount });
    let average = json!({ "type": "AverageValue", "averageValue": amount });
    let utilization =
        json!({ "type": "Utilization", "averageUtilization": dice.pick(&[1, 50, 100, i32::MAX]) });
    let of_resource = dice.pick(&[average.clone(), utilization]);
    let of_object = dice.pick(&[average.clone(), value]);
    let resource = dice.pick(&["cpu", "memory", "example.com/odd"]);
    source(resource, &of_resource, &of_object, &average, "target", dice)
}

/// What is known of a metric: several values at once, or none, which no source forbids.
fn current(dice: &mut Dice) -> Value {
    let negative = json!(dice.pick(&["-1", "-1.5Gi", "-100m", "-1n"]));
    let values = json!({
        "averageValue": if dice.percent(20) { negative.clone() } else { dice.quantity() },
        "averageUtilization": dice.pick(&[0, -1, 50, i32::MAX]),
        "value": if dice.percent(20) { negative } else { dice.quantity() },
    });
    let of_resource = thin(values.clone(), dice);
    let of_object = thin(values, dice);
    let resource = dice.pick(&["cpu", "memory", "example.com/odd", ""]);
    source(resource, &of_resource, &of_object, &of_object, "current", dice)
}

fn source(
    resource: &str,
    of_resource: &Value,
    of_object: &Value,
    of_pods: &Value,
    field: &str,
    dice: &mut Dice,
) -> Value {
    let selector = json!({ "selector": { "matchLabels": { "a": "b" } } });
    let metric =
        with(thin(selector, dice), json!({ "name": dice.pick(&["hits", "a b \"c\"", "ü", "queue.length"]) }));
    match dice.below(5) {
        0 => json!({ "type": "Resource", "resource": { "name": resource, field: of_resource } }),
        1 => {
            let container = dice.pick(&["main", "side-car"]);
            let source = json!({ "name": resource, "container": container, field: of_resource });
            json!({ "type": "ContainerResource", "containerResource": source })
        }
        2 => json!({ "type": "Pods", "pods": { "metric": metric, field: of_pods } }),
        3 => {
            let described = json!({ "apiVersion": "v1", "kind": "Service", "name": dice.host() });
            json!({ "type": "Object", "object": { "describedObject": described, "metric": metric, field: of_object } })
        }
        _ => json!({ "type": "External", "external": { "metric": metric, field: of_object } }),
    }
}
