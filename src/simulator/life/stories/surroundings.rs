//! The stories of what stands around the pods.

use serde_json::Value;

use super::super::reactions::Reaction;
use super::super::steps::Step;
use super::super::{Life, Story, kind};
use super::{count, sets_of, start_pod};

/// Leases that are renewed in one story.
const RENEWALS: usize = 8;

/// An autoscaler finds a deployment busy, adds a pod, and takes it away again.
pub(super) fn autoscaling(life: &mut Life) -> Option<Story> {
    let scaler = life.any("horizontalpodautoscalers")?.key().to_owned();
    if !life.is_free(&scaler) {
        return None;
    }
    let deployment = life.cluster.get(kind("deployments"), &scaler)?;
    let deployment = Value::Object(deployment.decode(kind("deployments")).ok()?);
    let replicas = usize::try_from(deployment["spec"]["replicas"].as_u64()?).ok()?;
    let (_, set) = sets_of(life, &scaler, &deployment).pop()?;
    let number = life.dice.below(27);
    let pod = format!("{set}-{}", life.dice.suffix(5, number));
    let measure = |utilization, desired| {
        Step::React(Reaction::Measure { scaler: scaler.clone(), utilization, desired })
    };
    let scale = |replicas| {
        let resize = Reaction::Resize { deployment: scaler.clone(), replicas };
        [Step::React(resize), Step::Scale { set: set.clone(), replicas }]
    };
    let mut steps = vec![measure(130, replicas + 1)];
    steps.extend(scale(replicas + 1));
    steps.extend(start_pod(&set, &pod, &scaler));
    steps.push(measure(60, replicas + 1));
    steps.push(measure(20, replicas));
    steps.extend(scale(replicas));
    steps.push(Step::Terminate { pod: pod.clone() });
    steps.push(Step::Remove { plural: "pods", key: pod });
    steps.extend(count(&set, &scaler));
    steps.push(measure(50, replicas));
    Some(Story { subject: scaler, steps: steps.into() })
}

/// Some kubelets and leaders renew their leases.
pub(super) fn renewals(life: &mut Life) -> Option<Story> {
    // No other story is about leases, and renewing one twice does no harm.
    let leases: Vec<_> = (0..RENEWALS).filter_map(|_| Some(life.any("leases")?.key().to_owned())).collect();
    let subject = format!("lease {}", leases.first()?);
    let steps = leases.into_iter().map(|lease| Step::React(Reaction::Renew { lease }));
    Some(Story { subject, steps: steps.collect() })
}

/// A config map or secret gets other content.
pub(super) fn rotation(life: &mut Life) -> Option<Story> {
    let plural = life.dice.pick(&["configmaps", "secrets"]);
    let plural = kind(plural).plural;
    let key = life.any(plural)?.key().to_owned();
    let subject = format!("{plural} {key}");
    Some(Story { subject, steps: [Step::React(Reaction::Rewrite { plural, key })].into() })
}

/// A quota counts what its namespace uses.
pub(super) fn quota(life: &mut Life) -> Option<Story> {
    let quota = life.any("resourcequotas")?.key().to_owned();
    let subject = format!("quota {quota}");
    Some(Story { subject, steps: [Step::React(Reaction::Quota { quota })].into() })
}
