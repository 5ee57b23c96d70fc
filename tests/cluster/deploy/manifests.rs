//! Objects as a tool has rendered them, and what they say of the exporter's containers.

use super::container::{Container, Probe};
use serde_json::Value;
use std::collections::BTreeMap;

/// The container that is the exporter's.
const EXPORTER: &str = "kube-state-metrics";
const WORKLOADS: [&str; 3] = ["DaemonSet", "Deployment", "StatefulSet"];

/// What was rendered.
pub(super) struct Manifests {
    /// What failures call it.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) objects: Vec<Value>,
}

impl Manifests {
    /// Reads YAML documents.
    pub(super) fn read(name: &str, text: Vec<u8>) -> Self {
        let text = String::from_utf8(text).unwrap();
        let mut objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        objects.retain(|object| !object.is_null());
        assert!(!objects.is_empty(), "{name}: nothing was rendered");
        Self { name: name.to_owned(), text, objects }
    }

    /// The objects of a kind.
    pub(super) fn of_kind<'a, 'k>(&'a self, kind: &'k str) -> impl Iterator<Item = &'a Value> + use<'a, 'k> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// The only object of a kind.
    pub(super) fn one(&self, kind: &str) -> &Value {
        let all: Vec<&Value> = self.of_kind(kind).collect();
        assert_eq!(all.len(), 1, "{}: objects of {kind}", self.name);
        all[0]
    }

    /// The object of a kind and a name.
    pub(super) fn named(&self, kind: &str, name: &str) -> &Value {
        let mut all = self.of_kind(kind).filter(|object| object["metadata"]["name"] == name);
        all.next().unwrap_or_else(|| panic!("{}: there is no {kind} {name}", self.name))
    }

    /// What makes pods.
    pub(super) fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(|object| WORKLOADS.contains(&text(&object["kind"])))
    }

    /// The exporter's container in the pods of a workload.
    pub(super) fn container(&self, workload: &Value) -> Container {
        let pod = &workload["spec"]["template"]["spec"];
        let (exporter, others): (Vec<&Value>, Vec<&Value>) =
            list(&pod["containers"]).iter().partition(|container| container["name"] == EXPORTER);
        let [exporter] = exporter[..] else { panic!("{}: not one container {EXPORTER}", self.name) };
        let probes = ["liveness", "readiness", "startup"].into_iter().filter_map(|kind| {
            let request = exporter.get(format!("{kind}Probe"))?.get("httpGet").unwrap();
            Some(Probe {
                kind: kind.to_owned(),
                path: text(&request["path"]).to_owned(),
                port: text(&request["port"]).to_owned(),
                scheme: request["scheme"].as_str().unwrap_or("HTTP").to_owned(),
            })
        });
        Container {
            name: format!("{}: {}", self.name, text(&workload["metadata"]["name"])),
            values: None,
            workload: text(&workload["kind"]).to_owned(),
            args: list(&exporter["args"]).iter().map(|argument| text(argument).to_owned()).collect(),
            env: list(&exporter["env"]).iter().map(|variable| text(&variable["name"]).to_owned()).collect(),
            ports: ports(exporter).map(|(name, port)| (name.to_owned(), port)).collect(),
            probes: probes.collect(),
            files: self.files(pod, exporter),
            proxied: others.into_iter().filter_map(proxied).collect(),
        }
    }

    /// Files of config maps in a container, which are among the manifests.
    fn files(&self, pod: &Value, container: &Value) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for mount in list(&container["volumeMounts"]) {
            let volume = list(&pod["volumes"]).iter().find(|volume| volume["name"] == mount["name"]);
            let volume = volume.unwrap_or_else(|| panic!("{}: no volume for {mount}", self.name));
            let Some(name) = volume["configMap"].get("name") else { continue };
            let map = self.of_kind("ConfigMap").find(|map| map["metadata"]["name"] == *name).unwrap();
            for (key, value) in map["data"].as_object().unwrap() {
                files.insert(format!("{}/{key}", text(&mount["mountPath"])), text(value).to_owned());
            }
        }
        files
    }
}

/// The name of a proxy's port, and the port of the exporter behind it.
fn proxied(container: &Value) -> Option<(String, u16)> {
    let behind = |argument: &Value| {
        text(argument).strip_prefix("--upstream=http://127.0.0.1:")?.strip_suffix('/')?.parse().ok()
    };
    let port = list(&container["args"]).iter().find_map(behind)?;
    let (name, _) = ports(container).find(|(name, _)| !name.ends_with("-healthz"))?;
    Some((name.to_owned(), port))
}

fn ports(container: &Value) -> impl Iterator<Item = (&str, u16)> {
    list(&container["ports"])
        .iter()
        .map(|port| (text(&port["name"]), u16::try_from(port["containerPort"].as_u64().unwrap()).unwrap()))
}

/// A list, which is empty where there is none.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text that has to be there.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
