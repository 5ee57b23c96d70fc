//! The objects of the API.

use super::{
    path::{Kind, Version},
    text,
};
use crate::{
    usage::{Measured, PodUsage},
    wire::ObjectMeta,
};
use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{cmp::Ordering, time::Duration};

/// What one object uses.
#[derive(Debug)]
pub(super) struct Metrics<'o> {
    pub(super) metadata: &'o ObjectMeta,
    pub(super) timestamp: Timestamp,
    pub(super) window: Duration,
    pub(super) used: Used,
}

/// What is used of resources.
#[derive(Debug)]
pub(super) enum Used {
    ByNode(Measured),
    ByContainers(PodUsage),
}

impl<'o> Metrics<'o> {
    pub(super) fn of_node(metadata: &'o ObjectMeta, measured: Measured) -> Self {
        let Measured { timestamp, window, .. } = measured;
        Self { metadata, timestamp, window, used: Used::ByNode(measured) }
    }

    pub(super) fn of_pod(metadata: &'o ObjectMeta, usage: PodUsage) -> Self {
        let PodUsage { timestamp, window, .. } = usage;
        Self { metadata, timestamp, window, used: Used::ByContainers(usage) }
    }

    /// By namespaces, and by names in each.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let key = |metrics: &Self| (&*metrics.metadata.namespace, &*metrics.metadata.name);
        key(self).cmp(&key(other))
    }

    /// Nanocores and bytes in all.
    pub(super) fn total(&self) -> (u64, u64) {
        match &self.used {
            Used::ByNode(measured) => (measured.cpu, measured.memory),
            Used::ByContainers(usage) => usage
                .containers
                .iter()
                .fold((0, 0), |(cpu, memory), (_, measured)| (cpu + measured.cpu, memory + measured.memory)),
        }
    }
}

/// A list, or one object of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<'m> {
    kind: String,
    api_version: String,
    metadata: Nothing,
    items: Vec<Object<'m>>,
}

#[derive(Debug, Serialize)]
struct Nothing {}

/// One object as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<String>,
    metadata: Metadata<'m>,
    timestamp: String,
    window: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Quantities>,
    #[serde(skip_serializing_if = "Option::is_none")]
    containers: Option<Vec<Container<'m>>>,
}

/// Metadata as JSON: names and labels are those of what is measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'m> {
    name: &'m str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'m str,
    creation_timestamp: &'m str,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    labels: Labels<'m>,
}

#[derive(Debug)]
struct Labels<'m>(&'m ObjectMeta);

#[derive(Debug, Serialize)]
struct Container<'m> {
    name: &'m str,
    usage: Quantities,
}

#[derive(Debug, Serialize)]
struct Quantities {
    cpu: String,
    memory: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    swap: Option<String>,
}

impl<'m> List<'m> {
    pub(super) fn new(version: Version, kind: Kind, metrics: &'m [Metrics<'_>], now: &'m str) -> Self {
        Self {
            kind: format!("{}List", kind.name()),
            api_version: version.of_group(),
            metadata: Nothing {},
            items: metrics.iter().map(|metrics| Object::new(metrics, now)).collect(),
        }
    }
}

impl<'m> Object<'m> {
    /// One of a list, `now` being when the answer is made.
    fn new(metrics: &'m Metrics<'_>, now: &'m str) -> Self {
        let (usage, containers) = match &metrics.used {
            Used::ByNode(measured) => (Some(Quantities::of(measured)), None),
            Used::ByContainers(usage) => {
                let containers = usage.containers.iter();
                let containers =
                    containers.map(|(name, measured)| Container { name, usage: Quantities::of(measured) });
                (None, Some(containers.collect()))
            }
        };
        Self {
            kind: None,
            api_version: None,
            metadata: Metadata::new(metrics, now),
            timestamp: text::time(metrics.timestamp),
            window: text::duration(metrics.window),
            usage,
            containers,
        }
    }

    /// One that stands alone.
    pub(super) fn alone(version: Version, kind: Kind, metrics: &'m Metrics<'_>, now: &'m str) -> Self {
        let (kind, api_version) = (Some(kind.name()), Some(version.of_group()));
        Self { kind, api_version, ..Self::new(metrics, now) }
    }
}

impl<'m> Metadata<'m> {
    pub(super) fn new(metrics: &'m Metrics<'_>, now: &'m str) -> Self {
        let metadata = metrics.metadata;
        Self {
            name: &metadata.name,
            namespace: &metadata.namespace,
            creation_timestamp: now,
            labels: Labels(metadata),
        }
    }
}

impl Labels<'_> {
    fn is_empty(&self) -> bool {
        self.0.labels.is_empty()
    }
}

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.labels.len()))?;
        for (key, value) in self.0.labels.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Quantities {
    fn of(measured: &Measured) -> Self {
        Self {
            cpu: text::cpu(measured.cpu),
            memory: text::bytes(measured.memory),
            swap: measured.swap.map(text::bytes),
        }
    }
}
