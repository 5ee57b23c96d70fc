//! Webhooks and policies that have a say in other objects. The API server of these tests doesn't ask
//! them.

use super::{
    dice::{Dice, strict_conditions, thin, with},
    metadata::{labels, metadata, name},
};
use serde_json::{Value, json};

const VERSION: &str = "admissionregistration.k8s.io/v1";

pub(super) fn mutating_webhooks(index: usize, dice: &mut Dice) -> Value {
    let mut object = webhooks("MutatingWebhookConfiguration", index, dice);
    for webhook in object["webhooks"].as_array_mut().into_iter().flatten() {
        if dice.coin() {
            webhook["reinvocationPolicy"] = json!(dice.pick(&["Never", "IfNeeded"]));
        }
    }
    object
}

pub(super) fn validating_webhooks(index: usize, dice: &mut Dice) -> Value {
    webhooks("ValidatingWebhookConfiguration", index, dice)
}

fn webhooks(kind: &str, index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let object = json!({ "apiVersion": VERSION, "kind": kind, "metadata": metadata(&name, dice) });
    let webhooks = dice.list(0, |dice, index| webhook(index, dice));
    with(thin(json!({ "webhooks": webhooks }), dice), object)
}

fn webhook(index: usize, dice: &mut Dice) -> Value {
    let optional = json!({
        "rules": [{ "apiGroups": ["none.example.com"], "apiVersions": ["*"], "operations": ["CREATE", "DELETE"], "resources": ["odds", "odds/*"] }],
        "failurePolicy": dice.pick(&["Ignore", "Fail"]),
        "matchPolicy": dice.pick(&["Exact", "Equivalent"]),
        "namespaceSelector": { "matchLabels": labels(dice) },
        "objectSelector": {},
        "timeoutSeconds": dice.pick(&[1, 30]),
        "matchConditions": [{ "name": "odd", "expression": "object.metadata.name != 'a \"b\" \\\\'" }],
    });
    let path = json!({ "path": "/a/b", "port": dice.pick(&[1, 443]) });
    let service = with(thin(path, dice), json!({ "name": dice.word(), "namespace": dice.word() }));
    let client = match dice.below(3) {
        0 => json!({ "url": format!("https://{}.example.com:8443/a", dice.word()) }),
        _ => json!({ "service": service }),
    };
    let required = json!({
        "name": format!("w{index}.{}.example.com", dice.word()),
        "clientConfig": client,
        "sideEffects": dice.pick(&["None", "NoneOnDryRun"]),
        "admissionReviewVersions": ["v1", "v1beta1"],
    });
    with(thin(optional, dice), required)
}

fn constraints(dice: &mut Dice) -> Value {
    let rule = json!({
        "apiGroups": ["none.example.com"],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["odds"],
    });
    let optional = json!({
        "excludeResourceRules": [with(rule.clone(), json!({ "resourceNames": ["a"] }))],
        "matchPolicy": dice.pick(&["Exact", "Equivalent"]),
        "namespaceSelector": { "matchLabels": labels(dice) },
        "objectSelector": { "matchExpressions": [{ "key": "a", "operator": "DoesNotExist" }] },
    });
    with(thin(optional, dice), json!({ "resourceRules": [rule] }))
}

fn policy_parts(dice: &mut Dice) -> Value {
    let kinds = [("v1", "ConfigMap"), ("example.com/v1beta1", "Odd"), ("rules.example.com/v1", "Limit")];
    let (version, kind) = dice.pick(&kinds);
    let optional = json!({
        "paramKind": { "apiVersion": version, "kind": kind },
        "failurePolicy": dice.pick(&["Ignore", "Fail"]),
        "matchConditions": [{ "name": "odd", "expression": "request.operation == 'CREATE'" }],
        "variables": [{ "name": "x", "expression": "'\\u00fc' + \"q\"" }],
    });
    with(thin(optional, dice), json!({ "matchConstraints": constraints(dice) }))
}

pub(super) fn validating_policy(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let checks = dice.list(1, |dice, _| {
        let optional = json!({ "message": "it is odd \"x\"", "reason": "Forbidden" });
        let expression = dice.pick(&["true", "1 + 1 == 2", "object.metadata.name.startsWith('a')"]);
        with(thin(optional, dice), json!({ "expression": expression }))
    });
    let audits = json!({ "auditAnnotations": [{ "key": "odd", "valueExpression": "'a'" }] });
    let spec = with(thin(audits, dice), json!({ "validations": checks }));
    let mut object = json!({
        "apiVersion": VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": metadata(&name, dice),
        "spec": with(policy_parts(dice), spec),
    });
    if dice.percent(60) {
        let warnings = json!([{ "fieldRef": "spec.validations[0].expression", "warning": "odd" }]);
        let status = json!({
            "observedGeneration": dice.number(),
            "typeChecking": { "expressionWarnings": warnings },
            "conditions": strict_conditions(&["Odd"], dice),
        });
        object["status"] = thin(status, dice);
    }
    object
}

pub(super) fn mutating_policy(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let mutations = dice.list(1, |dice, _| {
        if dice.coin() {
            json!({ "patchType": "ApplyConfiguration", "applyConfiguration": { "expression": "Object{}" } })
        } else {
            let expression = "[JSONPatch{op: 'remove', path: '/metadata/labels/a'}]";
            json!({ "patchType": "JSONPatch", "jsonPatch": { "expression": expression } })
        }
    });
    let spec = json!({ "mutations": mutations, "reinvocationPolicy": dice.pick(&["Never", "IfNeeded"]) });
    json!({
        "apiVersion": VERSION,
        "kind": "MutatingAdmissionPolicy",
        "metadata": metadata(&name, dice),
        "spec": with(policy_parts(dice), spec),
    })
}

pub(super) fn validating_binding(index: usize, dice: &mut Dice) -> Value {
    let actions = [vec!["Deny"], vec!["Warn"], vec!["Audit"], vec!["Deny", "Audit"], vec!["Warn", "Audit"]];
    let actions = json!({ "validationActions": dice.pick(&actions) });
    binding("ValidatingAdmissionPolicyBinding", actions, index, dice)
}

pub(super) fn mutating_binding(index: usize, dice: &mut Dice) -> Value {
    binding("MutatingAdmissionPolicyBinding", json!({}), index, dice)
}

fn binding(kind: &str, more: Value, index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let target = if dice.coin() {
        json!({ "name": dice.host() })
    } else {
        json!({ "selector": { "matchLabels": labels(dice) } })
    };
    let action = json!({ "parameterNotFoundAction": dice.pick(&["Allow", "Deny"]) });
    let reference = with(with(thin(json!({ "namespace": dice.word() }), dice), target), action);
    let optional = json!({ "paramRef": reference, "matchResources": constraints(dice) });
    let spec = with(with(thin(optional, dice), json!({ "policyName": dice.host() })), more);
    json!({ "apiVersion": VERSION, "kind": kind, "metadata": metadata(&name, dice), "spec": spec })
}
