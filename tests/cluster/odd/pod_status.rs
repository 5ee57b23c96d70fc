//! What a kubelet could have said of a pod, and what none would.

use super::{
    dice::{Dice, loose_conditions, one_of, thin, with},
    pods::image,
};
use serde_json::{Value, json};

const CONDITIONS: [&str; 7] = [
    "ContainersReady",
    "DisruptionTarget",
    "Initialized",
    "PodReadyToStartContainers",
    "PodScheduled",
    "PodResizePending",
    "Ready",
];

/// A status for a pod with this specification.
pub(super) fn status(spec: &Value, dice: &mut Dice) -> Value {
    let four = dice.coin();
    let ip = if four { dice.ipv4() } else { dice.ipv6() };
    let other = if four { dice.ipv6() } else { dice.ipv4() };
    let host = dice.ipv4();
    let optional = json!({
        "phase": dice.pick(&["Pending", "Running", "Succeeded", "Failed", "Unknown", "", "Odd"]),
        "conditions": loose_conditions(&CONDITIONS, dice),
        "message": dice.text(),
        "reason": dice.pick(&["", "Evicted", "NodeLost", "NodeAffinity", "Shutdown", "UnexpectedAdmissionError", "Terminated", "odd \"x\"\n"]),
        "startTime": dice.time(),
        "containerStatuses": statuses(&spec["containers"], dice),
        "initContainerStatuses": statuses(&spec["initContainers"], dice),
        "ephemeralContainerStatuses": statuses(&spec["ephemeralContainers"], dice),
        "resize": "Proposed",
        "observedGeneration": dice.number(),
    });
    let mut status = thin(optional, dice);
    if spec.get("resourceClaims").is_some() && dice.coin() {
        let claims = json!([{ "name": "claim-0" }, { "name": "claim-1", "resourceClaimName": dice.host() }]);
        status["resourceClaimStatuses"] = claims;
    }
    if spec.get("nodeName").is_none() && dice.coin() {
        status["nominatedNodeName"] = json!(dice.host());
    }
    if dice.coin() {
        status["hostIP"] = json!(host);
        status["hostIPs"] = json!([{ "ip": host }]);
    }
    if dice.coin() {
        status["podIP"] = json!(ip);
        status["podIPs"] =
            if dice.coin() { json!([{ "ip": ip }, { "ip": other }]) } else { json!([{ "ip": ip }]) };
    }
    status
}

fn statuses(containers: &Value, dice: &mut Dice) -> Value {
    let containers = containers.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut statuses = Vec::new();
    for container in containers {
        if dice.percent(90) {
            statuses.push(container_status(container["name"].as_str().unwrap(), dice));
        }
    }
    statuses.into()
}

fn container_status(name: &str, dice: &mut Dice) -> Value {
    let digest = dice.uid().replace('-', "").repeat(2);
    let container_id = dice.pick(&["", "odd", "docker://", "containerd://"]);
    let container_id = if container_id.ends_with("//") {
        format!("{container_id}{digest}")
    } else {
        container_id.to_owned()
    };
    let optional = json!({
        "state": state(dice),
        "lastState": state(dice),
        "containerID": container_id,
        "started": dice.coin(),
        "allocatedResources": { "cpu": dice.quantity() },
        "resources": { "requests": { "cpu": "1", "memory": dice.quantity() }, "limits": { "memory": "8Ei" } },
    });
    let image_id = dice.pick(&["", "example.com/a@sha256:0123", "odd \"x\""]);
    with(
        thin(optional, dice),
        json!({
            "name": name,
            "image": image(dice),
            "imageID": image_id,
            "ready": dice.coin(),
            "restartCount": dice.count(),
        }),
    )
}

fn state(dice: &mut Dice) -> Value {
    let waiting = dice.pick(&[
        "ContainerCreating",
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "Odd \"reason\"",
        "",
    ]);
    let ended = dice.pick(&[
        "OOMKilled",
        "Completed",
        "Error",
        "ContainerCannotRun",
        "DeadlineExceeded",
        "Evicted",
        "ödd\n",
        "",
    ]);
    let waiting = thin(json!({ "reason": waiting, "message": dice.text() }), dice);
    let running = thin(json!({ "startedAt": dice.time() }), dice);
    let optional = json!({
        "signal": dice.count(),
        "reason": ended,
        "message": dice.text(),
        "startedAt": dice.time(),
        "finishedAt": dice.time(),
        "containerID": "containerd://x",
    });
    let code = dice.pick(&[0, 1, 137, 255, -1, i32::MAX]);
    let terminated = with(thin(optional, dice), json!({ "exitCode": code }));
    if dice.percent(10) {
        return json!({});
    }
    one_of(json!({ "waiting": waiting, "running": running, "terminated": terminated }), dice)
}
