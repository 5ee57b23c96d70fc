//! Objects to fill a cluster with.

use flate2::read::GzDecoder;
use kstate::catalog;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};
use std::io::Read as _;

/// The plural names of all kinds, those that are not served by default too.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    catalog::KINDS.iter().map(|kind| kind.names.plural)
}

/// The kinds as `--resources` and kubectl take them.
pub(crate) fn resources() -> String {
    kinds().collect::<Vec<_>>().join(",")
}

/// The API of a kind in a namespace; of all objects where it is empty.
pub(crate) fn api(client: &Client, plural: &str, namespace: &str) -> Api<DynamicObject> {
    let names = catalog::KINDS.iter().map(|kind| kind.names).find(|names| names.plural == plural).unwrap();
    let namespace = if names.namespaced { namespace } else { "" };
    api_in(client, &GroupVersionKind::gvk(names.group, names.version, names.kind), namespace)
}

/// The API of an object's kind in the object's namespace.
pub(crate) fn api_of(client: &Client, object: &Value) -> Api<DynamicObject> {
    let (version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    api_in(client, &GroupVersionKind::gvk(group, version, kind), namespace)
}

fn api_in(client: &Client, kind: &GroupVersionKind, namespace: &str) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(kind);
    if namespace.is_empty() {
        Api::all_with(client.clone(), &resource)
    } else {
        Api::namespaced_with(client.clone(), namespace, &resource)
    }
}

/// An object's name as a part of a path, in which a few kinds admit nearly everything.
pub(crate) fn name_in_path(object: &Value) -> String {
    let name = object["metadata"]["name"].as_str().unwrap();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(byte);
    let encoded = name.bytes().map(|byte| match byte {
        byte if plain(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// Odd but valid objects, as a real API server once gave them, and some of our own.
pub(crate) fn reference_objects() -> Vec<Value> {
    let packed: &[u8] = include_bytes!("../../it/reference/objects.json.gz");
    let mut list = String::new();
    GzDecoder::new(packed).read_to_string(&mut list).unwrap();
    let mut list: Value = serde_json::from_str(&list).unwrap();
    let mut objects = list["items"].as_array_mut().map(std::mem::take).unwrap();
    objects.extend(own_objects());
    objects
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
