//! What the resource metrics API says of nodes and pods.

use crate::{
    top::{Used, Uses},
    wire::Quantity,
};
use http::Request;
use kube::Client;
use serde::Deserialize;
use std::{collections::HashMap, time::Duration};

/// What nodes and containers use, by their names.
#[derive(Debug, Default)]
pub(super) struct Metered {
    nodes: HashMap<String, Used>,
    pods: HashMap<(String, String), Vec<(String, Used)>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
struct NodeMetrics {
    metadata: Named,
    usage: Usage,
}

#[derive(Deserialize)]
struct PodMetrics {
    metadata: Named,
    #[serde(default)]
    containers: Vec<ContainerMetrics>,
}

#[derive(Deserialize)]
struct ContainerMetrics {
    name: String,
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    cpu: String,
    #[serde(default)]
    memory: String,
}

#[derive(Deserialize)]
struct ListOf<T> {
    items: Vec<T>,
}

impl Metered {
    /// Asks the API server; what it doesn't serve, or doesn't show to everybody, stays unknown.
    pub(super) async fn ask(client: &Client, nodes: bool, pods: bool) -> Self {
        let mut metered = Self::default();
        if nodes {
            for node in list::<NodeMetrics>(client, "nodes").await {
                metered.add_node(node);
            }
        }
        if pods {
            for pod in list::<PodMetrics>(client, "pods").await {
                metered.add_pod(pod);
            }
        }
        metered
    }

    /// Takes an object of the API from a file; false where it is another one.
    pub(super) fn take(&mut self, api_version: &str, kind: &str, json: &str) -> bool {
        if !api_version.starts_with("metrics.k8s.io/") {
            return false;
        }
        match kind {
            "NodeMetrics" => serde_json::from_str(json).map(|node| self.add_node(node)).is_ok(),
            "PodMetrics" => serde_json::from_str(json).map(|pod| self.add_pod(pod)).is_ok(),
            _ => false,
        }
    }

    fn add_node(&mut self, NodeMetrics { metadata, usage }: NodeMetrics) {
        self.nodes.extend(usage.used().map(|used| (metadata.name, used)));
    }

    fn add_pod(&mut self, PodMetrics { metadata, containers }: PodMetrics) {
        let used =
            containers.into_iter().filter_map(|container| Some((container.name, container.usage.used()?)));
        self.pods.insert((metadata.namespace, metadata.name), used.collect());
    }
}

async fn list<T: serde::de::DeserializeOwned>(client: &Client, plural: &str) -> Vec<T> {
    let path = format!("/apis/metrics.k8s.io/v1beta1/{plural}");
    let request = Request::get(path).body(Vec::new()).expect("the path is sound");
    match client.request::<ListOf<T>>(request).await {
        Ok(list) => list.items,
        Err(error) => {
            tracing::debug!(%error, plural, "The resource metrics API has no answer.");
            Vec::new()
        }
    }
}

impl Usage {
    fn used(&self) -> Option<Used> {
        let number = |text: &str| Some(Quantity::parse(text)?.nanos() as f64 / 1e9);
        Some(Used { cpu: number(&self.cpu)?, memory: number(&self.memory)?, past: None })
    }
}

impl Uses for Metered {
    fn node(&self, name: &str, _: Option<Duration>) -> Option<Used> {
        self.nodes.get(name).copied()
    }

    fn pod(&self, _: &str, namespace: &str, name: &str, _: Option<Duration>) -> Option<Vec<(String, Used)>> {
        self.pods.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }
}
