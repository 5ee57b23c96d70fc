//! The columns of `kubectl get`, kind by kind.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::codec::Object;

mod cells;

use cells::{age, count, external_ip, images, internal_ip, join, map, number, pod, ports, roles, text};

/// A column after the name.
#[derive(Debug)]
pub(super) struct Column {
    title: &'static str,
    wide: bool,
    cell: fn(&Value) -> Value,
}

const fn narrow(title: &'static str, cell: fn(&Value) -> Value) -> Column {
    Column { title, wide: false, cell }
}

const fn wide(title: &'static str, cell: fn(&Value) -> Value) -> Column {
    Column { title, wide: true, cell }
}

/// The column that every kind has.
const AGE: Column = narrow("Age", |object| age(&object["metadata"]["creationTimestamp"], Timestamp::now()));

pub(super) const NAMESPACES: &[Column] =
    &[narrow("Status", |namespace| text(&namespace["status"]["phase"])), AGE];

pub(super) const NODES: &[Column] = &[
    narrow("Status", cells::node_status),
    narrow("Roles", roles),
    AGE,
    narrow("Version", |node| text(&node["status"]["nodeInfo"]["kubeletVersion"])),
    wide("Internal-IP", internal_ip),
    wide("External-IP", external_ip),
    wide("OS-Image", |node| text(&node["status"]["nodeInfo"]["osImage"])),
    wide("Kernel-Version", |node| text(&node["status"]["nodeInfo"]["kernelVersion"])),
    wide("Container-Runtime", |node| text(&node["status"]["nodeInfo"]["containerRuntimeVersion"])),
];

pub(super) const CLAIMS: &[Column] = &[
    narrow("Status", |claim| text(&claim["status"]["phase"])),
    narrow("Volume", |claim| text(&claim["spec"]["volumeName"])),
    narrow("Capacity", |claim| text(&claim["status"]["capacity"]["storage"])),
    narrow("Access Modes", |claim| join(&claim["status"]["accessModes"], ",")),
    narrow("StorageClass", |claim| text(&claim["spec"]["storageClassName"])),
    AGE,
    wide("VolumeMode", |claim| text(&claim["spec"]["volumeMode"])),
];

pub(super) const PODS: &[Column] = &[
    narrow("Ready", pod::ready),
    narrow("Status", |pod| Value::String(pod::status(pod))),
    narrow("Restarts", pod::restarts),
    AGE,
    wide("IP", |pod| cells::or_none(&pod["status"]["podIP"])),
    wide("Node", |pod| cells::or_none(&pod["spec"]["nodeName"])),
    wide("Nominated Node", |pod| cells::or_none(&pod["status"]["nominatedNodeName"])),
    wide("Readiness Gates", |_| json!("<none>")),
];

pub(super) const SERVICES: &[Column] = &[
    narrow("Type", |service| text(&service["spec"]["type"])),
    narrow("Cluster-IP", |service| cells::or_none(&service["spec"]["clusterIP"])),
    narrow("External-IP", cells::service_external_ip),
    narrow("Port(s)", ports),
    AGE,
    wide("Selector", |service| map(&service["spec"]["selector"])),
];

pub(super) const DAEMONSETS: &[Column] = &[
    narrow("Desired", |set| number(&set["status"]["desiredNumberScheduled"])),
    narrow("Current", |set| number(&set["status"]["currentNumberScheduled"])),
    narrow("Ready", |set| number(&set["status"]["numberReady"])),
    narrow("Up-to-date", |set| number(&set["status"]["updatedNumberScheduled"])),
    narrow("Available", |set| number(&set["status"]["numberAvailable"])),
    narrow("Node Selector", |set| map(&set["spec"]["template"]["spec"]["nodeSelector"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(super) const DEPLOYMENTS: &[Column] = &[
    narrow("Ready", |set| count(&set["status"]["readyReplicas"], &set["spec"]["replicas"])),
    narrow("Up-to-date", |set| number(&set["status"]["updatedReplicas"])),
    narrow("Available", |set| number(&set["status"]["availableReplicas"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(super) const REPLICASETS: &[Column] = &[
    narrow("Desired", |set| number(&set["spec"]["replicas"])),
    narrow("Current", |set| number(&set["status"]["replicas"])),
    narrow("Ready", |set| number(&set["status"]["readyReplicas"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(super) const STATEFULSETS: &[Column] = &[
    narrow("Ready", |set| count(&set["status"]["readyReplicas"], &set["spec"]["replicas"])),
    AGE,
    CONTAINERS,
    IMAGES,
];

pub(super) const JOBS: &[Column] = &[
    narrow("Status", cells::job_status),
    narrow("Completions", |job| count(&job["status"]["succeeded"], &job["spec"]["completions"])),
    narrow("Duration", cells::job_duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

const CONTAINERS: Column = wide("Containers", |set| images(set, "name"));
const IMAGES: Column = wide("Images", |set| images(set, "image"));
const SELECTOR: Column = wide("Selector", |set| map(&set["spec"]["selector"]["matchLabels"]));

/// The definitions of a kind's columns.
pub(super) fn definitions(columns: &[Column]) -> Value {
    let name = json!({"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0});
    let others = columns.iter().map(|column| {
        let priority = i32::from(column.wide);
        json!({"name": column.title, "type": "string", "format": "", "description": "", "priority": priority})
    });
    std::iter::once(name).chain(others).collect()
}

/// The cells of one object.
pub(super) fn cells(columns: &[Column], object: Object) -> Vec<Value> {
    let object = Value::Object(object);
    let name = object["metadata"]["name"].clone();
    std::iter::once(name).chain(columns.iter().map(|column| (column.cell)(&object))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_shown_as_kubectl_shows_it() {
        let Value::Object(pod) = json!({
            "metadata": {"name": "web-1", "creationTimestamp": "2020-01-01T00:00:00Z"},
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
            "status": {
                "phase": "Running",
                "podIP": "10.0.0.1",
                "containerStatuses": [
                    {"name": "a", "ready": true, "restartCount": 1, "state": {"running": {}}},
                    {"name": "b", "ready": false, "restartCount": 2,
                     "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
                ],
            },
        }) else {
            unreachable!()
        };
        let cells = cells(PODS, pod);
        assert_eq!(cells[..4], [json!("web-1"), json!("1/2"), json!("CrashLoopBackOff"), json!("3")]);
        assert!(cells[4].as_str().unwrap().ends_with('d'));
        assert_eq!(cells[5..7], [json!("10.0.0.1"), json!("<none>")]);
        assert_eq!(definitions(PODS).as_array().unwrap().len(), cells.len());
    }
}
