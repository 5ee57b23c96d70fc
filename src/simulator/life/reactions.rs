//! What controllers write because of what others wrote: one write each.

use serde_json::{Value, json};

use super::super::keys::{Keys, key};
use super::super::synthetic::dice::time;
use super::super::synthetic::networks::{Backend, set_slice, set_subsets};
use super::super::synthetic::scaling::{autoscaler_status, cron_job_status, micro_time};
use super::{Life, kind};

/// One write. Objects are named by their keys; what belongs to a deployment has its key.
#[derive(Debug)]
pub(super) enum Reaction {
    /// A kubelet or leader renews its lease.
    Renew { lease: String },
    /// The endpoints follow the pods.
    Endpoints { service: String },
    /// The slice of endpoints follows the pods.
    Slice { service: String },
    /// The budget follows the deployment.
    Budget { deployment: String },
    /// An autoscaler finds so many percent used and wants so many pods.
    Measure { scaler: String, utilization: usize, desired: usize },
    /// An autoscaler tells a deployment how many pods to have.
    Resize { deployment: String, replicas: usize },
    /// A cron job follows its jobs.
    CronJob { cron_job: String },
    /// A quota counts the pods of its namespace.
    Quota { quota: String },
    /// Somebody writes a config map or secret anew.
    Rewrite { plural: &'static str, key: String },
}

/// Writes; false when there is nothing to write.
pub(super) fn react(life: &mut Life, reaction: Reaction) -> bool {
    match reaction {
        Reaction::Renew { lease } => life.amend("leases", &lease, |life, lease| {
            lease["spec"]["renewTime"] = micro_time(life.now(), &mut life.dice);
        }),
        Reaction::Endpoints { service } => {
            let backends = backends(life, &service);
            life.amend("endpoints", &service, |_, endpoints| set_subsets(endpoints, &backends))
        }
        Reaction::Slice { service } => {
            let backends = backends(life, &service);
            let Some(slice) = slice_of(life, &service) else { return false };
            life.amend("endpointslices", &slice, |_, slice| set_slice(slice, &backends))
        }
        Reaction::Budget { deployment } => {
            let Some(object) = life.read("deployments", &deployment) else { return false };
            let healthy = object["status"]["readyReplicas"].as_i64().unwrap_or_default();
            life.amend("poddisruptionbudgets", &deployment, |_, budget| {
                let status = &mut budget["status"];
                let allowed = healthy - status["desiredHealthy"].as_i64().unwrap_or_default();
                status["currentHealthy"] = json!(healthy);
                status["disruptionsAllowed"] = json!(allowed.max(0));
            })
        }
        Reaction::Measure { scaler, utilization, desired } => {
            let current = life.read("deployments", &scaler).and_then(|deployment| {
                deployment["status"]["replicas"].as_u64().and_then(|count| usize::try_from(count).ok())
            });
            life.amend("horizontalpodautoscalers", &scaler, |life, scaler| {
                let current = current.unwrap_or_default();
                scaler["status"] = autoscaler_status(scaler, current, desired, utilization, life.now());
            })
        }
        Reaction::Resize { deployment, replicas } => {
            life.amend("deployments", &deployment, |_, deployment| {
                deployment["spec"]["replicas"] = json!(replicas);
                let generation = deployment["metadata"]["generation"].as_i64().unwrap_or_default();
                deployment["metadata"]["generation"] = json!(generation + 1);
            })
        }
        Reaction::CronJob { cron_job } => {
            let jobs = jobs_of(life, &cron_job);
            life.amend("cronjobs", &cron_job, |_, cron_job| {
                let mut status = cron_job_status(&jobs);
                for field in ["lastScheduleTime", "lastSuccessfulTime"] {
                    if status[field].is_null() {
                        status[field] = cron_job["status"][field].take();
                    }
                }
                cron_job["status"] = status;
            })
        }
        Reaction::Quota { quota } => {
            let namespace = quota.split('/').next().unwrap_or_default();
            let pods = life.cluster.snapshot(kind("pods"), &Keys::of(Some(namespace))).objects.len();
            life.amend("resourcequotas", &quota, |life, quota| {
                quota["status"]["used"]["pods"] = json!(pods.to_string());
                let cpu = pods * 400 + life.dice.below(300);
                quota["status"]["used"]["requests.cpu"] = json!(format!("{cpu}m"));
            })
        }
        Reaction::Rewrite { plural, key } => life.amend(plural, &key, |life, object| {
            object["metadata"]["annotations"]["example.com/rotated-at"] = time(life.now());
        }),
    }
}

impl Life {
    /// Reads an object, changes it and writes it back; false when it is gone or already like that.
    fn amend(&mut self, plural: &str, key: &str, change: impl FnOnce(&mut Self, &mut Value)) -> bool {
        let Some(before) = self.read(plural, key) else { return false };
        let mut object = before.clone();
        change(self, &mut object);
        if let Some(fields) = object.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        object != before && self.put(plural, object).is_some()
    }
}

/// The pods behind a service, which are those of the workload of its name.
fn backends(life: &Life, service: &str) -> Vec<Backend> {
    let name = service.split('/').next_back().unwrap_or_default();
    let pods = life.cluster.snapshot(kind("pods"), &Keys::beginning(&format!("{service}-"))).objects;
    pods.iter()
        .filter_map(|pod| pod.decode(kind("pods")).ok().map(Value::Object))
        .filter(|pod| pod["metadata"]["labels"]["app.kubernetes.io/name"] == name)
        .filter_map(|pod| Backend::of(&pod))
        .collect()
}

/// The slice of a service's endpoints.
fn slice_of(life: &Life, service: &str) -> Option<String> {
    let name = service.split('/').next_back()?;
    let keys = Keys::beginning(&format!("{service}-"));
    let slices = life.cluster.snapshot(kind("endpointslices"), &keys).objects;
    let slice =
        slices.iter().find(|slice| slice.metadata_json()["labels"]["kubernetes.io/service-name"] == name)?;
    Some(slice.key().to_owned())
}

/// The jobs of a cron job.
fn jobs_of(life: &Life, cron_job: &str) -> Vec<Value> {
    let name = cron_job.split('/').next_back().unwrap_or_default();
    let jobs = life.cluster.snapshot(kind("jobs"), &Keys::beginning(&format!("{cron_job}-"))).objects;
    jobs.iter()
        .filter_map(|job| job.decode(kind("jobs")).ok().map(Value::Object))
        .filter(|job| job["metadata"]["ownerReferences"][0]["name"] == name)
        .collect()
}

/// The key of the cron job that a job belongs to.
pub(super) fn cron_job_of(job: &Value) -> Option<String> {
    let metadata = &job["metadata"];
    Some(key(metadata["namespace"].as_str()?, metadata["ownerReferences"][0]["name"].as_str()?))
}
