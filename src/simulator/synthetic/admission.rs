//! What is checked and changed before an object is stored: webhooks and policies.

use serde_json::{Value, json};

use super::dice::{Dice, time};
use super::plan::Plan;
use super::{DAY, blobs, metadata};

/// The webhooks that change objects in many clusters.
pub(super) const MUTATING_WEBHOOKS: &[&str] =
    &["sidecar-injector", "pod-identity", "cert-manager-webhook", "policy-engine"];

/// The webhooks that check objects in many clusters.
pub(super) const VALIDATING_WEBHOOKS: &[&str] =
    &["ingress-admission", "cert-manager-webhook", "policy-engine", "backup-admission", "quota-admission"];

/// The policies that check objects: names, expressions and messages.
const VALIDATING_POLICIES: &[(&str, &str, &str)] = &[
    ("require-owner", "'owner' in object.metadata.labels", "an owner is required"),
    ("replica-limit", "object.spec.replicas <= 50", "no more than 50 replicas are allowed"),
    (
        "no-latest-tag",
        "object.spec.template.spec.containers.all(c, !c.image.endsWith(':latest'))",
        "tags must be fixed",
    ),
];

/// The policies that change objects: names and expressions.
const MUTATING_POLICIES: &[(&str, &str)] = &[
    ("default-owner", r#"[JSONPatch{op: "add", path: "/metadata/labels/owner", value: "nobody"}]"#),
    (
        "pull-if-absent",
        r#"[JSONPatch{op: "add", path: "/spec/containers/0/imagePullPolicy", value: "IfNotPresent"}]"#,
    ),
];

/// The number of policies that check objects in a usual cluster.
pub(super) const USUAL_VALIDATING_POLICIES: usize = VALIDATING_POLICIES.len();

/// The number of policies that change objects in a usual cluster.
pub(super) const USUAL_MUTATING_POLICIES: usize = MUTATING_POLICIES.len();

/// Webhooks that change objects.
pub(super) fn mutating_webhooks(plan: &Plan, number: usize) -> Value {
    let mut webhooks = webhooks(plan, number, "mutating webhooks", MUTATING_WEBHOOKS);
    for webhook in webhooks["webhooks"].as_array_mut().into_iter().flatten() {
        webhook["reinvocationPolicy"] = json!("Never");
    }
    webhooks
}

/// Webhooks that check objects.
pub(super) fn validating_webhooks(plan: &Plan, number: usize) -> Value {
    webhooks(plan, number, "validating webhooks", VALIDATING_WEBHOOKS)
}

fn webhooks(plan: &Plan, number: usize, topic: &str, usual: &[&str]) -> Value {
    let dice = &mut Dice::new(plan.seed, topic, number);
    let name = blobs::name(usual, number);
    let created = plan.now - dice.within(60..300) * DAY;
    let mut metadata = metadata(dice, "", &name, created);
    metadata["generation"] = json!(2);
    metadata["labels"] = json!({"app.kubernetes.io/name": name});
    let webhook = |index: usize, dice: &mut Dice| {
        let resource = ["pods", "ingresses", "certificates"][index % 3];
        json!({
            "name": format!("{resource}.{name}.example.com"),
            "clientConfig": {
                "service": {"namespace": "kube-system", "name": name, "path": format!("/{resource}"), "port": 443},
                "caBundle": blobs::bytes(number, 1_480),
            },
            "rules": [{
                "operations": ["CREATE", "UPDATE"],
                "apiGroups": ["*"],
                "apiVersions": ["v1"],
                "resources": [resource],
                "scope": "Namespaced",
            }],
            "failurePolicy": dice.pick(&["Fail", "Ignore"]),
            "matchPolicy": "Equivalent",
            "namespaceSelector": {"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]},
            ]},
            "objectSelector": {},
            "sideEffects": "None",
            "timeoutSeconds": 10,
            "admissionReviewVersions": ["v1"],
        })
    };
    let count = 1 + dice.below(2);
    let list: Vec<_> = (0..count).map(|index| webhook(index, dice)).collect();
    json!({"metadata": metadata, "webhooks": list})
}

/// A policy that checks objects.
pub(super) fn validating_policy(plan: &Plan, number: usize) -> Value {
    let (_, expression, message) = VALIDATING_POLICIES[number % VALIDATING_POLICIES.len()];
    let mut policy = policy(plan, number, "validating policies", &validating_policy_name(number));
    policy["spec"]["validations"] =
        json!([{"expression": expression, "message": message, "reason": "Invalid"}]);
    policy["status"] = json!({"observedGeneration": 1, "typeChecking": {}});
    policy
}

/// A policy that changes objects.
pub(super) fn mutating_policy(plan: &Plan, number: usize) -> Value {
    let (_, expression) = MUTATING_POLICIES[number % MUTATING_POLICIES.len()];
    let mut policy = policy(plan, number, "mutating policies", &mutating_policy_name(number));
    policy["spec"]["mutations"] =
        json!([{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}]);
    policy["spec"]["reinvocationPolicy"] = json!("Never");
    policy
}

fn policy(plan: &Plan, number: usize, topic: &str, name: &str) -> Value {
    let dice = &mut Dice::new(plan.seed, topic, number);
    let created = plan.now - dice.within(30..200) * DAY;
    let mut metadata = metadata(dice, "", name, created);
    metadata["generation"] = json!(1);
    metadata["annotations"] = json!({"example.com/reviewed": time(plan.now - 20 * DAY)});
    json!({
        "metadata": metadata,
        "spec": {
            "failurePolicy": dice.pick(&["Fail", "Ignore"]),
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": {},
                "objectSelector": {},
                "resourceRules": [{
                    "operations": ["CREATE", "UPDATE"],
                    "apiGroups": ["apps"],
                    "apiVersions": ["v1"],
                    "resources": ["deployments"],
                    "scope": "*",
                }],
            },
        },
    })
}

/// The binding of a policy that checks objects.
pub(super) fn validating_binding(plan: &Plan, number: usize) -> Value {
    let mut binding = binding(plan, number, "validating bindings", &validating_policy_name(number));
    binding["spec"]["validationActions"] = json!(["Deny", "Audit"]);
    binding
}

/// The binding of a policy that changes objects.
pub(super) fn mutating_binding(plan: &Plan, number: usize) -> Value {
    binding(plan, number, "mutating bindings", &mutating_policy_name(number))
}

fn binding(plan: &Plan, number: usize, topic: &str, policy: &str) -> Value {
    let dice = &mut Dice::new(plan.seed, topic, number);
    let name = format!("{policy}-everywhere");
    let created = plan.now - dice.within(30..200) * DAY;
    let mut metadata = metadata(dice, "", &name, created);
    metadata["generation"] = json!(1);
    let labels = json!({"pod-security.kubernetes.io/enforce": "baseline"});
    let mut binding = json!({
        "metadata": metadata,
        "spec": {"policyName": policy, "matchResources": {"namespaceSelector": {"matchLabels": labels}}},
    });
    if number % 4 == 3 {
        binding["spec"]["paramRef"] = json!({"name": "defaults", "parameterNotFoundAction": "Deny"});
    }
    binding
}

fn validating_policy_name(number: usize) -> String {
    blobs::name(
        &[VALIDATING_POLICIES[number % VALIDATING_POLICIES.len()].0],
        number / VALIDATING_POLICIES.len(),
    )
}

fn mutating_policy_name(number: usize) -> String {
    blobs::name(&[MUTATING_POLICIES[number % MUTATING_POLICIES.len()].0], number / MUTATING_POLICIES.len())
}
