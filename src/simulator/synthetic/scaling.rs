//! How many pods there may be and when they run: autoscalers, budgets and cron jobs; and who leads.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dice::{Dice, time};
use super::plan::{Plan, Workload, hours_ago};
use super::workload_objects::Tally;
use super::{DAY, metadata, other_objects, template, words};

/// How long the holder of a lease may be silent, in seconds.
const LEASE: i64 = 40;

/// The leaders that every cluster has.
const LEADERS: [&str; 4] =
    ["kube-controller-manager", "kube-scheduler", "external-attacher-disk-csi-example-com", "ingress-leader"];

/// The autoscaler of a deployment.
pub(super) fn autoscaler(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "autoscalers", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, &workload.name, created);
    metadata["labels"] = template::selector(workload);
    let target = 60 + 10 * dice.below(3);
    let mut metrics = vec![resource_metric("cpu", target)];
    if dice.permille(300) {
        metrics.push(resource_metric("memory", 80));
    }
    let mut scaler = json!({
        "metadata": metadata,
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
            "minReplicas": workload.pods.clamp(1, 2),
            "maxReplicas": workload.pods * 2 + 2,
            "metrics": metrics,
        },
    });
    if dice.permille(200) {
        scaler["spec"]["behavior"] = json!({
            "scaleUp": {
                "stabilizationWindowSeconds": 0,
                "selectPolicy": "Max",
                "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}],
            },
            "scaleDown": {"stabilizationWindowSeconds": 300, "policies": [{"type": "Percent", "value": 10, "periodSeconds": 60}]},
        });
    }
    let used = 20 + dice.below(target - 10);
    scaler["status"] = autoscaler_status(&scaler, workload.pods, workload.pods, used, created + 120);
    scaler
}

/// The status of an autoscaler that wants so many pods, now that `utilization` percent are used.
pub(in super::super) fn autoscaler_status(
    scaler: &Value,
    current: usize,
    desired: usize,
    utilization: usize,
    since: i64,
) -> Value {
    let current_metrics: Vec<_> = scaler["spec"]["metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|metric| {
            let name = &metric["resource"]["name"];
            let average = if *name == "cpu" {
                format!("{}m", utilization * 5)
            } else {
                format!("{}Mi", utilization * 3)
            };
            let now = json!({"averageUtilization": utilization, "averageValue": average});
            json!({"type": "Resource", "resource": {"name": name, "current": now}})
        })
        .collect();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": time(since),
        })
    };
    let able = if current == desired { "ReadyForNewScale" } else { "SucceededRescale" };
    json!({
        "lastScaleTime": time(since),
        "currentReplicas": current,
        "desiredReplicas": desired,
        "currentMetrics": current_metrics,
        "conditions": [
            condition("AbleToScale", "True", able, "recommended size matches current size"),
            condition("ScalingActive", "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"),
            condition("ScalingLimited", "False", "DesiredWithinRange", "the desired count is within the acceptable range"),
        ],
    })
}

fn resource_metric(name: &str, percent: usize) -> Value {
    let target = json!({"type": "Utilization", "averageUtilization": percent});
    json!({"type": "Resource", "resource": {"name": name, "target": target}})
}

/// How many pods of a workload must stay.
pub(super) fn budget(plan: &Plan, workload: &Workload, tally: Tally, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "budgets", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, &workload.name, created);
    metadata["generation"] = json!(1);
    metadata["labels"] = template::selector(workload);
    let mut spec = json!({"selector": {"matchLabels": template::selector(workload)}});
    let all_but_one = workload.pods.saturating_sub(1);
    let (field, limit, desired) = match dice.below(3) {
        0 => ("minAvailable", json!(all_but_one), all_but_one),
        1 => ("minAvailable", json!("50%"), workload.pods.div_ceil(2)),
        _ => ("maxUnavailable", json!(1), all_but_one),
    };
    spec[field] = limit;
    let allowed = tally.ready.saturating_sub(desired);
    let (status, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    json!({
        "metadata": metadata,
        "spec": spec,
        "status": {
            "observedGeneration": 1,
            "disruptionsAllowed": allowed,
            "currentHealthy": tally.ready,
            "desiredHealthy": desired,
            "expectedPods": workload.pods,
            "conditions": [{
                "type": "DisruptionAllowed",
                "status": status,
                "observedGeneration": 1,
                "reason": reason,
                "message": "",
                "lastTransitionTime": time(created + 60),
            }],
        },
    })
}

/// The UID of the cron job behind a job.
pub(super) fn cron_job_uid(plan: &Plan, workload: &Workload) -> String {
    Dice::new(plan.seed, "cron jobs", workload.index).uid()
}

/// The cron job behind a job, which is its latest.
pub(super) fn cron_job(plan: &Plan, workload: &Workload, template: &Value, job: &Value) -> Value {
    let dice = &mut Dice::new(plan.seed, "cron jobs", workload.index);
    let created = plan.now - dice.within(60..90) * DAY;
    let base = workload.base_name();
    let mut metadata =
        metadata(&mut Dice::new(plan.seed, "cron jobs", workload.index), &workload.namespace, base, created);
    metadata["generation"] = json!(1);
    metadata["labels"] = template::selector(workload);
    let schedule = match hours_ago(workload.index) {
        0 => "*/30 * * * *",
        1..6 => "0 */6 * * *",
        6..24 => "17 3 * * *",
        _ => "0 4 * * 1,4",
    };
    let mut cron_job = json!({
        "metadata": metadata,
        "spec": {
            "schedule": schedule,
            "concurrencyPolicy": dice.pick(&["Allow", "Forbid", "Replace"]),
            "suspend": dice.permille(30),
            "jobTemplate": {
                "metadata": {"labels": template["metadata"]["labels"]},
                "spec": {"template": template, "backoffLimit": 6},
            },
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1,
        },
    });
    if dice.permille(300) {
        cron_job["spec"]["timeZone"] = json!("Etc/UTC");
    }
    cron_job["status"] = cron_job_status(std::slice::from_ref(job));
    cron_job
}

/// The status of a cron job with these jobs.
pub(in super::super) fn cron_job_status(jobs: &[Value]) -> Value {
    let latest = |times: Vec<&str>| times.into_iter().max().map(str::to_owned);
    let scheduled = jobs.iter().filter_map(|job| job["metadata"]["creationTimestamp"].as_str()).collect();
    let successful = jobs.iter().filter_map(|job| job["status"]["completionTime"].as_str()).collect();
    let active: Vec<_> = jobs
        .iter()
        .filter(|job| job["status"]["conditions"].is_null())
        .map(|job| {
            let metadata = &job["metadata"];
            json!({
                "apiVersion": "batch/v1",
                "kind": "Job",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            })
        })
        .collect();
    let mut status = json!({"lastScheduleTime": latest(scheduled), "lastSuccessfulTime": latest(successful)});
    if !active.is_empty() {
        status["active"] = Value::Array(active);
    }
    status
}

/// The lease of a node, by which its kubelet tells that it lives.
pub(super) fn node_lease(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "node leases", number);
    let node = other_objects::node_name(number);
    let created = plan.now - dice.within(5..90) * DAY;
    let mut metadata = metadata(dice, "kube-node-lease", &node, created);
    let owner = Dice::new(plan.seed, "nodes", number).uid();
    metadata["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "Node", "name": node, "uid": owner}]);
    let renewed = micro_time(plan.now - dice.within(0..10), dice);
    json!({
        "metadata": metadata,
        "spec": {"holderIdentity": node, "leaseDurationSeconds": LEASE, "renewTime": renewed},
    })
}

/// The lease that the leader among equals holds.
pub(super) fn leader_lease(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "leader leases", number);
    let (namespace, name) = match LEADERS.get(number) {
        Some(leader) => ("kube-system".to_owned(), (*leader).to_owned()),
        None => (words::namespace(number % plan.namespaces), format!("{}-leader", words::workload(number))),
    };
    let created = plan.now - dice.within(5..90) * DAY;
    let metadata = metadata(dice, &namespace, &name, created);
    let holder = format!("{name}-{}_{}", dice.suffix(5, number), dice.uid());
    json!({
        "metadata": metadata,
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": 15,
            "acquireTime": micro_time(created + dice.within(0..4 * DAY), dice),
            "renewTime": micro_time(plan.now - dice.within(0..2), dice),
            "leaseTransitions": dice.below(20),
        },
    })
}

/// The number of leases of leaders that every cluster has.
pub(super) const fn leaders() -> usize {
    LEADERS.len()
}

/// A time with some microseconds.
pub(in super::super) fn micro_time(seconds: i64, dice: &mut Dice) -> Value {
    let nanoseconds = i32::try_from(dice.below(1_000_000) * 1000).unwrap_or_default();
    Value::String(format!("{:.6}", Timestamp::new(seconds, nanoseconds).unwrap_or_default()))
}
