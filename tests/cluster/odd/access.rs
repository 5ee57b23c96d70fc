//! Roles and their bindings.

use super::{
    dice::{Dice, thin, with},
    metadata::{free_name, labels, metadata, namespaced},
};
use serde_json::{Value, json};

const VERSION: &str = "rbac.authorization.k8s.io/v1";

pub(super) fn role(index: usize, dice: &mut Dice) -> Value {
    let name = free_name(index, dice);
    let object = json!({ "apiVersion": VERSION, "kind": "Role", "metadata": namespaced(&name, dice) });
    let rules = rules(dice);
    with(thin(json!({ "rules": rules }), dice), object)
}

pub(super) fn cluster_role(index: usize, dice: &mut Dice) -> Value {
    let name = free_name(index, dice);
    let mut rules = rules(dice);
    if dice.coin() {
        rules.push(json!({ "nonResourceURLs": ["/metrics", "/a/*"], "verbs": ["get"] }));
    }
    let selectors = json!([{ "matchLabels": labels(dice) }]);
    let optional = json!({ "rules": rules, "aggregationRule": { "clusterRoleSelectors": selectors } });
    let object = json!({ "apiVersion": VERSION, "kind": "ClusterRole", "metadata": metadata(&name, dice) });
    with(thin(optional, dice), object)
}

fn rules(dice: &mut Dice) -> Vec<Value> {
    dice.list(0, |dice, _| {
        let optional = json!({ "resourceNames": [dice.text()] });
        let required =
            json!({ "apiGroups": ["", dice.text()], "resources": ["*", dice.text()], "verbs": ["odd", "*"] });
        with(thin(optional, dice), required)
    })
}

pub(super) fn role_binding(index: usize, dice: &mut Dice) -> Value {
    let name = free_name(index, dice);
    let kind = dice.pick(&["Role", "ClusterRole"]);
    binding("RoleBinding", kind, &namespaced(&name, dice), dice)
}

pub(super) fn cluster_role_binding(index: usize, dice: &mut Dice) -> Value {
    let name = free_name(index, dice);
    binding("ClusterRoleBinding", "ClusterRole", &metadata(&name, dice), dice)
}

fn binding(binding: &str, role: &str, metadata: &Value, dice: &mut Dice) -> Value {
    let subjects = dice.list(0, |dice, _| match dice.below(3) {
        0 => json!({ "kind": "ServiceAccount", "name": dice.host(), "namespace": "default" }),
        1 => json!({ "kind": "User", "name": dice.some_text() }),
        _ => json!({ "kind": "Group", "name": "system:odd", "apiGroup": "rbac.authorization.k8s.io" }),
    });
    let target = dice.below(1000);
    let target = free_name(target, dice);
    let object = json!({
        "apiVersion": VERSION,
        "kind": binding,
        "metadata": metadata,
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": target },
    });
    with(thin(json!({ "subjects": subjects }), dice), object)
}
