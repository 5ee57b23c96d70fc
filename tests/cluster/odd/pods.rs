//! Pods, and the templates of those that make them.

use super::{
    dice::{Dice, thin, with},
    metadata::{labels, name, namespaced},
    pod_status, volumes,
};
use serde_json::{Value, json};

/// A pod with its status.
pub(super) fn pod(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let mut spec = pod_spec(dice);
    spec["restartPolicy"] = json!(dice.pick(&["Always", "Always", "OnFailure", "Never"]));
    if dice.percent(30) {
        spec["ephemeralContainers"] = ephemeral_containers(dice);
    }
    if dice.percent(60) {
        spec["nodeName"] = json!(dice.pick(&["odd-1", "odd-2", "node.that.is.nowhere"]));
    }
    let mut pod =
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": namespaced(&name, dice), "spec": spec });
    if dice.percent(85) {
        pod["status"] = pod_status::status(&pod["spec"], dice);
    }
    pod
}

/// The template of a workload whose pods start again when they end.
pub(super) fn template(labels: &Value, dice: &mut Dice) -> Value {
    json!({ "metadata": { "labels": labels }, "spec": pod_spec(dice) })
}

/// The template of a job, which ends.
pub(super) fn job_template(dice: &mut Dice) -> Value {
    let restart = dice.pick(&["Never", "OnFailure"]);
    let spec = with(pod_spec(dice), json!({ "restartPolicy": restart }));
    with(thin(json!({ "metadata": { "labels": labels(dice) } }), dice), json!({ "spec": spec }))
}

fn pod_spec(dice: &mut Dice) -> Value {
    let claims = dice.percent(15);
    let optional = json!({
        "volumes": volumes::of_pod(dice),
        "initContainers": init_containers(claims, dice),
        "tolerations": tolerations(dice),
        "nodeSelector": labels(dice),
        "serviceAccountName": dice.host(),
        "priorityClassName": dice.host(),
        "priority": dice.pick(&[-2_000_000_000, 0, 1_000_000_000]),
        "runtimeClassName": dice.host(),
        "schedulerName": dice.pick(&["", "own-scheduler"]),
        "terminationGracePeriodSeconds": dice.pick(&[0, 1, 30, i64::MAX]),
        "hostname": dice.word(),
        "dnsPolicy": dice.pick(&["ClusterFirst", "Default"]),
        "overhead": { "cpu": dice.quantity(), "memory": "120Mi" },
        "enableServiceLinks": dice.coin(),
        "readinessGates": [{ "conditionType": "example.com/Own_condition.1" }],
        "hostAliases": [{ "ip": dice.ipv4(), "hostnames": [dice.word()] }],
        "imagePullSecrets": [{ "name": dice.text() }, { "name": "same" }, { "name": "same" }],
        "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": [
            { "matchExpressions": [{ "key": "a", "operator": "Exists" }] },
        ] } } },
    });
    let mut spec = with(thin(optional, dice), json!({ "containers": containers("main", 1, claims, dice) }));
    let has_ports = |list: &str| {
        spec[list].as_array().into_iter().flatten().any(|container| container.get("ports").is_some())
    };
    // Ports of the host must be different ones.
    if !has_ports("containers") && !has_ports("initContainers") && dice.coin() {
        spec["hostNetwork"] = json!(dice.coin());
    }
    if claims {
        spec["resourceClaims"] = json!([
            { "name": "claim-0", "resourceClaimName": dice.host() },
            { "name": "claim-1", "resourceClaimTemplateName": dice.host() },
        ]);
    }
    spec
}

fn containers(stem: &str, least: usize, claims: bool, dice: &mut Dice) -> Vec<Value> {
    dice.list(least, |dice, index| container(&format!("{stem}-{index}"), claims, dice))
}

fn init_containers(claims: bool, dice: &mut Dice) -> Vec<Value> {
    let mut containers = containers("init", 0, claims, dice);
    for container in &mut containers {
        if dice.percent(30) {
            container["restartPolicy"] = json!("Always");
        }
    }
    containers
}

fn container(name: &str, claims: bool, dice: &mut Dice) -> Value {
    let optional = json!({
        "command": [dice.text()],
        "args": [],
        "imagePullPolicy": dice.pick(&["Always", "IfNotPresent", "Never"]),
        "ports": [{ "containerPort": 80, "name": "http" }, { "containerPort": 80, "protocol": "UDP" }],
        "env": [{ "name": "A", "value": dice.text() }, { "name": "A", "value": "again" }],
        "resources": resources(claims, dice),
        "terminationMessagePath": dice.text(),
        "securityContext": { "privileged": dice.coin() },
        "tty": true,
    });
    with(thin(optional, dice), json!({ "name": name, "image": image(dice) }))
}

fn ephemeral_containers(dice: &mut Dice) -> Value {
    let containers = dice.list(1, |dice, index| {
        json!({ "name": format!("debug-{index}"), "image": image(dice), "terminationMessagePolicy": "File" })
    });
    containers.into()
}

pub(super) fn image(dice: &mut Dice) -> String {
    let odd = ["a", "example.com/a/b:1", "localhost:5000/x@sha256:abc", "UPPER \"quoted\" \\ ü", "x:latest"];
    dice.pick(&odd).to_owned()
}

/// Requests and limits that agree with each other.
pub(super) fn resources(claims: bool, dice: &mut Dice) -> Value {
    let pairs = [
        ("0", "0"),
        ("100m", "1"),
        ("0.5", "1500m"),
        ("1Gi", "1Gi"),
        ("1e3", "2k"),
        ("1.5", "2"),
        ("1u", "7E"),
    ];
    let (mut requests, mut limits) = (json!({}), json!({}));
    for resource in dice.some_of(&["cpu", "memory", "ephemeral-storage"]) {
        let (request, limit) = dice.pick(&pairs);
        match dice.below(4) {
            0 => requests[resource] = dice.quantity(),
            1 => limits[resource] = dice.quantity(),
            _ => {
                requests[resource] = json!(request);
                limits[resource] = json!(limit);
            }
        }
    }
    if dice.percent(20) {
        // Of these, requests and limits are always the same.
        let resources = ["nvidia.com/gpu", "example.com/Odd_1.x", "hugepages-2Mi", "hugepages-1Gi"];
        // Two of them read alike as a metric's label.
        for resource in resources.into_iter().chain(dice.some_of(&["example.com/a.b", "example.com/a-b"])) {
            limits[resource] = json!(dice.pick(&["0", "2Gi", "4Gi"]));
        }
        limits["cpu"] = json!("2");
        requests["cpu"] = json!("1");
    }
    let mut resources = json!({});
    for (name, amounts) in [("requests", requests), ("limits", limits)] {
        if dice.coin() || amounts.as_object().is_some_and(|amounts| !amounts.is_empty()) {
            resources[name] = amounts;
        }
    }
    if claims && dice.coin() {
        resources["claims"] = json!([{ "name": "claim-0" }, { "name": "claim-1", "request": "r" }]);
    }
    resources
}

fn tolerations(dice: &mut Dice) -> Value {
    let tolerations = dice.list(0, |dice, _| {
        let effect = dice.pick(&["", "NoSchedule", "PreferNoSchedule", "NoExecute"]);
        let mut toleration = match dice.below(4) {
            0 => json!({ "operator": "Exists" }),
            1 => json!({ "operator": "Exists", "key": dice.host() }),
            2 => json!({ "operator": "Equal", "key": "example.com/a", "value": dice.word() }),
            _ => json!({ "key": dice.host() }),
        };
        toleration["effect"] = json!(effect);
        if effect == "NoExecute" && dice.coin() {
            toleration["tolerationSeconds"] = json!(dice.pick(&[-1, 0, 300, i64::MAX]));
        }
        toleration
    });
    tolerations.into()
}
