//! `kstate rbac`: the least permissions that a choice of kinds and namespaces needs.

use super::{Failure, relations};
use crate::{catalog::Kind, config::Permissions, kubelets::Access};
use anyhow::Context as _;
use k8s_openapi::{
    api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Prints roles and their bindings as YAML documents.
pub(super) fn run(permissions: &Permissions) -> Result<(), Failure> {
    super::print_text(&documents(permissions)?)
}

fn documents(permissions: &Permissions) -> Result<String, Failure> {
    let Permissions { selection, .. } = permissions;
    let namespaces = &selection.scope.namespaces;
    let unlimited = |kind: &&Kind| namespaces.is_empty() || !kind.names.namespaced;
    let kinds = relations::kinds(&selection.needs());
    let missing = kinds.into_iter().filter(|kind| !selection.kinds.contains(kind));
    let mut kinds: Vec<Kind> = selection.kinds.iter().copied().chain(missing).collect();
    kinds.sort_by_key(|kind| kind.names.plural);
    let (global, local): (Vec<&Kind>, Vec<&Kind>) = kinds.iter().partition(unlimited);

    let mut documents = Vec::new();
    let own = name(permissions);
    let mut everywhere = rules(&global);
    if let Some(usage) = &permissions.usage {
        if !global.iter().any(|kind| kind.names.plural == "nodes") {
            everywhere.push(rule("", ["nodes"], &["list", "watch"]));
        }
        let path = match usage.access {
            Access::Proxy => "nodes/proxy",
            Access::Direct(_) => "nodes/metrics",
        };
        everywhere.push(rule("", [path], &["get"]));
    }
    if permissions.reviews || permissions.metrics_api {
        everywhere.push(rule("authentication.k8s.io", ["tokenreviews"], &["create"]));
        everywhere.push(rule("authorization.k8s.io", ["subjectaccessreviews"], &["create"]));
    }
    if !everywhere.is_empty() {
        documents.extend(grant(permissions, &own, None, everywhere)?);
    }
    if !local.is_empty() {
        for namespace in namespaces {
            documents.extend(grant(permissions, &own, Some(namespace), rules(&local))?);
        }
    }
    if let Some(replica) = &permissions.replica {
        // A role for the objects of the same namespace may be there as well.
        let name = format!("{own}:sharding");
        let rules =
            vec![rule("", ["pods"], &["get"]), rule("apps", ["statefulsets"], &["get", "list", "watch"])];
        documents.extend(grant(permissions, &name, Some(&replica.namespace), rules)?);
    }
    if permissions.metrics_api {
        let name = format!("{own}:authentication");
        let mut rule = rule("", ["configmaps"], &["get", "list", "watch"]);
        rule.resource_names = Some(vec!["extension-apiserver-authentication".to_owned()]);
        documents.extend(grant(permissions, &name, Some(&"kube-system".to_owned()), vec![rule])?);
    }
    Ok(documents.join("---\n"))
}

/// A role with these rules, of a namespace or of the whole cluster, and the binding that gives it to
/// the account.
fn grant(
    permissions: &Permissions,
    name: &str,
    namespace: Option<&String>,
    rules: Vec<PolicyRule>,
) -> Result<[String; 2], Failure> {
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        namespace: namespace.cloned(),
        labels: Some([("app.kubernetes.io/name".to_owned(), "kstate".to_owned())].into()),
        ..ObjectMeta::default()
    };
    let role_ref = RoleRef {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: if namespace.is_some() { "Role" } else { "ClusterRole" }.to_owned(),
        name: name.to_owned(),
    };
    let subjects = Some(vec![Subject {
        kind: "ServiceAccount".to_owned(),
        name: permissions.account.clone(),
        namespace: Some(permissions.namespace.clone()),
        ..Subject::default()
    }]);
    let (role, rules) = (metadata.clone(), Some(rules));
    Ok(if namespace.is_some() {
        [yaml(&Role { metadata: role, rules })?, yaml(&RoleBinding { metadata, role_ref, subjects })?]
    } else {
        [
            yaml(&ClusterRole { metadata: role, rules, ..ClusterRole::default() })?,
            yaml(&ClusterRoleBinding { metadata, role_ref, subjects })?,
        ]
    })
}

fn yaml(object: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_saphyr::to_string(object).context("writing YAML")?)
}

/// A rule for each API group, in their order.
fn rules(kinds: &[&Kind]) -> Vec<PolicyRule> {
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for kind in kinds {
        groups.entry(kind.names.group).or_default().push(kind.names.plural.to_owned());
    }
    groups.into_iter().map(|(group, resources)| rule(group, resources, &["list", "watch"])).collect()
}

fn rule(group: &str, resources: impl IntoIterator<Item = impl Into<String>>, verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources.into_iter().map(Into::into).collect()),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        ..PolicyRule::default()
    }
}

/// The name of all objects. It holds both parts of the account's, so that exporters of different
/// accounts don't take each other's permissions away.
fn name(permissions: &Permissions) -> String {
    format!("{}:{}", permissions.namespace, permissions.account)
}

#[cfg(test)]
mod tests;
