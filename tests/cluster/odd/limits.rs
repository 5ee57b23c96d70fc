//! Quotas of namespaces, and limits of what is in them.

use super::{
    dice::{Dice, thin, with},
    metadata::{name, namespaced},
};
use serde_json::{Map, Value, json};

const COUNTED: [&str; 13] = [
    "pods",
    "services",
    "services.nodeports",
    "configmaps",
    "replicationcontrollers",
    "count/deployments.apps",
    "count/odds.example.com",
    "requests.nvidia.com/gpu",
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims",
    "persistentvolumeclaims",
    "resourcequotas",
    "secrets",
    "gold.storageclass.storage.k8s.io/requests.storage",
];

const MEASURED: [&str; 9] = [
    "cpu",
    "memory",
    "requests.cpu",
    "limits.cpu",
    "requests.memory",
    "limits.memory",
    "ephemeral-storage",
    "requests.storage",
    "limits.ephemeral-storage",
];

pub(super) fn quota(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let spec = match dice.below(6) {
        0 => json!({ "scopes": ["BestEffort"], "hard": { "pods": dice.whole() } }),
        1 => {
            let scopes = dice.pick(&[
                vec!["NotBestEffort"],
                vec!["Terminating", "NotBestEffort"],
                vec!["NotTerminating"],
            ]);
            json!({ "scopes": scopes, "hard": { "pods": dice.whole(), "cpu": dice.quantity(), "limits.memory": dice.quantity() } })
        }
        2 => {
            let operator = dice.pick(&["In", "NotIn"]);
            let expression =
                json!({ "scopeName": "PriorityClass", "operator": operator, "values": ["high", "low"] });
            json!({ "scopeSelector": { "matchExpressions": [expression] }, "hard": { "pods": "1" } })
        }
        3 => {
            let expression = json!({ "scopeName": "PriorityClass", "operator": "Exists" });
            json!({ "scopes": ["CrossNamespacePodAffinity"], "scopeSelector": { "matchExpressions": [expression] }, "hard": { "pods": "0" } })
        }
        _ => thin(json!({ "hard": amounts(dice) }), dice),
    };
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": namespaced(&name, dice),
        "spec": spec,
    });
    if dice.percent(85) {
        // It need not be of the same resources.
        let hard =
            if dice.coin() { object["spec"].get("hard").cloned().unwrap_or_default() } else { amounts(dice) };
        let hard = if hard.is_null() { json!({}) } else { hard };
        object["status"] = thin(json!({ "hard": hard, "used": amounts(dice) }), dice);
    }
    object
}

fn amounts(dice: &mut Dice) -> Value {
    let counted: Map<String, Value> =
        dice.some_of(&COUNTED).into_iter().map(|name| (name.to_owned(), dice.whole())).collect();
    let measured: Map<String, Value> =
        dice.some_of(&MEASURED).into_iter().map(|name| (name.to_owned(), dice.quantity())).collect();
    with(counted.into(), measured.into())
}

pub(super) fn limit_range(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let types = dice.some_of(&["Pod", "Container", "PersistentVolumeClaim", "example.com/Odd"]);
    let limits: Vec<Value> = types.into_iter().map(|kind| limit(kind, dice)).collect();
    json!({
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": namespaced(&name, dice),
        "spec": { "limits": limits },
    })
}

fn limit(kind: &str, dice: &mut Dice) -> Value {
    let resources: &[&str] = match kind {
        "PersistentVolumeClaim" => &["storage"],
        "Pod" => &["cpu", "memory", "ephemeral-storage"],
        _ => &["cpu", "memory", "ephemeral-storage", "example.com/odd"],
    };
    // From the least to the most, as they must stand to each other.
    let steps = ["min", "defaultRequest", "default", "max"];
    let amounts = ["1u", "100m", "1", "1500000u", "2k", "1.5Mi", "1G", "7Ei"];
    let whole = ["0", "1", "2", "1e3", "2k", "3M", "1G", "7E"];
    let mut limit = json!({});
    for step in dice.some_of(&steps) {
        let has_defaults = kind != "Pod" && kind != "PersistentVolumeClaim";
        if step.starts_with("default") && !has_defaults {
            continue;
        }
        let at = 2 * steps.iter().position(|other| *other == step).unwrap();
        for resource in dice.some_of(resources) {
            // Of these, requests and limits must be the same.
            if resource.contains('/') && step == "defaultRequest" {
                continue;
            }
            let amounts = if resource.contains('/') { &whole } else { &amounts };
            limit[step][resource] = json!(amounts[at + dice.below(2)]);
        }
    }
    if kind == "PersistentVolumeClaim" && limit.get("min").is_none() {
        limit["max"] = json!({ "storage": "1Ti" });
    }
    if dice.percent(30)
        && kind != "PersistentVolumeClaim"
        && limit.get("min").is_none()
        && limit.get("max").is_none()
        && limit.get("default").is_none()
        && limit.get("defaultRequest").is_none()
    {
        limit["maxLimitRequestRatio"] = json!({ "cpu": dice.pick(&["1", "1.5", "10"]) });
    }
    with(limit, json!({ "type": kind }))
}
