//! The stories: what happens, in which order.

use serde_json::{Value, json};

use super::super::keys::{Keys, key};
use super::super::synthetic::dice::time;
use super::super::synthetic::pod_status::State;
use super::reactions::{Reaction, cron_job_of};
use super::steps::Step;
use super::{Life, Story, kind};

mod surroundings;

/// Begins a story whose subject has no other; `None` when the cluster has nothing to tell of.
pub(super) fn begin(life: &mut Life) -> Option<Story> {
    // Most attempts succeed at once; an almost empty cluster has few subjects.
    (0..20).find_map(|_| match life.dice.below(100) {
        0..20 => rollout(life),
        20..40 => crash_loop(life),
        40..57 => job(life),
        57..65 => replacement(life, true),
        65..76 => replacement(life, false),
        76..80 => node_outage(life),
        80..87 => surroundings::autoscaling(life),
        87..93 => surroundings::renewals(life),
        93..97 => surroundings::rotation(life),
        _ => surroundings::quota(life),
    })
}

/// A deployment gets a new template, and its pods are replaced one by one.
fn rollout(life: &mut Life) -> Option<Story> {
    let deployment = life.any("deployments")?;
    let subject = deployment.key().to_owned();
    if !life.is_free(&subject) {
        return None;
    }
    let deployment_json = Value::Object(deployment.decode(kind("deployments")).ok()?);
    let mut sets = sets_of(life, &subject, &deployment_json);
    let (last, old) = sets.last()?.clone();
    let hash = life.dice.suffix(10, 0);
    let new = format!("{subject}-{hash}");
    let replicas =
        deployment_json["spec"]["replicas"].as_u64().and_then(|count| usize::try_from(count).ok())?;
    let mut steps = vec![
        Step::Revise { deployment: subject.clone(), revision: last + 1 },
        Step::CreateSet { deployment: subject.clone(), hash, revision: last + 1 },
    ];
    let old_pods: Vec<_> = life
        .cluster
        .snapshot(kind("pods"), &Keys::beginning(&format!("{old}-")))
        .objects
        .iter()
        .map(|pod| pod.key().to_owned())
        .collect();
    for number in 0..replicas.max(old_pods.len()) {
        if number < replicas {
            steps.push(Step::Scale { set: new.clone(), replicas: number + 1 });
            let pod = format!("{new}-{}", life.dice.suffix(5, number));
            steps.extend(start_pod(&new, &pod, &subject));
        }
        if let Some(pod) = old_pods.get(number) {
            steps.push(Step::Scale { set: old.clone(), replicas: replicas.saturating_sub(number + 1) });
            steps.push(Step::Terminate { pod: pod.clone() });
            steps.push(Step::Remove { plural: "pods", key: pod.clone() });
            steps.push(Step::CountSet { set: old.clone() });
        }
    }
    steps.push(Step::CountDeployment { deployment: subject.clone() });
    // Two revisions are kept.
    if sets.len() > 1 {
        let oldest = sets.swap_remove(0).1;
        steps.push(Step::Remove { plural: "replicasets", key: oldest });
    }
    Some(Story { subject, steps: steps.into() })
}

/// The revisions and keys of a deployment's replica sets, the newest last.
fn sets_of(life: &Life, key: &str, deployment: &Value) -> Vec<(i64, String)> {
    let keys = Keys::beginning(&format!("{key}-"));
    let mut sets: Vec<(i64, String)> = life
        .cluster
        .snapshot(kind("replicasets"), &keys)
        .objects
        .iter()
        .filter_map(|set| Some((set, Value::Object(set.decode(kind("replicasets")).ok()?))))
        .filter(|(_, set)| set["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"])
        .map(|(stored, set)| (revision(&set), stored.key().to_owned()))
        .collect();
    sets.sort();
    sets
}

/// A container ends again and again, and recovers at last.
fn crash_loop(life: &mut Life) -> Option<Story> {
    let (pod, set, subject) = replicated_pod(life)?;
    let reason = life.dice.pick(&["Error", "OOMKilled"]);
    let rounds = 1 + life.dice.below(5);
    let first = life.cluster.get(kind("pods"), &pod).and_then(|pod| pod.decode(kind("pods")).ok())?;
    let first = first["status"]["containerStatuses"][0]["restartCount"].as_u64().unwrap_or_default();
    let first = usize::try_from(first).ok()?;
    let mut steps = Vec::new();
    let state = |state| Step::State { pod: pod.clone(), state };
    for round in 1..=rounds {
        let restarts = first + round;
        steps.push(state(State::CrashLoop { restarts, reason }));
        if round == 1 {
            steps.extend(count(&set, &subject));
        }
        steps.push(state(State::Running { ready: false, restarts }));
    }
    steps.push(state(State::Running { ready: true, restarts: first + rounds }));
    steps.extend(count(&set, &subject));
    Some(Story { subject, steps: steps.into() })
}

/// A job runs, and one that ended earlier is cleaned up.
fn job(life: &mut Life) -> Option<Story> {
    let old = life.any("jobs")?;
    let old_key = old.key().to_owned();
    let (base, _) = old.name().rsplit_once('-')?;
    let due = life.now() / 60;
    let name = format!("{base}-{due}");
    let subject = key(old.namespace(), &name);
    let old = Value::Object(old.decode(kind("jobs")).ok()?);
    let is_running = old["status"]["conditions"].is_null();
    if is_running || !life.is_free(&old_key) || life.cluster.get(kind("jobs"), &subject).is_some() {
        return None;
    }
    let pod = format!("{subject}-{}", life.dice.suffix(5, 0));
    let outcome = if life.dice.permille(150) { State::Failed } else { State::Succeeded };
    if cron_job_of(&old)
        .and_then(|key| life.read("cronjobs", &key))
        .is_some_and(|it| it["spec"]["suspend"] == true)
    {
        return None;
    }
    let note = || cron_job_of(&old).map(|cron_job| Step::React(Reaction::CronJob { cron_job }));
    let mut steps = vec![Step::CreateJob { model: old_key.clone(), name }];
    steps.extend(note());
    steps.extend([
        Step::CreatePod { owner: ("jobs", subject.clone()), pod: pod.clone() },
        Step::Schedule { pod: pod.clone() },
        Step::State { pod: pod.clone(), state: State::Running { ready: true, restarts: 0 } },
        Step::CountJob { job: subject.clone() },
        Step::State { pod, state: outcome },
        Step::CountJob { job: subject },
    ]);
    steps.extend(note());
    let old_pods = life.cluster.snapshot(kind("pods"), &Keys::beginning(&format!("{old_key}-")));
    for old_pod in old_pods.objects {
        steps.push(Step::Remove { plural: "pods", key: old_pod.key().to_owned() });
    }
    steps.push(Step::Remove { plural: "jobs", key: old_key.clone() });
    Some(Story { subject: old_key, steps: steps.into() })
}

/// A pod is evicted by its node or deleted by somebody, and its replica set makes another.
fn replacement(life: &mut Life, is_evicted: bool) -> Option<Story> {
    let (pod, set, subject) = replicated_pod(life)?;
    let number = life.dice.below(27);
    let new = format!("{set}-{}", life.dice.suffix(5, number));
    let mut steps = Vec::new();
    if is_evicted {
        steps.push(Step::State { pod: pod.clone(), state: State::Evicted });
    } else {
        steps.push(Step::Terminate { pod: pod.clone() });
    }
    steps.extend(count(&set, &subject));
    steps.extend(start_pod(&set, &new, &subject));
    steps.push(Step::Remove { plural: "pods", key: pod });
    Some(Story { subject, steps: steps.into() })
}

/// A node falls silent and comes back; its pods are not ready meanwhile.
fn node_outage(life: &mut Life) -> Option<Story> {
    let node = life.any("nodes")?;
    let name = node.key().to_owned();
    if !life.is_free(&name) {
        return None;
    }
    let pods = life.cluster.snapshot(kind("pods"), &Keys::of(None));
    let pods: Vec<_> = pods
        .objects
        .iter()
        .filter(|pod| pod.text(&[2, 10]) == name && pod.text(&[3, 1]) == "Running")
        .map(|pod| pod.key().to_owned())
        .collect();
    let mut steps = vec![Step::Node { node: name.clone(), is_ready: false }];
    steps.extend(pods.iter().map(|pod| Step::Reachable { pod: pod.clone(), is_reachable: false }));
    steps.push(Step::Node { node: name.clone(), is_ready: true });
    steps.extend(pods.iter().map(|pod| Step::Reachable { pod: pod.clone(), is_reachable: true }));
    Some(Story { subject: name, steps: steps.into() })
}

/// A pod of a replica set comes to life, and everybody counts.
fn start_pod(set: &str, pod: &str, deployment: &str) -> Vec<Step> {
    let state = |ready| Step::State { pod: pod.to_owned(), state: State::Running { ready, restarts: 0 } };
    let mut steps = vec![
        Step::CreatePod { owner: ("replicasets", set.to_owned()), pod: pod.to_owned() },
        Step::Schedule { pod: pod.to_owned() },
        state(false),
        state(true),
    ];
    steps.extend(count(set, deployment));
    steps
}

/// Everybody who cares for a deployment's pods looks again.
fn count(set: &str, deployment: &str) -> [Step; 5] {
    let key = || deployment.to_owned();
    [
        Step::CountSet { set: set.to_owned() },
        Step::CountDeployment { deployment: key() },
        Step::React(Reaction::Endpoints { service: key() }),
        Step::React(Reaction::Slice { service: key() }),
        Step::React(Reaction::Budget { deployment: key() }),
    ]
}

/// A running pod, its replica set and the deployment, which no other story is about.
fn replicated_pod(life: &mut Life) -> Option<(String, String, String)> {
    let pod = life.any("pods")?;
    let json = Value::Object(pod.decode(kind("pods")).ok()?);
    let owner = &json["metadata"]["ownerReferences"][0];
    let is_settled = json["status"]["phase"] == "Running" && json["metadata"]["deletionTimestamp"].is_null();
    if owner["kind"] != "ReplicaSet" || !is_settled {
        return None;
    }
    let set = owner["name"].as_str()?;
    let (deployment, _) = set.rsplit_once('-')?;
    let subject = key(pod.namespace(), deployment);
    let is_free = life.is_free(&subject);
    is_free.then(|| (pod.key().to_owned(), key(pod.namespace(), set), subject))
}

/// The revision of a deployment or replica set.
pub(super) fn revision(object: &Value) -> i64 {
    let text = object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str();
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The annotation that a restarted rollout leaves in the template.
pub(super) fn restarted(at: i64) -> Value {
    json!({"kubectl.kubernetes.io/restartedAt": time(at)})
}
