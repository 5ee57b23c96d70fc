//! The cluster that the simulator begins with: a deterministic function of the options.

use std::collections::BTreeMap;
use std::thread;

use serde_json::{Value, json};

use super::Options;
use super::cluster::Cluster;
use super::object::Stored;

mod access;
mod admission;
mod blobs;
mod cluster_objects;
mod companions;
pub(super) mod dice;
mod managed_fields;
pub(super) mod networks;
mod objects;
mod other_objects;
mod plan;
pub(super) mod pod;
pub(super) mod pod_status;
pub(super) mod scaling;
mod settings;
mod storage;
mod template;
mod words;
mod workload;
pub(super) mod workload_objects;

pub(super) use managed_fields::managed_fields;
pub(super) use other_objects::node_conditions;

use dice::{Dice, time};
use objects::{Objects, kind};
use plan::Plan;

const DAY: i64 = 86_400;

/// Fills an empty cluster; `after` is the version before the first object's.
pub(super) fn populate(cluster: &Cluster, options: &Options, after: u64) {
    let plan = Plan::new(options);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut by_kind: BTreeMap<&str, Vec<Stored>> = BTreeMap::new();
    let mut sort = |objects: Objects| {
        for (plural, object) in objects.into_inner() {
            by_kind.entry(plural).or_default().push(object);
        }
    };
    thread::scope(|scope| {
        let run = plan.workloads.len().div_ceil(threads).max(1);
        let parts: Vec<_> = plan
            .workloads
            .chunks(run)
            .map(|workloads| {
                scope.spawn(|| -> Vec<Objects> {
                    workloads.iter().map(|one| workload::of_workload(&plan, one, after)).collect()
                })
            })
            .collect();
        sort(cluster_objects::of_cluster(&plan, after + workload::versions(&plan)));
        for part in parts {
            part.join().expect("generators do not panic").into_iter().for_each(&mut sort);
        }
    });
    let count = |plural| by_kind.get(plural).map_or(0, Vec::len);
    let newest = by_kind.values().flatten().map(|object| object.version).max().unwrap_or(after);
    let reserve =
        cluster_objects::reserve(&plan, count("persistentvolumes"), count("volumeattachments"), newest);
    for (plural, object) in reserve.into_inner() {
        by_kind.entry(plural).or_default().push(object);
    }
    for (plural, objects) in by_kind {
        cluster.fill(kind(plural), objects);
    }
}

/// The address of a pod, distinct for every number.
pub(super) fn pod_ip(number: usize) -> String {
    format!("10.{}.{}.{}", 64 + number / 65_536, number / 256 % 256, number % 256)
}

/// Puts the fields of who wrote what in front of an object's final form.
pub(super) fn with_managed_fields(
    mut object: Value,
    api_version: &str,
    writer: &str,
    created: i64,
    updated: i64,
) -> Value {
    object["metadata"]["managedFields"] = managed_fields(&object, api_version, writer, created, updated);
    object
}

/// What all objects have of metadata; the namespace is empty for those without one.
fn metadata(dice: &mut Dice, namespace: &str, name: &str, created: i64) -> Value {
    let mut metadata = json!({"name": name, "uid": dice.uid(), "creationTimestamp": time(created)});
    if !namespace.is_empty() {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}
