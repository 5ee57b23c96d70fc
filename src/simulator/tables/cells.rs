//! What the cells of tables say.

use jiff::Timestamp;
use serde_json::{Value, json};

mod bounds;
mod networks;
pub(super) mod pod;

pub(super) use bounds::*;
pub(super) use networks::*;

/// The name, with a remark when it is that of the default class.
pub(super) fn name(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let is_default = ["storageclass", "ingressclass"]
        .into_iter()
        .any(|kind| metadata["annotations"][format!("{kind}.kubernetes.io/is-default-class")] == "true");
    let remark = if is_default { " (default)" } else { "" };
    Value::String(format!("{}{remark}", text(&metadata["name"])))
}

/// How many of how many.
pub(super) fn count(some: &Value, all: &Value) -> Value {
    let of = |value: &Value| value.as_i64().unwrap_or_default();
    Value::String(format!("{}/{}", of(some), of(all)))
}

/// The elements of a list or the entries of a map.
pub(super) fn length(value: &Value) -> usize {
    value.as_array().map(Vec::len).or_else(|| value.as_object().map(serde_json::Map::len)).unwrap_or_default()
}

/// The entries of a config map.
pub(super) fn config_map_entries(map: &Value) -> Value {
    json!(length(&map["data"]) + length(&map["binaryData"]))
}

/// A map in one cell.
pub(super) fn map(map: &Value) -> Value {
    let pairs: Vec<_> =
        map.as_object().into_iter().flatten().map(|(key, value)| format!("{key}={}", text(value))).collect();
    if pairs.is_empty() { json!("<none>") } else { Value::String(pairs.join(",")) }
}

/// A label selector in one cell.
pub(super) fn selector(selector: &Value) -> Value {
    map(&selector["matchLabels"])
}

/// The time since, as `kubectl` shortens it.
pub(super) fn age(since: &Value, now: Timestamp) -> Value {
    let Some(since) = since.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
        return json!("<unknown>");
    };
    Value::String(short((now.as_second() - since.as_second()).max(0)))
}

/// A duration in seconds as `kubectl` shortens it.
fn short(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => format!("{}m{}s", seconds / 60, seconds % 60),
        600..10_800 => format!("{}m", seconds / 60),
        10_800..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A field of the containers of a template.
pub(super) fn containers(template: &Value, field: &str) -> Value {
    let containers = array(&template["spec"]["containers"]);
    let texts: Vec<_> = containers.iter().filter_map(|container| container[field].as_str()).collect();
    Value::String(texts.join(","))
}

/// The ready replicas of a workload.
pub(super) fn ready_replicas(set: &Value) -> Value {
    count(&set["status"]["readyReplicas"], &set["spec"]["replicas"])
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

/// The kernel of a node and what it runs on.
pub(super) fn kernel(node: &Value) -> Value {
    let info = &node["status"]["nodeInfo"];
    Value::String(format!("{} ({})", text(&info["kernelVersion"]), text(&info["architecture"])))
}

/// A node's address of a type.
pub(super) fn address(node: &Value, kind: &str) -> Value {
    let found = array(&node["status"]["addresses"]).iter().find(|address| address["type"] == kind);
    found.map_or_else(|| json!("<none>"), |address| address["address"].clone())
}

/// The modes of access to a volume.
pub(super) fn access_modes(modes: &Value) -> Value {
    let short = |mode: &Value| match text(mode) {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        _ => "RWOP",
    };
    Value::String(array(modes).iter().map(short).collect::<Vec<_>>().join(","))
}

/// The claim that a volume is bound to.
pub(super) fn claim(volume: &Value) -> Value {
    let claim = &volume["spec"]["claimRef"];
    let name = |claim: &Value| format!("{}/{}", text(&claim["namespace"]), text(&claim["name"]));
    Value::String(if claim.is_null() { String::new() } else { name(claim) })
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

/// Whether a cron job is suspended, in words.
pub(super) fn is_suspended(cron_job: &Value) -> Value {
    json!(match cron_job["spec"]["suspend"].as_bool() {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    })
}

/// The time since a cron job was due.
pub(super) fn last_schedule(cron_job: &Value) -> Value {
    match &cron_job["status"]["lastScheduleTime"] {
        Value::Null => json!("<none>"),
        time => age(time, Timestamp::now()),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The first three of a list, and how many more there are.
fn first_three(list: &[String], none: &str) -> Value {
    let shown = list[..list.len().min(3)].join(",");
    Value::String(match list.len() {
        0 => none.to_owned(),
        1..=3 => shown,
        all => format!("{shown} + {} more...", all - 3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_shortened() {
        let texts: Vec<_> = [5, 119, 150, 700, 11_000, 200_000].map(short).into();
        assert_eq!(texts, ["5s", "119s", "2m30s", "11m", "3h", "2d"]);
    }

    #[test]
    fn long_lists_are_cut() {
        let list = |length: usize| (0..length).map(|number| number.to_string()).collect::<Vec<_>>();
        assert_eq!(first_three(&list(0), "<none>"), "<none>");
        assert_eq!(first_three(&list(3), "<none>"), "0,1,2");
        assert_eq!(first_three(&list(9), "<none>"), "0,1,2 + 6 more...");
    }
}
