//! The cluster that the simulator begins with: a deterministic function of the options.

use std::thread;

use serde_json::{Value, json};

use super::Options;
use super::cluster::Cluster;
use super::kinds::Kind;
use super::object::Stored;

pub(super) mod dice;
mod managed_fields;
mod other_objects;
mod plan;
pub(super) mod pod;
pub(super) mod pod_status;
mod template;
mod words;
pub(super) mod workload_objects;

pub(super) use managed_fields::managed_fields;
pub(super) use other_objects::node_conditions;

use dice::{Dice, time};
use plan::{Owner, Plan, Workload};
use pod::{Identity, OwnerReference, bind_claim};
use pod_status::{Place, State};
use workload_objects::{Common, Tally};

const DAY: i64 = 86_400;

/// Objects with the kind they are of.
type Objects = Vec<(&'static str, Stored)>;

/// Fills an empty cluster; `after` is the version before the first object's.
pub(super) fn populate(cluster: &Cluster, options: &Options, after: u64) {
    let plan = Plan::new(options);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let objects: Vec<Objects> = thread::scope(|scope| {
        let run = plan.workloads.len().div_ceil(threads).max(1);
        let parts: Vec<_> = plan
            .workloads
            .chunks(run)
            .map(|workloads| {
                scope.spawn(|| {
                    workloads.iter().flat_map(|workload| of_workload(&plan, workload, after)).collect()
                })
            })
            .collect();
        let mut objects = vec![of_cluster(&plan, after)];
        objects.extend(parts.into_iter().map(|part| part.join().expect("generators do not panic")));
        objects
    });
    let mut by_kind: std::collections::BTreeMap<&str, Vec<Stored>> = std::collections::BTreeMap::new();
    for (plural, object) in objects.into_iter().flatten() {
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

/// What belongs to no workload.
fn of_cluster(plan: &Plan, after: u64) -> Objects {
    let mut version = after;
    let mut objects = Objects::new();
    let mut put = |plural: &'static str, object: Value| {
        version += 1;
        objects.push((plural, stored(plural, object, version)));
    };
    for number in 0..plan.namespaces {
        put("namespaces", other_objects::namespace(plan.seed, number, plan.now));
    }
    for number in 0..plan.nodes {
        put("nodes", other_objects::node(plan.seed, number, plan.now));
    }
    for number in 0..plan.loose_claims {
        let dice = &mut Dice::new(plan.seed, "loose claims", number);
        let namespace = words::namespace(number % plan.namespaces);
        let created = plan.now - dice.within(1..90) * DAY;
        put(
            "persistentvolumeclaims",
            other_objects::claim(dice, &namespace, &format!("scratch-{number}"), created),
        );
    }
    objects
}

/// A workload, its pods, its claims and its service.
fn of_workload(plan: &Plan, workload: &Workload, after: u64) -> Objects {
    let dice = &mut Dice::new(plan.seed, "workloads", workload.index);
    // Behind everything that belongs to no workload; three objects and two for each pod at most.
    let others = plan.namespaces + plan.nodes + plan.loose_claims;
    let mut version = after + (others + workload.index * 3 + workload.first_pod * 2) as u64;
    let mut objects = Objects::new();
    let mut put = |plural: &'static str, object: Value| {
        version += 1;
        objects.push((plural, stored(plural, object, version)));
    };
    let created = match workload.owner {
        Owner::Job => plan.now - 3600 * (workload.index as i64 % 48) - dice.within(600..3000),
        _ => plan.now - dice.within(2..90) * DAY - dice.within(0..DAY),
    };
    let (uid, inner_uid, hash) = (dice.uid(), dice.uid(), template::hash(plan, workload));
    let selector = template::selector(workload);
    let template = template::template(plan, workload);
    let states: Vec<_> = (0..workload.pods).map(|ordinal| state(plan, workload, ordinal)).collect();
    let tally = tally(&states);
    let common = Common {
        namespace: &workload.namespace,
        name: &workload.name,
        uid: &uid,
        created,
        selector: &selector,
        template: &template,
        replicas: workload.pods,
    };
    let mut pod_template = template.clone();
    let label = template::hash_label(workload.owner);
    pod_template["metadata"]["labels"][label] =
        json!(if workload.owner == Owner::Job { &uid } else { &hash });
    let replica_set = format!("{}-{hash}", workload.name);
    let owner = |api_version, kind, name, uid| OwnerReference { api_version, kind, name, uid };
    let owner = match workload.owner {
        Owner::Deployment => {
            let deployment = workload_objects::deployment(&common, tally, created + 60);
            put("deployments", written(deployment, "apps/v1", "kube-controller-manager", created));
            let mut selector = selector.clone();
            selector[label] = json!(hash);
            let inner = Common {
                name: &replica_set,
                uid: &inner_uid,
                selector: &selector,
                template: &pod_template,
                ..common
            };
            let of = owner("apps/v1", "Deployment", workload.name.as_str(), uid.as_str());
            let set = workload_objects::replica_set(&inner, of, "1", tally);
            put("replicasets", written(set, "apps/v1", "kube-controller-manager", created));
            Some(owner("apps/v1", "ReplicaSet", replica_set.as_str(), inner_uid.as_str()))
        }
        Owner::StatefulSet => {
            let set = workload_objects::stateful_set(&common, workload.has_claims, &hash, tally);
            put("statefulsets", written(set, "apps/v1", "kube-controller-manager", created));
            Some(owner("apps/v1", "StatefulSet", workload.name.as_str(), uid.as_str()))
        }
        Owner::DaemonSet => {
            let set = workload_objects::daemon_set(&common, tally);
            put("daemonsets", written(set, "apps/v1", "kube-controller-manager", created));
            Some(owner("apps/v1", "DaemonSet", workload.name.as_str(), uid.as_str()))
        }
        Owner::Job => {
            let job = workload_objects::job(&common, tally, created + 240);
            put("jobs", written(job, "batch/v1", "kube-controller-manager", created));
            Some(owner("batch/v1", "Job", workload.name.as_str(), uid.as_str()))
        }
        Owner::Nobody => None,
    };
    if workload.index < plan.services {
        put("services", other_objects::service(plan.seed, workload, &selector, created));
    }
    for (ordinal, state) in states.into_iter().enumerate() {
        let number = workload.first_pod + ordinal;
        let dice = &mut Dice::new(plan.seed, "pods", number);
        let name = match workload.owner {
            Owner::Deployment => format!("{replica_set}-{}", dice.suffix(5, ordinal)),
            Owner::StatefulSet => format!("{}-{ordinal}", workload.name),
            Owner::DaemonSet | Owner::Job => format!("{}-{}", workload.name, dice.suffix(5, ordinal)),
            Owner::Nobody => workload.name.clone(),
        };
        let claim = format!("data-{name}");
        if workload.has_claims {
            let object = other_objects::claim(dice, &workload.namespace, &claim, created);
            put("persistentvolumeclaims", object);
        }
        let claim = workload.has_claims.then_some(claim.as_str());
        put(
            "pods",
            pod_object(plan, workload, &pod_template, owner, claim, name, number, state, created, dice),
        );
    }
    objects
}

#[expect(clippy::too_many_arguments, reason = "a pod is where everything comes together")]
fn pod_object(
    plan: &Plan,
    workload: &Workload,
    template: &Value,
    owner: Option<OwnerReference<'_>>,
    claim: Option<&str>,
    name: String,
    number: usize,
    state: State,
    oldest: i64,
    dice: &mut Dice,
) -> Value {
    let node = plan.node_of(number);
    let created = match workload.owner {
        Owner::Job => oldest + 1,
        _ => dice.within(oldest..plan.now - 1800),
    };
    let since = match state {
        State::Running { restarts: 0, ready: true } => created + 15,
        State::Succeeded | State::Failed if workload.owner == Owner::Job => created + dice.within(20..230),
        _ => dice.within((created + 30).min(plan.now - 60)..plan.now - 30),
    };
    let node_name =
        if state == State::Unschedulable { String::new() } else { other_objects::node_name(node) };
    let identity = Identity { namespace: &workload.namespace, name, owner, created, node: node_name };
    let mut pod = pod::pod(template, &identity, dice);
    if let Some(claim) = claim {
        bind_claim(&mut pod, claim);
    }
    let place = Place { pod_ip: &pod_ip(number), host_ip: &other_objects::node_ip(node), created, since };
    pod["status"] = pod_status::status(&pod, state, &place, dice);
    if state.is_ready() && dice.permille(2) {
        pod["metadata"]["deletionTimestamp"] = time(plan.now);
        pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    }
    with_managed_fields(pod, "v1", "kubelet", created, since)
}

/// How a pod fares at the beginning.
fn state(plan: &Plan, workload: &Workload, ordinal: usize) -> State {
    let dice = &mut Dice::new(plan.seed, "states", workload.first_pod + ordinal);
    let fate = dice.below(1000);
    if workload.owner == Owner::Job {
        return match fate {
            0..600 => State::Succeeded,
            600..660 => State::Failed,
            _ => State::Running { ready: true, restarts: 0 },
        };
    }
    match fate {
        0..5 => State::Unschedulable,
        5..8 => State::Creating,
        8..12 => State::PullFailed,
        12..22 => {
            State::CrashLoop { restarts: 3 + dice.below(200), reason: dice.pick(&["Error", "OOMKilled"]) }
        }
        22..26 => State::Evicted,
        26..34 => State::Running { ready: false, restarts: 0 },
        34..124 => State::Running { ready: true, restarts: 1 + dice.below(5) },
        _ => State::Running { ready: true, restarts: 0 },
    }
}

fn tally(states: &[State]) -> Tally {
    let count = |holds: fn(&State) -> bool| states.iter().filter(|state| holds(state)).count();
    Tally {
        active: count(|state| state.is_active()),
        ready: count(|state| state.is_ready()),
        succeeded: count(|state| *state == State::Succeeded),
        failed: count(|state| matches!(state, State::Failed | State::Evicted)),
    }
}

fn written(object: Value, api_version: &str, writer: &str, created: i64) -> Value {
    with_managed_fields(object, api_version, writer, created, created + 60)
}

fn stored(plural: &str, object: Value, version: u64) -> Stored {
    let Value::Object(object) = object else { unreachable!("generators make objects") };
    Stored::new(kind(plural), object, version).expect("generators follow the schema")
}

fn kind(plural: &str) -> &'static Kind {
    Kind::plural(plural).expect("generators name kinds that are served")
}
