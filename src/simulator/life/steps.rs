//! The steps of stories: one write each, made from what the objects are like at that moment.

use serde_json::{Value, json};

use super::super::keys::Keys;
use super::super::synthetic::dice::time;
use super::super::synthetic::pod::{Identity, OwnerReference, pod};
use super::super::synthetic::pod_status::{Place, State, qos_class, status};
use super::super::synthetic::workload_objects::{
    Common, Tally, deployment_status, job, job_status, replica_set, replica_set_status,
};
use super::super::synthetic::{node_conditions, pod_ip, with_managed_fields};
use super::reactions::{Reaction, react};
use super::stories::{restarted, revision};
use super::{Life, kind};

/// One write. Objects are named by their keys.
#[derive(Debug)]
pub(super) enum Step {
    /// A deployment's template changes.
    Revise { deployment: String, revision: i64 },
    /// A deployment makes the replica set of its newest template.
    CreateSet { deployment: String, hash: String, revision: i64 },
    /// A replica set is told how many pods to have.
    Scale { set: String, replicas: usize },
    /// A replica set counts its pods.
    CountSet { set: String },
    /// A deployment counts the pods of its replica sets.
    CountDeployment { deployment: String },
    /// Another run of a job.
    CreateJob { model: String, name: String },
    /// A job counts its pods.
    CountJob { job: String },
    /// A replica set or job makes a pod.
    CreatePod { owner: (&'static str, String), pod: String },
    /// The scheduler finds a node.
    Schedule { pod: String },
    /// The kubelet reports.
    State { pod: String, state: State },
    /// The node of a pod is found silent or answers again.
    Reachable { pod: String, is_reachable: bool },
    /// Somebody deletes a pod; it may finish what it does.
    Terminate { pod: String },
    /// An object is gone.
    Remove { plural: &'static str, key: String },
    /// A node falls silent or is back.
    Node { node: String, is_ready: bool },
    /// A controller follows what others did.
    React(Reaction),
}

/// Takes a step; false when its object is gone, and nothing was written.
pub(super) fn take(life: &mut Life, step: Step) -> bool {
    match step {
        Step::Revise { deployment, revision } => life.change("deployments", &deployment, |life, object| {
            object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] =
                json!(revision.to_string());
            raise_generation(object);
            let now = life.now();
            let annotations = &mut object["spec"]["template"]["metadata"]["annotations"];
            if let (Some(annotations), Value::Object(new)) = (annotations.as_object_mut(), restarted(now)) {
                annotations.extend(new);
            }
        }),
        Step::CreateSet { deployment, hash, revision } => {
            create_set(life, &deployment, &hash, revision).is_some()
        }
        Step::Scale { set, replicas } => life.change("replicasets", &set, |_, object| {
            object["spec"]["replicas"] = json!(replicas);
            raise_generation(object);
        }),
        Step::CountSet { set } => {
            let tally = tally(life, &set);
            life.change("replicasets", &set, |_, object| {
                let generation = object["metadata"]["generation"].as_i64().unwrap_or_default();
                object["status"] = replica_set_status(generation, tally);
            })
        }
        Step::CountDeployment { deployment } => count_deployment(life, &deployment),
        Step::CreateJob { model, name } => create_job(life, &model, &name).is_some(),
        Step::CountJob { job } => {
            let tally = tally(life, &job);
            life.change("jobs", &job, |life, object| {
                let created = seconds(&object["metadata"]["creationTimestamp"]);
                let completions = object["spec"]["completions"].as_u64().unwrap_or(1);
                let completions = usize::try_from(completions).unwrap_or(1);
                object["status"] = job_status(completions, created, tally, life.now());
            })
        }
        Step::CreatePod { owner: (plural, owner), pod } => create_pod(life, plural, &owner, &pod).is_some(),
        Step::Schedule { pod } => schedule(life, &pod),
        Step::State { pod, state } => life.change("pods", &pod, |life, pod| set_state(life, pod, state)),
        Step::Reachable { pod, is_reachable } => life.change("pods", &pod, |life, pod| {
            let now = time(life.now());
            for condition in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
                if condition["type"] == "Ready" {
                    condition["status"] = json!(if is_reachable { "True" } else { "False" });
                    condition["lastTransitionTime"] = now.clone();
                }
            }
        }),
        Step::Terminate { pod } => life.change("pods", &pod, |life, pod| {
            pod["metadata"]["deletionTimestamp"] = time(life.now() + 30);
            pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
            raise_generation(pod);
        }),
        Step::Remove { plural, key } => life.cluster.remove(kind(plural), &key).is_some(),
        Step::React(reaction) => react(life, reaction),
        Step::Node { node, is_ready } => life.change("nodes", &node, |life, node| {
            let now = life.now();
            node["status"]["conditions"] = node_conditions(is_ready, now, now);
            if let Some(taints) = node["spec"]["taints"].as_array_mut() {
                taints.retain(|taint| taint["key"] != UNREACHABLE);
            } else {
                node["spec"]["taints"] = json!([]);
            }
            if !is_ready && let Some(taints) = node["spec"]["taints"].as_array_mut() {
                taints.push(json!({"key": UNREACHABLE, "effect": "NoSchedule", "timeAdded": time(now)}));
                taints.push(json!({"key": UNREACHABLE, "effect": "NoExecute", "timeAdded": time(now)}));
            }
        }),
    }
}

const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

impl Life {
    /// Reads an object, changes it and writes it back; whether it exists.
    fn change(&mut self, plural: &str, key: &str, change: impl FnOnce(&mut Self, &mut Value)) -> bool {
        let Some(mut object) = self.read(plural, key) else { return false };
        change(self, &mut object);
        self.put(plural, object).is_some()
    }

    pub(super) fn read(&self, plural: &str, key: &str) -> Option<Value> {
        let stored = self.cluster.get(kind(plural), key)?;
        stored.decode(kind(plural)).ok().map(Value::Object)
    }

    pub(super) fn put(&self, plural: &str, object: Value) -> Option<()> {
        let Value::Object(object) = object else { return None };
        self.cluster.put(kind(plural), object).ok().map(drop)
    }
}

fn create_set(life: &mut Life, deployment_key: &str, hash: &str, revision: i64) -> Option<()> {
    let deployment = life.read("deployments", deployment_key)?;
    let metadata = &deployment["metadata"];
    let (name, namespace) = (metadata["name"].as_str()?, metadata["namespace"].as_str()?);
    let mut selector = deployment["spec"]["selector"]["matchLabels"].clone();
    let mut template = deployment["spec"]["template"].clone();
    selector["pod-template-hash"] = json!(hash);
    template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
    let set = replica_set(
        &Common {
            namespace,
            name: &format!("{name}-{hash}"),
            uid: &life.dice.uid(),
            created: life.now(),
            selector: &selector,
            template: &template,
            replicas: 0,
        },
        OwnerReference { api_version: "apps/v1", kind: "Deployment", name, uid: metadata["uid"].as_str()? },
        &revision.to_string(),
        Tally::default(),
    );
    life.put("replicasets", set)
}

fn count_deployment(life: &mut Life, deployment: &str) -> bool {
    let keys = Keys::beginning(&format!("{deployment}-"));
    let sets = life.cluster.snapshot(kind("replicasets"), &keys).objects;
    let sets: Vec<_> =
        sets.iter().filter_map(|set| set.decode(kind("replicasets")).ok().map(Value::Object)).collect();
    life.change("deployments", deployment, |life, object| {
        let mut tally = Tally::default();
        let mut updated = 0;
        for set in &sets {
            if set["metadata"]["ownerReferences"][0]["uid"] != object["metadata"]["uid"] {
                continue;
            }
            let number = |field: &str| {
                let number = set["status"][field].as_u64().unwrap_or_default();
                usize::try_from(number).unwrap_or_default()
            };
            tally.active += number("replicas");
            tally.ready += number("readyReplicas");
            if revision(set) == revision(object) {
                updated = number("replicas");
            }
        }
        object["status"] = deployment_status(object, tally, updated, life.now());
    })
}

fn create_job(life: &mut Life, model: &str, name: &str) -> Option<()> {
    let old = life.read("jobs", model)?;
    let uid = life.dice.uid();
    let mut template = old["spec"]["template"].clone();
    template["metadata"]["labels"]["batch.kubernetes.io/controller-uid"] = json!(uid);
    let mut selector = old["spec"]["selector"]["matchLabels"].clone();
    selector["batch.kubernetes.io/controller-uid"] = json!(uid);
    let common = Common {
        namespace: old["metadata"]["namespace"].as_str()?,
        name,
        uid: &uid,
        created: life.now(),
        selector: &selector,
        template: &template,
        replicas: 1,
    };
    let mut job = job(&common, Tally { active: 1, ..Tally::default() }, life.now());
    job["metadata"]["ownerReferences"] = old["metadata"]["ownerReferences"].clone();
    life.put("jobs", job)
}

fn create_pod(life: &mut Life, plural: &'static str, owner_key: &str, pod_key: &str) -> Option<()> {
    let owner = life.read(plural, owner_key)?;
    let metadata = &owner["metadata"];
    let (api_version, owner_kind) =
        if plural == "jobs" { ("batch/v1", "Job") } else { ("apps/v1", "ReplicaSet") };
    let (namespace, name) = pod_key.split_once('/')?;
    let reference = OwnerReference {
        api_version,
        kind: owner_kind,
        name: metadata["name"].as_str()?,
        uid: metadata["uid"].as_str()?,
    };
    let now = life.now();
    let identity = Identity {
        namespace,
        name: name.to_owned(),
        owner: Some(reference),
        created: now,
        node: String::new(),
    };
    let mut template = owner["spec"]["template"].clone();
    if plural == "jobs" {
        template["metadata"]["labels"]["batch.kubernetes.io/controller-uid"] = metadata["uid"].clone();
    }
    let mut object = pod(&template, &identity, &mut life.dice);
    object["status"] = json!({"phase": "Pending", "qosClass": qos_class(&object["spec"])});
    life.put("pods", with_managed_fields(object, "v1", "kubelet", now, now))
}

fn schedule(life: &mut Life, pod: &str) -> bool {
    let Some(node) = life.any("nodes") else { return false };
    let host_ip = node.text(&[3, 5, 2]).to_owned();
    life.next_pod += 1;
    let ip = pod_ip(life.next_pod);
    life.change("pods", pod, |life, pod| {
        pod["spec"]["nodeName"] = json!(node.name());
        // The addresses are kept where the next report looks for them.
        pod["status"]["hostIP"] = json!(host_ip);
        pod["status"]["podIP"] = json!(ip);
        set_state(life, pod, State::Creating);
    })
}

/// Writes a status anew, but keeps what did not change, as a kubelet does.
fn set_state(life: &mut Life, pod: &mut Value, state: State) {
    let old = pod["status"].take();
    let place = Place {
        pod_ip: old["podIP"].as_str().unwrap_or_default(),
        host_ip: old["hostIP"].as_str().unwrap_or_default(),
        created: seconds(&pod["metadata"]["creationTimestamp"]),
        since: life.now(),
    };
    let mut new = status(pod, state, &place, &mut life.dice);
    if state == State::Creating {
        new["podIP"] = json!(place.pod_ip);
    }
    keep(&old["conditions"], &mut new["conditions"], "type", |old, new| {
        if old["status"] == new["status"] {
            new["lastTransitionTime"] = old["lastTransitionTime"].clone();
        }
    });
    for list in ["containerStatuses", "initContainerStatuses"] {
        if new[list].is_null() {
            if let Some(new) = new.as_object_mut() {
                new.remove(list);
            }
            continue;
        }
        keep(&old[list], &mut new[list], "name", |old, new| {
            let runs = |status: &Value| !status["state"]["running"].is_null();
            let ended = |status: &Value| !status["state"]["terminated"].is_null();
            if old["restartCount"] != new["restartCount"] {
                return;
            }
            if runs(old) && runs(new) || ended(old) && ended(new) {
                new["state"] = old["state"].clone();
                new["lastState"] = old["lastState"].clone();
                new["containerID"] = old["containerID"].clone();
            }
        });
    }
    pod["status"] = new;
}

/// Lets elements of a new list take over from those of the old one with the same key.
fn keep(old: &Value, new: &mut Value, key: &str, take_over: impl Fn(&Value, &mut Value)) {
    let old = old.as_array().map_or(&[][..], Vec::as_slice);
    for element in new.as_array_mut().into_iter().flatten() {
        if let Some(old) = old.iter().find(|old| old[key] == element[key]) {
            take_over(old, element);
        }
    }
}

/// How the pods of a replica set or job fare.
fn tally(life: &Life, owner: &str) -> Tally {
    let mut tally = Tally::default();
    let pods = life.cluster.snapshot(kind("pods"), &Keys::beginning(&format!("{owner}-"))).objects;
    for pod in pods {
        let Ok(pod) = pod.decode(kind("pods")).map(Value::Object) else { continue };
        let conditions = pod["status"]["conditions"].as_array();
        let is_ready = conditions
            .is_some_and(|list| list.iter().any(|one| one["type"] == "Ready" && one["status"] == "True"));
        match pod["status"]["phase"].as_str() {
            _ if !pod["metadata"]["deletionTimestamp"].is_null() => {}
            Some("Succeeded") => tally.succeeded += 1,
            Some("Failed") => tally.failed += 1,
            _ => {
                tally.active += 1;
                tally.ready += usize::from(is_ready);
            }
        }
    }
    tally
}

fn raise_generation(object: &mut Value) {
    let generation = object["metadata"]["generation"].as_i64().unwrap_or_default();
    object["metadata"]["generation"] = json!(generation + 1);
}

fn seconds(time: &Value) -> i64 {
    let time = time.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    time.map_or(0, jiff::Timestamp::as_second)
}
