//! What keeps pods running: deployments and their relatives.

use super::{
    dice::{Dice, loose_conditions, thin, with},
    metadata::{name, namespaced, short_name},
    pods::template,
};
use serde_json::{Value, json};

pub(super) fn deployment(index: usize, dice: &mut Dice) -> Value {
    let strategy = match dice.below(4) {
        0 => json!({ "type": "Recreate" }),
        1 => json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0, "maxSurge": "1%" } }),
        2 => json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": "100%", "maxSurge": 0 } }),
        _ => {
            json!({ "rollingUpdate": thin(json!({ "maxUnavailable": dice.count(), "maxSurge": "1000%" }), dice) })
        }
    };
    let spec = json!({
        "replicas": dice.count(),
        "minReadySeconds": dice.pick(&[0, 10]),
        "revisionHistoryLimit": dice.count(),
        "paused": dice.coin(),
        "progressDeadlineSeconds": dice.pick(&[600, i32::MAX]),
        "strategy": strategy,
    });
    let status = json!({
        "observedGeneration": dice.number(),
        "collisionCount": dice.count(),
        "unavailableReplicas": dice.count(),
        "terminatingReplicas": dice.count(),
        "conditions": loose_conditions(&["Available", "Progressing", "ReplicaFailure"], dice),
    });
    let status =
        with(thin(status, dice), replicas(&["readyReplicas", "updatedReplicas", "availableReplicas"], dice));
    workload("apps/v1", "Deployment", &name(index, dice), spec, status, dice)
}

pub(super) fn replica_set(index: usize, dice: &mut Dice) -> Value {
    let spec = json!({ "replicas": dice.count(), "minReadySeconds": dice.count() });
    let status = json!({
        "observedGeneration": dice.number(),
        "terminatingReplicas": dice.count(),
        "conditions": loose_conditions(&["ReplicaFailure"], dice),
    });
    let counts = ["readyReplicas", "availableReplicas", "fullyLabeledReplicas"];
    let status = with(thin(status, dice), replicas(&counts, dice));
    workload("apps/v1", "ReplicaSet", &name(index, dice), spec, status, dice)
}

pub(super) fn replication_controller(index: usize, dice: &mut Dice) -> Value {
    let spec = json!({ "replicas": dice.count(), "minReadySeconds": dice.count() });
    let status = json!({
        "observedGeneration": dice.number(),
        "conditions": loose_conditions(&["ReplicaFailure"], dice),
    });
    let counts = ["readyReplicas", "availableReplicas", "fullyLabeledReplicas"];
    let status = with(thin(status, dice), replicas(&counts, dice));
    let mut object = workload("v1", "ReplicationController", &name(index, dice), spec, status, dice);
    object["spec"]["selector"] = object["spec"]["selector"]["matchLabels"].take();
    object
}

pub(super) fn stateful_set(index: usize, dice: &mut Dice) -> Value {
    let retention = json!({ "whenDeleted": dice.pick(&["Retain", "Delete"]), "whenScaled": dice.pick(&["Retain", "Delete"]) });
    let strategy = match dice.below(3) {
        0 => json!({ "type": "OnDelete" }),
        1 => json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": dice.count() } }),
        _ => json!({ "type": "RollingUpdate" }),
    };
    let spec = json!({
        "replicas": dice.count(),
        "minReadySeconds": dice.count(),
        "revisionHistoryLimit": dice.count(),
        "serviceName": dice.word(),
        "podManagementPolicy": dice.pick(&["OrderedReady", "Parallel"]),
        "updateStrategy": strategy,
        "persistentVolumeClaimRetentionPolicy": retention,
        "ordinals": { "start": dice.count() },
    });
    let status = json!({
        "observedGeneration": dice.number(),
        "collisionCount": dice.count(),
        "currentRevision": dice.text(),
        "updateRevision": dice.text(),
        "conditions": loose_conditions(&["Odd"], dice),
    });
    let counts = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
    let status = with(thin(status, dice), replicas(&counts, dice));
    workload("apps/v1", "StatefulSet", &short_name(index, dice), spec, status, dice)
}

pub(super) fn daemon_set(index: usize, dice: &mut Dice) -> Value {
    let strategy = match dice.below(3) {
        0 => json!({ "type": "OnDelete" }),
        1 => json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": "10%", "maxSurge": 0 } }),
        _ => json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0, "maxSurge": 3 } }),
    };
    let spec = json!({
        "minReadySeconds": dice.count(),
        "revisionHistoryLimit": dice.count(),
        "updateStrategy": strategy,
    });
    let optional = json!({
        "observedGeneration": dice.number(),
        "updatedNumberScheduled": dice.count(),
        "numberAvailable": dice.count(),
        "numberUnavailable": dice.count(),
        "collisionCount": dice.count(),
        "conditions": loose_conditions(&["Odd"], dice),
    });
    let status = with(
        thin(optional, dice),
        json!({
            "currentNumberScheduled": dice.count(),
            "numberMisscheduled": dice.count(),
            "desiredNumberScheduled": dice.count(),
            "numberReady": dice.count(),
        }),
    );
    workload("apps/v1", "DaemonSet", &name(index, dice), spec, status, dice)
}

/// `replicas` and further counts, none of which may be larger.
fn replicas(counts: &[&str], dice: &mut Dice) -> Value {
    let all = dice.count();
    let mut status = json!({ "replicas": all });
    for count in dice.some_of(counts) {
        status[count] = json!(dice.between(0, i64::from(all)));
    }
    if let Some(available) = status["availableReplicas"].as_i64()
        && status["readyReplicas"].as_i64().unwrap_or(0) < available
    {
        status["readyReplicas"] = json!(available);
    }
    status
}

fn workload(version: &str, kind: &str, name: &str, spec: Value, status: Value, dice: &mut Dice) -> Value {
    let labels = json!({ "app": dice.word(), "odd": "" });
    let required = json!({ "selector": { "matchLabels": labels }, "template": template(&labels, dice) });
    let mut object = json!({
        "apiVersion": version,
        "kind": kind,
        "metadata": namespaced(name, dice),
        "spec": with(thin(spec, dice), required),
    });
    if dice.percent(80) {
        object["status"] = status;
    }
    object
}
