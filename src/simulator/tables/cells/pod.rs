//! The cells of pods.

use jiff::Timestamp;
use serde_json::Value;

use super::{age, array};

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

/// Restarts of all containers, and when the last one was.
pub(in super::super) fn restarts(pod: &Value) -> Value {
    let restarts: i64 = statuses(pod).iter().filter_map(|status| status["restartCount"].as_i64()).sum();
    let last = statuses(pod).iter().filter_map(|status| {
        let ended = &status["lastState"]["terminated"]["finishedAt"];
        Some((ended.as_str()?.parse::<Timestamp>().ok()?, ended))
    });
    let last = last.max_by_key(|(time, _)| *time).filter(|_| restarts > 0);
    let ago = last.map(|(_, ended)| age(ended, Timestamp::now()));
    let ago = ago.map(|ago| format!(" ({} ago)", ago.as_str().unwrap_or_default()));
    Value::String(format!("{restarts}{}", ago.unwrap_or_default()))
}

fn statuses(pod: &Value) -> &[Value] {
    array(&pod["status"]["containerStatuses"])
}
