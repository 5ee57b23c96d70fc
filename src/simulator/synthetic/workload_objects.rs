//! The objects that make pods: deployments with their replica sets, stateful sets, daemon sets and jobs.

use serde_json::{Value, json};

use super::dice::time;
use super::pod::OwnerReference;

/// How the pods of a workload fare, all told.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Tally {
    /// Pods that count towards the replicas.
    pub(in super::super) active: usize,
    pub(in super::super) ready: usize,
    pub(in super::super) succeeded: usize,
    pub(in super::super) failed: usize,
}

/// What the objects of one workload have in common.
#[derive(Debug)]
pub(in super::super) struct Common<'a> {
    pub(in super::super) namespace: &'a str,
    pub(in super::super) name: &'a str,
    pub(in super::super) uid: &'a str,
    /// Unix seconds.
    pub(in super::super) created: i64,
    /// Labels of the selector.
    pub(in super::super) selector: &'a Value,
    pub(in super::super) template: &'a Value,
    pub(in super::super) replicas: usize,
}

impl Common<'_> {
    fn metadata(&self) -> Value {
        json!({
            "namespace": self.namespace,
            "name": self.name,
            "uid": self.uid,
            "generation": 1,
            "creationTimestamp": time(self.created),
            "labels": self.template["metadata"]["labels"],
            "annotations": {"meta.helm.sh/release-name": self.name, "meta.helm.sh/release-namespace": self.namespace},
        })
    }
}

/// A deployment at its first revision.
pub(super) fn deployment(common: &Common<'_>, tally: Tally, updated: i64) -> Value {
    let mut metadata = common.metadata();
    metadata["annotations"]["deployment.kubernetes.io/revision"] = json!("1");
    let mut deployment = json!({
        "metadata": metadata,
        "spec": {
            "replicas": common.replicas,
            "selector": {"matchLabels": common.selector},
            "template": common.template,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
    });
    deployment["status"] = deployment_status(&deployment, tally, tally.active, updated);
    deployment
}

/// The status of a deployment of whose pods `updated_pods` have the newest template.
pub(in super::super) fn deployment_status(
    deployment: &Value,
    tally: Tally,
    updated_pods: usize,
    since: i64,
) -> Value {
    let replicas =
        usize::try_from(deployment["spec"]["replicas"].as_i64().unwrap_or_default()).unwrap_or_default();
    // A quarter may be away, rounded down.
    let is_available = tally.ready >= replicas - replicas / 4;
    let is_complete = updated_pods == replicas && tally.active == replicas;
    let condition = |kind: &str, status: bool, reason: &str, message: &str| {
        json!({
            "type": kind,
            "status": if status { "True" } else { "False" },
            "reason": reason,
            "message": message,
            "lastUpdateTime": time(since),
            "lastTransitionTime": time(since),
        })
    };
    let available = if is_available {
        condition("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        let message = "Deployment does not have minimum availability.";
        condition("Available", false, "MinimumReplicasUnavailable", message)
    };
    let progressing = if is_complete {
        condition(
            "Progressing",
            true,
            "NewReplicaSetAvailable",
            "The ReplicaSet has successfully progressed.",
        )
    } else {
        condition("Progressing", true, "ReplicaSetUpdated", "The ReplicaSet is progressing.")
    };
    json!({
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": tally.active,
        "updatedReplicas": updated_pods,
        "readyReplicas": tally.ready,
        "availableReplicas": tally.ready,
        "unavailableReplicas": replicas.saturating_sub(tally.ready),
        "terminatingReplicas": 0,
        "conditions": [available, progressing],
    })
}

/// The replica set of one revision of a deployment.
pub(in super::super) fn replica_set(
    common: &Common<'_>,
    deployment: OwnerReference<'_>,
    revision: &str,
    tally: Tally,
) -> Value {
    let mut metadata = common.metadata();
    metadata["ownerReferences"] = json!([deployment.to_json()]);
    metadata["annotations"]["deployment.kubernetes.io/desired-replicas"] = json!(common.replicas.to_string());
    metadata["annotations"]["deployment.kubernetes.io/revision"] = json!(revision);
    json!({
        "metadata": metadata,
        "spec": {
            "replicas": common.replicas,
            "selector": {"matchLabels": common.selector},
            "template": common.template,
        },
        "status": replica_set_status(1, tally),
    })
}

/// The status of a replica set.
pub(in super::super) fn replica_set_status(generation: i64, tally: Tally) -> Value {
    json!({
        "observedGeneration": generation,
        "replicas": tally.active,
        "fullyLabeledReplicas": tally.active,
        "readyReplicas": tally.ready,
        "availableReplicas": tally.ready,
        "terminatingReplicas": 0,
    })
}

/// A replication controller.
pub(super) fn replication_controller(common: &Common<'_>, tally: Tally) -> Value {
    json!({
        "metadata": common.metadata(),
        "spec": {"replicas": common.replicas, "selector": common.selector, "template": common.template},
        "status": {
            "replicas": tally.active,
            "fullyLabeledReplicas": tally.active,
            "readyReplicas": tally.ready,
            "availableReplicas": tally.ready,
            "observedGeneration": 1,
        },
    })
}

/// A stateful set, with claims for its pods or without.
pub(super) fn stateful_set(common: &Common<'_>, has_claims: bool, revision: &str, tally: Tally) -> Value {
    let mut set = json!({
        "metadata": common.metadata(),
        "spec": {
            "replicas": common.replicas,
            "selector": {"matchLabels": common.selector},
            "template": common.template,
            "serviceName": common.name,
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "revisionHistoryLimit": 10,
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        },
        "status": {
            "observedGeneration": 1,
            "replicas": tally.active,
            "readyReplicas": tally.ready,
            "availableReplicas": tally.ready,
            "currentReplicas": tally.active,
            "updatedReplicas": tally.active,
            "currentRevision": format!("{}-{revision}", common.name),
            "updateRevision": format!("{}-{revision}", common.name),
            "collisionCount": 0,
        },
    });
    if has_claims {
        set["spec"]["volumeClaimTemplates"] = json!([{
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "10Gi"}},
                "storageClassName": "fast",
                "volumeMode": "Filesystem",
            },
            "status": {"phase": "Pending"},
        }]);
    }
    set
}

/// A daemon set whose nodes are as many as its pods.
pub(super) fn daemon_set(common: &Common<'_>, tally: Tally) -> Value {
    let mut metadata = common.metadata();
    metadata["annotations"]["deprecated.daemonset.template.generation"] = json!("1");
    json!({
        "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": common.selector},
            "template": common.template,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
            "revisionHistoryLimit": 10,
        },
        "status": {
            "observedGeneration": 1,
            "desiredNumberScheduled": common.replicas,
            "currentNumberScheduled": tally.active,
            "updatedNumberScheduled": tally.active,
            "numberReady": tally.ready,
            "numberAvailable": tally.ready,
            "numberUnavailable": common.replicas.saturating_sub(tally.ready),
            "numberMisscheduled": 0,
        },
    })
}

/// A job that was started when it was created; `finished` is when it ended, if it has.
pub(in super::super) fn job(common: &Common<'_>, tally: Tally, finished: i64) -> Value {
    let mut selector = common.selector.clone();
    selector["batch.kubernetes.io/controller-uid"] = json!(common.uid);
    json!({
        "metadata": common.metadata(),
        "spec": {
            "parallelism": common.replicas.max(1),
            "completions": common.replicas.max(1),
            "backoffLimit": 6,
            "completionMode": "NonIndexed",
            "suspend": false,
            "podReplacementPolicy": "TerminatingOrFailed",
            "selector": {"matchLabels": selector},
            "template": common.template,
        },
        "status": job_status(common.replicas.max(1), common.created, tally, finished),
    })
}

/// The status of a job.
pub(in super::super) fn job_status(completions: usize, started: i64, tally: Tally, finished: i64) -> Value {
    let mut status = json!({
        "startTime": time(started),
        "active": tally.active,
        "ready": tally.ready,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "terminating": 0,
        "uncountedTerminatedPods": {},
    });
    let condition = |kind: &str, reason: &str, message: &str| {
        json!({
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastProbeTime": time(finished),
            "lastTransitionTime": time(finished),
        })
    };
    if tally.succeeded >= completions {
        let message = "Reached expected number of succeeded pods";
        status["conditions"] = json!([
            condition("SuccessCriteriaMet", "CompletionsReached", message),
            condition("Complete", "CompletionsReached", message),
        ]);
        status["completionTime"] = time(finished);
    } else if tally.active == 0 && tally.failed > 0 {
        let message = "Job has reached the specified backoff limit";
        status["conditions"] = json!([
            condition("FailureTarget", "BackoffLimitExceeded", message),
            condition("Failed", "BackoffLimitExceeded", message),
        ]);
    }
    status
}
