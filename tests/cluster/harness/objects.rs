//! Objects to fill a cluster with.

use flate2::read::GzDecoder;
use kstate::catalog;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};
use std::io::Read as _;

/// The kinds that these tests are about.
pub(crate) const KINDS: [&str; 12] = [
    "configmaps",
    "daemonsets",
    "deployments",
    "jobs",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "pods",
    "replicasets",
    "secrets",
    "services",
    "statefulsets",
];

/// The kinds as `--resources` and kubectl take them.
pub(crate) fn resources() -> String {
    KINDS.join(",")
}

/// The API of a kind in a namespace; of all objects where it is empty.
pub(crate) fn api(client: &Client, plural: &str, namespace: &str) -> Api<DynamicObject> {
    let names = catalog::KINDS.iter().map(|kind| kind.names).find(|names| names.plural == plural).unwrap();
    let gvk = GroupVersionKind::gvk(names.group, names.version, names.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, plural);
    if names.namespaced && !namespace.is_empty() {
        Api::namespaced_with(client.clone(), namespace, &resource)
    } else {
        Api::all_with(client.clone(), &resource)
    }
}

/// Odd but valid objects, as a real API server once gave them, and some of our own.
pub(crate) fn reference_objects() -> Vec<Value> {
    let packed: &[u8] = include_bytes!("../../it/reference/objects.json.gz");
    let mut list = String::new();
    GzDecoder::new(packed).read_to_string(&mut list).unwrap();
    let mut list: Value = serde_json::from_str(&list).unwrap();
    let mut objects = list["items"].as_array_mut().map(std::mem::take).unwrap();
    objects.retain(|object| plural(object).is_some());
    objects.extend(own_objects());
    objects
}

/// The plural name of an object's kind, if it is one of [`KINDS`].
pub(crate) fn plural(object: &Value) -> Option<&'static str> {
    let names = catalog::KINDS.iter().map(|kind| kind.names).find(|names| object["kind"] == names.kind)?;
    KINDS.contains(&names.plural).then_some(names.plural)
}

/// A number of small pods in the namespace `default`.
pub(crate) fn generated_pods(count: usize) -> Vec<Value> {
    let pod = |number| {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": format!("generated-{number:05}"), "namespace": "default" },
            "spec": { "containers": [{ "name": "main", "image": "example.com/main:1" }] },
            "status": { "phase": "Running", "podIP": format!("10.1.{}.{}", number / 250, number % 250 + 1) },
        })
    };
    (0..count).map(pod).collect()
}

/// What the reference cluster lacks: ephemeral containers, quantities in every notation and names
/// that have to be escaped.
fn own_objects() -> [Value; 3] {
    let quantities = json!({
        "cpu": "0.5",
        "memory": "1e3",
        "ephemeral-storage": "1500000u",
        "hugepages-2Mi": "4Mi",
        "example.com/huge": "7E",
        "example.com/none": "0",
    });
    [
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": { "name": "own-node", "labels": { "node-role.kubernetes.io/own": "" } },
            "spec": { "providerID": "own:///a/\"b\\c", "taints": [{ "key": "own", "effect": "NoSchedule" }] },
            "status": { "capacity": quantities, "allocatable": { "cpu": "12345678901n", "memory": "7Ei" } },
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": "own-pod", "namespace": "default" },
            "spec": {
                "nodeName": "own-node",
                "containers": [{
                    "name": "main",
                    "image": "example.com/main:1",
                    "resources": {
                        "requests": { "cpu": "1e-1", "memory": "1.5Gi" },
                        "limits": { "cpu": "2", "memory": "2Gi" },
                    },
                }],
                "ephemeralContainers": [{
                    "name": "debugger",
                    "image": "example.com/debugger:1",
                    "targetContainerName": "main",
                }],
            },
            "status": {
                "phase": "Running",
                "reason": "Line\nbreak and \"quotes\" \\ ünïcödé",
                "ephemeralContainerStatuses": [{
                    "name": "debugger",
                    "image": "example.com/debugger:1",
                    "imageID": "",
                    "ready": false,
                    "restartCount": 0,
                    "state": { "terminated": { "exitCode": 137, "reason": "OOMKilled" } },
                }],
            },
        }),
        json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": { "name": "own-claim", "namespace": "default" },
            "spec": {
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "resources": { "requests": { "storage": "0.1Ti" } },
            },
        }),
    ]
}
