//! Deployments.

use crate::{
    exposition::{Families, Identity, Samples},
    resource::{Names, Resource, STATUSES, status},
    wire::{Atom, IntOrString, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<Deployment>;

crate::wire! {
    /// `apps.v1.Deployment`, reduced.
    pub struct Deployment {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: DeploymentSpec = 2,
        /// What the controller observes.
        status: DeploymentStatus = 3,
    }

    /// `apps.v1.DeploymentSpec`, reduced.
    pub struct DeploymentSpec {
        /// Number of pods.
        replicas: Option<i32> = 1,
        /// How old pods are replaced.
        strategy: DeploymentStrategy = 4,
        /// True where the controller leaves the Deployment alone.
        paused: bool = 7,
    }

    /// `apps.v1.DeploymentStrategy`, reduced.
    pub struct DeploymentStrategy {
        /// Empty for every other strategy.
        rolling_update: RollingUpdate = 2,
    }

    /// `apps.v1.RollingUpdateDeployment`.
    pub struct RollingUpdate {
        /// How many pods may lack.
        max_unavailable: Option<IntOrString> = 1,
        /// How many pods there may be too many.
        max_surge: Option<IntOrString> = 2,
    }

    /// `apps.v1.DeploymentStatus`, reduced. All integers but the generation are numbers of pods.
    pub struct DeploymentStatus {
        /// The state of the specification that this status is about.
        observed_generation: i64 = 1,
        /// Those that don't terminate.
        replicas: i32 = 2,
        /// Those of the newest template.
        updated_replicas: i32 = 3,
        /// Those that have been ready for long enough.
        available_replicas: i32 = 4,
        /// Those that are still needed.
        unavailable_replicas: i32 = 5,
        /// Most Deployments have the same two.
        conditions: Shared<DeploymentCondition> = 6,
        /// Those that are ready.
        ready_replicas: i32 = 7,
        /// Those that terminate, where the server counts them.
        terminating_replicas: Option<i32> = 9,
    }

    /// `apps.v1.DeploymentCondition`, reduced.
    pub struct DeploymentCondition {
        /// `Available`, `Progressing` or `ReplicaFailure`.
        r#type: Atom = 1,
        /// `True`, `False` or `Unknown`.
        status: Atom = 2,
        /// Why, in one word.
        reason: Atom = 4,
    }
}
crate::local_object!(Deployment);
crate::pooled!(DeploymentCondition);

impl Resource for Deployment {
    const NAMES: Names =
        Names { kind: "Deployment", plural: "deployments", group: "apps", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("deployment")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Deployment> = &[
    &Family::gauge(
        "kube_deployment_owner",
        "Owners of the Deployment; one sample with empty labels where it has none.",
    )
    .appears("for each owner, and once where there is none")
    .labels(["owner_kind", "owner_name"])
    .samples(owner),
    &Family::created("kube_deployment_created").stable(),
    &Family::gauge("kube_deployment_status_replicas", "Number of pods that the Deployment has.")
        .stable()
        .samples(|deployment, out| out.value(deployment.status.replicas)),
    &Family::gauge("kube_deployment_status_replicas_ready", "Number of pods that are ready.")
        .stable()
        .samples(|deployment, out| out.value(deployment.status.ready_replicas)),
    &Family::gauge(
        "kube_deployment_status_replicas_available",
        "Number of pods that have been ready for at least minReadySeconds.",
    )
    .stable()
    .samples(|deployment, out| out.value(deployment.status.available_replicas)),
    &Family::gauge(
        "kube_deployment_status_replicas_unavailable",
        "Number of pods that the Deployment still needs to be completely available.",
    )
    .stable()
    .samples(|deployment, out| out.value(deployment.status.unavailable_replicas)),
    &Family::gauge(
        "kube_deployment_status_replicas_updated",
        "Number of pods that are of the newest template.",
    )
    .stable()
    .samples(|deployment, out| out.value(deployment.status.updated_replicas)),
    &Family::gauge(
        "kube_deployment_status_terminating_replicas",
        "Number of pods that terminate, where the server counts them.",
    )
    .appears("where the server counts terminating pods")
    .samples(|deployment, out| out.value(deployment.status.terminating_replicas)),
    &Family::gauge(
        "kube_deployment_status_observed_generation",
        "Generation of the Deployment that its controller has last seen.",
    )
    .stable()
    .samples(|deployment, out| out.value(deployment.status.observed_generation)),
    &Family::gauge(
        "kube_deployment_status_condition",
        "Conditions of the Deployment with their reasons, those outside a known set being \"unknown\".",
    )
    .stable()
    .appears("for each condition with each of three statuses")
    .labels(["reason", "condition", "status"])
    .samples(conditions),
    &Family::gauge("kube_deployment_spec_replicas", "Number of pods that the Deployment shall have.")
        .stable()
        .appears("where spec.replicas is set")
        .samples(|deployment, out| out.value(deployment.spec.replicas)),
    &Family::gauge(
        "kube_deployment_spec_paused",
        "Whether the Deployment is paused, so that its controller leaves it alone.",
    )
    .stable()
    .samples(|deployment, out| out.value(deployment.spec.paused)),
    &Family::gauge(
        "kube_deployment_spec_strategy_rollingupdate_max_unavailable",
        "Number of pods that may be unavailable during a rolling update.",
    )
    .stable()
    .appears("where the strategy is a rolling update and spec.replicas is set")
    .samples(|deployment, out| out.value(rolling(&deployment.spec, |update| &update.max_unavailable, false))),
    &Family::gauge(
        "kube_deployment_spec_strategy_rollingupdate_max_surge",
        "Number of pods that there may be beyond the wanted number during a rolling update.",
    )
    .stable()
    .appears("where the strategy is a rolling update and spec.replicas is set")
    .samples(|deployment, out| out.value(rolling(&deployment.spec, |update| &update.max_surge, true))),
    &Family::generation("kube_deployment_metadata_generation").stable(),
    &Family::deletion_timestamp("kube_deployment_deletion_timestamp"),
    &Family::annotations("kube_deployment_annotations"),
    &Family::labels("kube_deployment_labels").stable(),
];

/// Unlike other kinds' owners without a label for the controller.
fn owner(deployment: &Deployment, out: &mut Samples<'_, 2>) {
    let owners = &deployment.metadata.owner_references;
    for owner in owners.iter() {
        out.one([&owner.kind, &owner.name]);
    }
    if owners.is_empty() {
        out.one([""; 2]);
    }
}

/// The reasons that the deployment controller gives, and none.
const REASONS: [&str; 11] = [
    "ReplicaSetUpdated",
    "ReplicaSetCreateError",
    "NewReplicaSetCreated",
    "FoundNewReplicaSet",
    "NewReplicaSetAvailable",
    "ProgressDeadlineExceeded",
    "DeploymentPaused",
    "DeploymentResumed",
    "MinimumReplicasAvailable",
    "MinimumReplicasUnavailable",
    "",
];

fn conditions(deployment: &Deployment, out: &mut Samples<'_, 3>) {
    for condition in deployment.status.conditions.iter() {
        let reason = if REASONS.contains(&&*condition.reason) { &*condition.reason } else { "unknown" };
        out.states(&STATUSES, status(&condition.status), |status| [reason, &condition.r#type, status]);
    }
}

/// A limit of the rolling update as a number of pods; none where it or the wanted number of pods
/// is missing, and where it is neither a number nor a percentage.
fn rolling(
    spec: &DeploymentSpec,
    limit: fn(&RollingUpdate) -> &Option<IntOrString>,
    round_up: bool,
) -> Option<i64> {
    limit(&spec.strategy.rolling_update).as_ref()?.scaled(spec.replicas?, round_up)
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Deployment, "deployments");
}
