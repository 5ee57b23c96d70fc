//! Jobs, and the schedules that make them.

use super::{
    dice::{Dice, strict_conditions, thin, with},
    metadata::{namespaced, short_name},
    pods::job_template,
};
use serde_json::{Value, json};

/// Schedules by the rules of Kubernetes' own parser.
const SCHEDULES: [&str; 22] = [
    "* * * * *",
    "0 0 * * *",
    "  5   4 * *  SUN",
    "*/5 * * * *",
    "*/60 * * * *",
    "0 */30 * * *",
    "@hourly",
    "@daily",
    "@midnight",
    "@weekly",
    "@monthly",
    "@yearly",
    "@annually",
    "@every 1h30m10s",
    "0 0 15 * FRI",
    "0 0 29 2 *",
    "0 0 31 2 *",
    "5-10/2,30 1,2,3 ? JAN-MAR *",
    "59 23 31 12 6",
    "30 2 * * *",
    "0-59/7 22-23 1,15,31 */2 mon-wed,fri",
    "15/20 * */10 * 1-5",
];

const ZONES: [&str; 8] = [
    "Etc/UTC",
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
];

pub(super) fn job(index: usize, dice: &mut Dice) -> Value {
    let name = short_name(index, dice);
    let mut object = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": namespaced(&name, dice),
        "spec": job_spec(dice),
    });
    if dice.percent(85) {
        object["status"] = job_status(&object["spec"], dice);
    }
    object
}

fn job_spec(dice: &mut Dice) -> Value {
    let optional = json!({
        "parallelism": dice.pick(&[0, 1, 7, 100_000]),
        "completions": dice.count(),
        "backoffLimit": dice.count(),
        "activeDeadlineSeconds": dice.pick(&[1, 600, i64::from(i32::MAX)]),
        "ttlSecondsAfterFinished": dice.count(),
        "suspend": dice.coin(),
        "podReplacementPolicy": dice.pick(&["Failed", "TerminatingOrFailed"]),
    });
    let mut spec = with(thin(optional, dice), json!({ "template": job_template(dice) }));
    if dice.percent(25) {
        let indexed =
            json!({ "completionMode": "Indexed", "completions": dice.pick(&[0, 1, 1000]), "parallelism": 3 });
        spec = with(spec, indexed);
    }
    spec
}

/// A job that runs, one that has ended in either way, or one that waits.
pub(super) fn job_status(spec: &Value, dice: &mut Dice) -> Value {
    let succeeded = spec["completions"].as_i64().unwrap_or(1);
    let began = 1_700_000_000 + dice.between(0, 10_000_000);
    let time = |seconds| json!(jiff::Timestamp::from_second(seconds).unwrap().to_string());
    let condition = |kind: &str, reason: &str, dice: &mut Dice| {
        let parts = json!({
            "lastProbeTime": time(began + 8),
            "lastTransitionTime": time(began + 9),
            "message": dice.text(),
        });
        with(thin(parts, dice), json!({ "type": kind, "status": "True", "reason": reason }))
    };
    if spec["suspend"] == true {
        let suspended = condition("Suspended", "JobSuspended", dice);
        return if dice.coin() { json!({ "conditions": [suspended] }) } else { json!({}) };
    }
    let counts = thin(json!({ "failed": dice.count() }), dice);
    let counts = with(counts, json!({ "startTime": time(began) }));
    match dice.below(4) {
        0 => {
            let conditions = [
                condition("SuccessCriteriaMet", "CompletionsReached", dice),
                condition("Complete", "CompletionsReached", dice),
            ];
            let ended = time(began + dice.between(0, 100_000));
            let mut status = with(
                counts,
                json!({ "succeeded": succeeded, "completionTime": ended, "conditions": conditions }),
            );
            if spec["completionMode"] == "Indexed" && succeeded > 0 {
                status["completedIndexes"] =
                    json!(if succeeded == 1 { "0".to_owned() } else { format!("0-{}", succeeded - 1) });
            }
            status
        }
        1 => {
            let reasons =
                ["BackoffLimitExceeded", "DeadlineExceeded", "Evicted", "PodFailurePolicy", "OddReason", ""];
            let reason = dice.pick(&reasons);
            let conditions = [condition("FailureTarget", reason, dice), condition("Failed", reason, dice)];
            with(counts, json!({ "conditions": conditions }))
        }
        2 => {
            let active = dice.between(0, 3);
            let parts = json!({
                "ready": dice.between(0, active),
                "terminating": dice.count(),
                "conditions": [{ "type": "example.com/Odd", "status": dice.truth(), "reason": dice.text() }],
            });
            with(with(counts, json!({ "active": active })), thin(parts, dice))
        }
        _ => json!({}),
    }
}

pub(super) fn cron_job(index: usize, dice: &mut Dice) -> Value {
    let name = if dice.percent(10) { format!("odd.{index}.example.com") } else { format!("odd-{index}") };
    let optional = json!({
        "concurrencyPolicy": dice.pick(&["Allow", "Forbid", "Replace"]),
        "suspend": dice.coin(),
        "startingDeadlineSeconds": dice.number(),
        "successfulJobsHistoryLimit": dice.count(),
        "failedJobsHistoryLimit": dice.count(),
        "timeZone": dice.pick(&ZONES),
    });
    let required = json!({
        "schedule": dice.pick(&SCHEDULES),
        "jobTemplate": { "spec": job_spec(dice) },
    });
    let status = json!({
        "active": dice.list(0, |dice, _| json!({ "kind": "Job", "name": dice.word(), "uid": dice.uid() })),
        "lastScheduleTime": dice.time(),
        "lastSuccessfulTime": dice.time(),
    });
    let mut object = json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": namespaced(&name, dice),
        "spec": with(thin(optional, dice), required),
    });
    if dice.percent(80) {
        object["status"] = thin(status, dice);
    }
    object
}

/// A budget for the disruption of pods.
pub(super) fn disruption_budget(index: usize, dice: &mut Dice) -> Value {
    let name = short_name(index, dice);
    let amounts = [json!(0), json!(i32::MAX), json!("0%"), json!("100%"), json!("33%")];
    let mut spec =
        thin(json!({ "unhealthyPodEvictionPolicy": dice.pick(&["IfHealthyBudget", "AlwaysAllow"]) }), dice);
    let amount = dice.pick(&amounts);
    match dice.below(3) {
        0 => spec["minAvailable"] = amount,
        1 => spec["maxUnavailable"] = amount,
        _ => {}
    }
    if dice.coin() {
        spec["selector"] =
            json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": ["a", "b"] }] });
    }
    let optional = json!({
        "observedGeneration": dice.number(),
        "disruptedPods": { "some-pod": dice.time() },
        "conditions": strict_conditions(&["DisruptionAllowed"], dice),
    });
    let counts = json!({
        "disruptionsAllowed": dice.count(),
        "currentHealthy": dice.count(),
        "desiredHealthy": dice.count(),
        "expectedPods": dice.count(),
    });
    let mut object = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": namespaced(&name, dice),
        "spec": spec,
    });
    if dice.percent(85) {
        object["status"] = with(thin(optional, dice), counts);
    }
    object
}
