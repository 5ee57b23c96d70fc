//! The status of pods, as the kubelet writes it.

use serde_json::{Value, json};

use super::dice::{Dice, time};

/// How a pod fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum State {
    /// No node fits.
    Unschedulable,
    /// On a node, its containers not yet started.
    Creating,
    /// An image cannot be fetched.
    PullFailed,
    /// All containers run; `ready` says whether their probes succeed.
    Running { ready: bool, restarts: usize },
    /// The first container ends again and again.
    CrashLoop { restarts: usize, reason: &'static str },
    /// All containers ended well.
    Succeeded,
    /// The first container ended badly, for good.
    Failed,
    /// The node threw the pod out.
    Evicted,
}

impl State {
    /// Whether the pod counts as ready.
    pub(in super::super) fn is_ready(self) -> bool {
        matches!(self, Self::Running { ready: true, .. })
    }

    /// Whether the pod still counts towards its owner's replicas.
    pub(in super::super) fn is_active(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Failed | Self::Evicted)
    }
}

/// Where and since when a pod is in its state.
#[derive(Debug)]
pub(in super::super) struct Place<'a> {
    pub(in super::super) pod_ip: &'a str,
    pub(in super::super) host_ip: &'a str,
    /// When the pod was created, in Unix seconds.
    pub(in super::super) created: i64,
    /// When the state began, in Unix seconds.
    pub(in super::super) since: i64,
}

/// The quality of service that a pod with this specification is given.
pub(in super::super) fn qos_class(spec: &Value) -> &'static str {
    let containers = ["containers", "initContainers"].into_iter().filter_map(|list| spec[list].as_array());
    let resources = containers.flatten().map(|container| &container["resources"]);
    let (mut asks, mut is_limited) = (false, true);
    for (resources, name) in resources.flat_map(|resources| ["cpu", "memory"].map(|name| (resources, name))) {
        let (request, limit) = (&resources["requests"][name], &resources["limits"][name]);
        asks |= !request.is_null() || !limit.is_null();
        is_limited &= !limit.is_null() && (request.is_null() || request == limit);
    }
    match (asks, is_limited) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// The status of a pod whose metadata and spec are given.
pub(in super::super) fn status(pod: &Value, state: State, place: &Place<'_>, dice: &mut Dice) -> Value {
    let mut status = json!({
        "observedGeneration": 1,
        "phase": phase(state),
        "qosClass": qos_class(&pod["spec"]),
    });
    status["conditions"] = conditions(state, place);
    match state {
        State::Unschedulable => return status,
        State::Evicted => {
            status["reason"] = json!("Evicted");
            status["message"] = json!("The node was low on resource: memory.");
            status["startTime"] = time(place.created + 1);
            return status;
        }
        _ => {}
    }
    status["startTime"] = time(place.created + 1);
    status["hostIP"] = json!(place.host_ip);
    status["hostIPs"] = json!([{"ip": place.host_ip}]);
    if state != State::Creating {
        status["podIP"] = json!(place.pod_ip);
        status["podIPs"] = json!([{"ip": place.pod_ip}]);
    }
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten().enumerate();
    status["containerStatuses"] =
        containers.map(|(index, container)| container_status(container, index, state, place, dice)).collect();
    if let Some(containers) = pod["spec"]["initContainers"].as_array() {
        status["initContainerStatuses"] =
            containers.iter().map(|container| init_status(container, state, place, dice)).collect();
    }
    status
}

fn phase(state: State) -> &'static str {
    match state {
        State::Unschedulable | State::Creating | State::PullFailed => "Pending",
        State::Running { .. } | State::CrashLoop { .. } => "Running",
        State::Succeeded => "Succeeded",
        State::Failed | State::Evicted => "Failed",
    }
}

fn conditions(state: State, place: &Place<'_>) -> Value {
    let created = place.created;
    let condition = |kind: &str, status: bool, since: i64, reason: &str| {
        let mut condition = json!({
            "type": kind,
            "observedGeneration": 1,
            "status": if status { "True" } else { "False" },
            "lastTransitionTime": time(since),
        });
        if !reason.is_empty() {
            condition["reason"] = json!(reason);
        }
        condition
    };
    if state == State::Unschedulable {
        let mut scheduled = condition("PodScheduled", false, created, "Unschedulable");
        scheduled["message"] = json!("0/1 nodes are available: 1 Insufficient memory.");
        return json!([scheduled]);
    }
    let runs = matches!(state, State::Running { .. } | State::CrashLoop { .. });
    let ended = matches!(state, State::Succeeded | State::Failed | State::Evicted);
    let initialized = state != State::Creating;
    let reason = match state {
        State::Succeeded => "PodCompleted",
        State::Failed | State::Evicted => "PodFailed",
        state if state.is_ready() => "",
        _ => "ContainersNotReady",
    };
    let has_sandbox = runs || state == State::PullFailed;
    let mut list = vec![
        condition(
            "PodReadyToStartContainers",
            has_sandbox,
            if ended { place.since } else { created + 3 },
            "",
        ),
        condition(
            "Initialized",
            initialized,
            created + 4,
            if state == State::Succeeded { reason } else { "" },
        ),
        condition("Ready", state.is_ready(), place.since, reason),
        condition("ContainersReady", state.is_ready(), place.since, reason),
        condition("PodScheduled", true, created, ""),
    ];
    if state == State::Evicted {
        list.push(condition("DisruptionTarget", true, place.since, "TerminationByKubelet"));
    }
    Value::Array(list)
}

fn container_status(
    container: &Value,
    index: usize,
    state: State,
    place: &Place<'_>,
    dice: &mut Dice,
) -> Value {
    let id = format!("containerd://{}", dice.digest());
    let waiting = |reason: &str, message: String| json!({"waiting": {"reason": reason, "message": message}});
    let running = |since: i64| json!({"running": {"startedAt": time(since)}});
    let name = container["name"].as_str().unwrap_or_default();
    let pod_started = place.created + 6;
    let (now, last, restarts) = match state {
        State::Creating => (json!({"waiting": {"reason": "ContainerCreating"}}), None, 0),
        State::PullFailed if index == 0 => {
            let image = container["image"].as_str().unwrap_or_default();
            (waiting("ImagePullBackOff", format!("Back-off pulling image \"{image}\"")), None, 0)
        }
        State::Running { restarts, .. } if index == 0 && restarts > 0 => {
            let reason = if restarts.is_multiple_of(3) { "OOMKilled" } else { "Error" };
            let last = terminated(reason, pod_started, place.since - 20, dice);
            (running(place.since - 15), Some(last), restarts)
        }
        State::CrashLoop { restarts, reason } if index == 0 => {
            let message = format!("back-off 5m0s restarting failed container={name}");
            let last = terminated(reason, place.since - 40, place.since, dice);
            (waiting("CrashLoopBackOff", message), Some(last), restarts)
        }
        State::Succeeded => (terminated("Completed", pod_started, place.since, dice), None, 0),
        State::Failed => {
            let reason = if index == 0 { "Error" } else { "Completed" };
            (terminated(reason, pod_started, place.since, dice), None, 0)
        }
        _ => (running(pod_started), None, 0),
    };
    let is_running = now.get("running").is_some();
    let mut status = json!({
        "name": name,
        "ready": is_running && (state.is_ready() || index > 0),
        "restartCount": restarts,
        "image": container["image"],
        "imageID": "",
        "started": is_running,
        "resources": container["resources"],
        "user": {"linux": {"uid": 1000, "gid": 2000, "supplementalGroups": [2000]}},
    });
    status["state"] = now;
    status["lastState"] = last.unwrap_or_else(|| json!({}));
    if state != State::Creating && !(state == State::PullFailed && index == 0) {
        status["imageID"] = json!(image_id(container));
        status["containerID"] =
            status["state"]["terminated"]["containerID"].as_str().map_or(json!(id), |id| json!(id));
    }
    // Told of running containers only.
    if !is_running && let Some(status) = status.as_object_mut() {
        status.remove("resources");
        status.remove("user");
    }
    status
}

fn init_status(container: &Value, state: State, place: &Place<'_>, dice: &mut Dice) -> Value {
    if state == State::Creating {
        return json!({
            "name": container["name"],
            "state": {"waiting": {"reason": "PodInitializing"}},
            "lastState": {},
            "ready": false,
            "restartCount": 0,
            "image": container["image"],
            "imageID": "",
            "started": false,
        });
    }
    let done = terminated("Completed", place.created + 3, place.created + 4, dice);
    json!({
        "name": container["name"],
        "containerID": done["terminated"]["containerID"],
        "state": done,
        "lastState": {},
        "ready": true,
        "restartCount": 0,
        "image": container["image"],
        "imageID": image_id(container),
        "started": false,
    })
}

fn terminated(reason: &str, started: i64, finished: i64, dice: &mut Dice) -> Value {
    let code = match reason {
        "Completed" => 0,
        "OOMKilled" => 137,
        _ => 1,
    };
    json!({"terminated": {
        "exitCode": code,
        "reason": reason,
        "startedAt": time(started.min(finished)),
        "finishedAt": time(finished),
        "containerID": format!("containerd://{}", dice.digest()),
    }})
}

/// The digest of an image, the same wherever it runs.
fn image_id(container: &Value) -> String {
    let image = container["image"].as_str().unwrap_or_default();
    let repository = image.rsplit_once(':').map_or(image, |(repository, _)| repository);
    format!("{repository}@sha256:{}", Dice::new(0, image, 0).digest())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_follows_from_what_all_containers_ask_for() {
        let both = |cpu: &str, memory: &str| json!({ "cpu": cpu, "memory": memory });
        let limited = json!({ "requests": both("1", "1Gi"), "limits": both("1", "1Gi") });
        let some = json!({ "requests": both("1", "1Gi"), "limits": both("2", "1Gi") });
        let cases = [
            (vec![json!({})], json!({}), "BestEffort"),
            (vec![limited.clone()], json!({}), "Burstable"),
            (vec![limited.clone()], limited.clone(), "Guaranteed"),
            (vec![json!({ "limits": both("1", "1Gi") })], limited.clone(), "Guaranteed"),
            (vec![limited.clone(), some.clone()], limited.clone(), "Burstable"),
            (vec![json!({ "limits": { "memory": "1Gi" } })], json!({}), "Burstable"),
        ];
        for (containers, init, class) in cases {
            let containers: Value =
                containers.iter().map(|resources| json!({ "resources": resources })).collect();
            let spec = json!({ "containers": containers, "initContainers": [{ "resources": init }] });
            assert_eq!(qos_class(&spec), class, "{spec}");
        }
    }
}
