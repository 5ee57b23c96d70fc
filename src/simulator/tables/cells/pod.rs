//! The cells of pods.

use serde_json::Value;

use super::array;

/// Ready containers of all.
pub(in super::super) fn ready(pod: &Value) -> Value {
    let ready = statuses(pod).iter().filter(|status| status["ready"] == true).count();
    Value::String(format!("{ready}/{}", array(&pod["spec"]["containers"]).len()))
}

/// The reason that says most about the pod.
pub(in super::super) fn status(pod: &Value) -> Value {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let reason = |status: &Value| {
        text(&status["state"]["waiting"]["reason"]).or_else(|| text(&status["state"]["terminated"]["reason"]))
    };
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        return Value::String("Terminating".to_owned());
    }
    let status = text(&pod["status"]["reason"])
        .or_else(|| statuses(pod).iter().rev().find_map(reason))
        .or_else(|| text(&pod["status"]["phase"]));
    Value::String(status.unwrap_or_else(|| "Unknown".to_owned()))
}

/// Restarts of all containers.
pub(in super::super) fn restarts(pod: &Value) -> Value {
    let restarts = statuses(pod).iter().filter_map(|status| status["restartCount"].as_i64());
    Value::String(restarts.sum::<i64>().to_string())
}

fn statuses(pod: &Value) -> &[Value] {
    array(&pod["status"]["containerStatuses"])
}
