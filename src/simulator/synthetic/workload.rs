//! A workload: the object that makes pods, its pods, and their claims.

use serde_json::{Value, json};

use super::dice::{Dice, time};
use super::networks::Backend;
use super::objects::Objects;
use super::plan::{self, Owner, Plan, Workload};
use super::pod::{self, Identity, OwnerReference, bind_claim};
use super::pod_status::{self, Place, State};
use super::workload_objects::{self, Common, Tally};
use super::{DAY, companions, other_objects, pod_ip, scaling, template, with_managed_fields};

/// The versions that are kept free for the objects of a workload beside pods, claims and volumes.
const COMPANIONS: usize = 20;

/// The versions that are kept free for a pod, its claim, its volume and the volume's attachment.
const FOR_EACH_POD: usize = 4;

/// The versions that are kept free for all workloads.
pub(super) fn versions(plan: &Plan) -> u64 {
    (plan.workloads.len() * COMPANIONS + plan.pods * FOR_EACH_POD) as u64
}

/// A workload, its pods and what stands around them.
pub(super) fn of_workload(plan: &Plan, workload: &Workload, after: u64) -> Objects {
    let dice = &mut Dice::new(plan.seed, "workloads", workload.index);
    let before = workload.index * COMPANIONS + workload.first_pod * FOR_EACH_POD;
    let mut objects = Objects::after(after + before as u64);
    let created = match workload.owner {
        Owner::Job => plan.now - 3600 * plan::hours_ago(workload.index) - dice.within(600..3000),
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
            objects.write("deployments", deployment);
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
            objects.write("replicasets", set);
            Some(owner("apps/v1", "ReplicaSet", replica_set.as_str(), inner_uid.as_str()))
        }
        Owner::StatefulSet => {
            let set = workload_objects::stateful_set(&common, workload.has_claims, &hash, tally);
            objects.write("statefulsets", set);
            Some(owner("apps/v1", "StatefulSet", workload.name.as_str(), uid.as_str()))
        }
        Owner::DaemonSet => {
            let set = workload_objects::daemon_set(&common, tally);
            objects.write("daemonsets", set);
            Some(owner("apps/v1", "DaemonSet", workload.name.as_str(), uid.as_str()))
        }
        Owner::Job => {
            put_job(plan, workload, &common, tally, &mut objects);
            Some(owner("batch/v1", "Job", workload.name.as_str(), uid.as_str()))
        }
        Owner::ReplicationController => {
            let controller = workload_objects::replication_controller(&common, tally);
            objects.write("replicationcontrollers", controller);
            Some(owner("v1", "ReplicationController", workload.name.as_str(), uid.as_str()))
        }
        Owner::Nobody => None,
    };
    let mut backends = Vec::new();
    if workload.index < plan.services {
        objects.put("services", other_objects::service(plan.seed, workload, &selector, created));
    }
    for (ordinal, state) in states.into_iter().enumerate() {
        let number = workload.first_pod + ordinal;
        let dice = &mut Dice::new(plan.seed, "pods", number);
        let name = match workload.owner {
            Owner::Deployment => format!("{replica_set}-{}", dice.suffix(5, ordinal)),
            Owner::StatefulSet => format!("{}-{ordinal}", workload.name),
            Owner::DaemonSet | Owner::Job | Owner::ReplicationController => {
                format!("{}-{}", workload.name, dice.suffix(5, ordinal))
            }
            Owner::Nobody => workload.name.clone(),
        };
        let claim = format!("data-{name}");
        if workload.has_claims {
            let object = other_objects::claim(dice, &workload.namespace, &claim, created);
            let node = (state.is_active() && state != State::Unschedulable).then(|| plan.node_of(number));
            objects.put_volume(dice, &object, plan.node_of(number), node, created);
            objects.put("persistentvolumeclaims", object);
        }
        let claim = workload.has_claims.then_some(claim.as_str());
        let pod = pod_object(plan, workload, &pod_template, owner, claim, name, number, state, created, dice);
        backends.extend(Backend::of(&pod));
        objects.put("pods", pod);
    }
    companions::put(plan, workload, tally, &backends, created, &mut objects);
    objects
}

/// A job, and the cron job that it is the latest of.
fn put_job(plan: &Plan, workload: &Workload, common: &Common<'_>, tally: Tally, objects: &mut Objects) {
    let mut job = workload_objects::job(common, tally, common.created + 240);
    if plan.has_cron_job(workload) {
        let uid = scaling::cron_job_uid(plan, workload);
        let name = workload.base_name();
        let cron_job = OwnerReference { api_version: "batch/v1", kind: "CronJob", name, uid: &uid };
        job["metadata"]["ownerReferences"] = json!([cron_job.to_json()]);
        job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
            time(plan.now / 60 * 60 - 3600 * plan::hours_ago(workload.index));
        objects.write("cronjobs", scaling::cron_job(plan, workload, common.template, &job));
    }
    objects.write("jobs", job);
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
