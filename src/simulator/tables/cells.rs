//! What the cells of tables say.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Text as it is.
pub(super) fn text(value: &Value) -> Value {
    Value::String(value.as_str().unwrap_or_default().to_owned())
}

/// Text, or what `kubectl` writes when there is none.
pub(super) fn or_none(value: &Value) -> Value {
    Value::String(value.as_str().filter(|text| !text.is_empty()).unwrap_or("<none>").to_owned())
}

/// A number; zero when it is absent.
pub(super) fn number(value: &Value) -> Value {
    Value::String(value.as_i64().unwrap_or_default().to_string())
}

/// How many of how many.
pub(super) fn count(some: &Value, all: &Value) -> Value {
    let of = |value: &Value| value.as_i64().unwrap_or_default();
    Value::String(format!("{}/{}", of(some), of(all)))
}

/// A list of texts in one cell.
pub(super) fn join(list: &Value, separator: &str) -> Value {
    let texts: Vec<_> = array(list).iter().filter_map(Value::as_str).collect();
    Value::String(texts.join(separator))
}

/// A map in one cell.
pub(super) fn map(map: &Value) -> Value {
    let pairs: Vec<_> = map
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { json!("<none>") } else { Value::String(pairs.join(",")) }
}

/// The time since, as `kubectl` shortens it.
pub(super) fn age(since: &Value, now: Timestamp) -> Value {
    let Some(since) = since.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
        return json!("<unknown>");
    };
    Value::String(short((now.as_second() - since.as_second()).max(0)))
}

fn short(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => format!("{}m{}s", seconds / 60, seconds % 60),
        600..10_800 => format!("{}m", seconds / 60),
        10_800..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A field of the containers of a workload's template.
pub(super) fn images(workload: &Value, field: &str) -> Value {
    let containers = array(&workload["spec"]["template"]["spec"]["containers"]);
    let texts: Vec<_> = containers.iter().filter_map(|container| container[field].as_str()).collect();
    Value::String(texts.join(","))
}

/// Whether a node is ready and takes pods.
pub(super) fn node_status(node: &Value) -> Value {
    let ready = array(&node["status"]["conditions"]).iter().find(|condition| condition["type"] == "Ready");
    let status = if ready.is_some_and(|ready| ready["status"] == "True") { "Ready" } else { "NotReady" };
    let cordoned = if node["spec"]["unschedulable"] == true { ",SchedulingDisabled" } else { "" };
    Value::String(format!("{status}{cordoned}"))
}

/// The roles among a node's labels.
pub(super) fn roles(node: &Value) -> Value {
    let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
    let roles: Vec<_> =
        labels.filter_map(|(label, _)| label.strip_prefix("node-role.kubernetes.io/")).collect();
    if roles.is_empty() { json!("<none>") } else { Value::String(roles.join(",")) }
}

/// A node's address inside the cluster.
pub(super) fn internal_ip(node: &Value) -> Value {
    address(node, "InternalIP")
}

/// A node's address outside the cluster.
pub(super) fn external_ip(node: &Value) -> Value {
    address(node, "ExternalIP")
}

fn address(node: &Value, kind: &str) -> Value {
    let found = array(&node["status"]["addresses"]).iter().find(|address| address["type"] == kind);
    or_none(&found.unwrap_or(&Value::Null)["address"])
}

/// A service's addresses outside the cluster.
pub(super) fn service_external_ip(service: &Value) -> Value {
    or_none(&service["status"]["loadBalancer"]["ingress"][0]["ip"])
}

/// A service's ports.
pub(super) fn ports(service: &Value) -> Value {
    let ports = array(&service["spec"]["ports"]).iter().map(|port| {
        let number = port["port"].as_i64().unwrap_or_default();
        format!("{number}/{}", port["protocol"].as_str().unwrap_or("TCP"))
    });
    Value::String(ports.collect::<Vec<_>>().join(","))
}

/// How a job stands.
pub(super) fn job_status(job: &Value) -> Value {
    let done = array(&job["status"]["conditions"])
        .iter()
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["type"].as_str())
        .find(|kind| matches!(*kind, "Complete" | "Failed" | "Suspended"));
    json!(done.unwrap_or("Running"))
}

/// How long a job ran or has been running.
pub(super) fn job_duration(job: &Value) -> Value {
    let end = job["status"]["completionTime"].as_str().and_then(|text| text.parse().ok());
    age(&job["status"]["startTime"], end.unwrap_or_else(Timestamp::now))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The cells of pods.
pub(super) mod pod {
    use serde_json::Value;

    use super::array;

    /// Ready containers of all.
    pub(in super::super) fn ready(pod: &Value) -> Value {
        let ready = statuses(pod).iter().filter(|status| status["ready"] == true).count();
        Value::String(format!("{ready}/{}", array(&pod["spec"]["containers"]).len()))
    }

    /// The reason that says most about the pod.
    pub(in super::super) fn status(pod: &Value) -> String {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let reason = |status: &Value| {
            text(&status["state"]["waiting"]["reason"])
                .or_else(|| text(&status["state"]["terminated"]["reason"]))
        };
        if !pod["metadata"]["deletionTimestamp"].is_null() {
            return "Terminating".to_owned();
        }
        text(&pod["status"]["reason"])
            .or_else(|| statuses(pod).iter().rev().find_map(reason))
            .or_else(|| text(&pod["status"]["phase"]))
            .unwrap_or_else(|| "Unknown".to_owned())
    }

    /// Restarts of all containers.
    pub(in super::super) fn restarts(pod: &Value) -> Value {
        let restarts = statuses(pod).iter().filter_map(|status| status["restartCount"].as_i64());
        Value::String(restarts.sum::<i64>().to_string())
    }

    fn statuses(pod: &Value) -> &[Value] {
        array(&pod["status"]["containerStatuses"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_shortened() {
        let texts: Vec<_> = [5, 119, 150, 700, 11_000, 200_000].map(short).into();
        assert_eq!(texts, ["5s", "119s", "2m30s", "11m", "3h", "2d"]);
    }
}
