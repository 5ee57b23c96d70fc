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
    if permissions.reviews {
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
mod tests {
    use super::*;
    use crate::{
        app::configuration::permissions,
        cli::{Cli, Command},
    };
    use expect_test::{Expect, expect};

    fn check(flags: &str, expected: &Expect) {
        expected.assert_eq(&read(flags));
    }

    fn read(flags: &str) -> String {
        let line = ["kstate", "rbac"].into_iter().chain(flags.split_whitespace());
        let Some(Command::Rbac(args)) = Cli::read(line.map(Into::into)).unwrap().command else { panic!() };
        documents(&permissions(args).unwrap()).unwrap()
    }

    #[test]
    fn what_others_say_is_read_as_well() {
        let rules = |flags: &str| {
            let text = read(&format!("--resources=pods {flags}"));
            let resources = text.lines().filter(|line| line.starts_with("  - ") && !line.ends_with('"'));
            let resources = resources.filter(|line| !line.ends_with("list") && !line.ends_with("watch"));
            resources.map(|line| line.trim_start_matches("  - ").to_owned()).collect::<Vec<_>>().join(" ")
        };
        for (flags, expected) in [
            ("", "pods"),
            ("--inject-labels=pods=[app]", "pods"),
            ("--inject-labels=pods=[namespace:team]", "namespaces pods"),
            ("--inject-labels=pods=[node:zone],nodes=[zone]", "nodes pods"),
            (
                "--metric-opt-in-list=^kube_pod_workload$",
                "pods replicationcontrollers apps daemonsets deployments replicasets statefulsets batch cronjobs jobs",
            ),
        ] {
            assert_eq!(rules(flags), expected, "{flags}");
        }
    }

    #[test]
    fn a_whole_cluster_takes_one_role() {
        check(
            "--resources=pods,nodes,deployments,namespaces",
            &expect![[r#"
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              labels:
                app.kubernetes.io/name: kstate
              name: kube-system:kstate
            rules:
            - apiGroups:
              - ""
              resources:
              - namespaces
              - nodes
              - pods
              verbs:
              - list
              - watch
            - apiGroups:
              - apps
              resources:
              - deployments
              verbs:
              - list
              - watch
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata:
              labels:
                app.kubernetes.io/name: kstate
              name: kube-system:kstate
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: ClusterRole
              name: kube-system:kstate
            subjects:
            - kind: ServiceAccount
              name: kstate
              namespace: kube-system
        "#]],
        );
    }

    #[test]
    fn namespaces_have_roles_of_their_own() {
        check(
            "--resources=pods,nodes --namespaces=b,a --service-account=monitoring/state.b",
            &expect![[r#"
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                rules:
                - apiGroups:
                  - ""
                  resources:
                  - nodes
                  verbs:
                  - list
                  - watch
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: ClusterRole
                  name: monitoring:state.b
                subjects:
                - kind: ServiceAccount
                  name: state.b
                  namespace: monitoring
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                  namespace: a
                rules:
                - apiGroups:
                  - ""
                  resources:
                  - pods
                  verbs:
                  - list
                  - watch
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                  namespace: a
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: Role
                  name: monitoring:state.b
                subjects:
                - kind: ServiceAccount
                  name: state.b
                  namespace: monitoring
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                  namespace: b
                rules:
                - apiGroups:
                  - ""
                  resources:
                  - pods
                  verbs:
                  - list
                  - watch
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata:
                  labels:
                    app.kubernetes.io/name: kstate
                  name: monitoring:state.b
                  namespace: b
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: Role
                  name: monitoring:state.b
                subjects:
                - kind: ServiceAccount
                  name: state.b
                  namespace: monitoring
            "#]],
        );
    }

    #[test]
    fn a_replica_may_read_itself() {
        let sharding = |flags: &str| {
            let documents = read(flags);
            let roles = documents.split("---\n").filter(|role| role.contains("kube-system:kstate:sharding"));
            roles.map(str::to_owned).collect::<Vec<_>>()
        };
        let roles = sharding("--resources=pods --namespaces=a --pod=kstate-0 --pod-namespace=a");
        assert_eq!(roles.len(), 2, "a role and its binding");
        assert!(roles.iter().all(|role| role.contains("  namespace: a\n")), "{roles:?}");
        assert!(roles[0].contains("- statefulsets\n  verbs:\n  - get\n  - list\n  - watch\n"), "{roles:?}");
        assert!(roles[0].contains("- pods\n  verbs:\n  - get\n- apiGroups"), "{roles:?}");
        assert!(sharding("--resources=pods --pod=kstate-0").is_empty());
    }

    #[test]
    fn an_auth_filter_may_ask_for_reviews_of_the_whole_cluster() {
        let reviews = "- apiGroups:
  - authentication.k8s.io
  resources:
  - tokenreviews
  verbs:
  - create
- apiGroups:
  - authorization.k8s.io
  resources:
  - subjectaccessreviews
  verbs:
  - create
";
        for (flags, kinds) in [
            ("", "ClusterRole ClusterRoleBinding"),
            ("--namespaces=a", "ClusterRole ClusterRoleBinding Role RoleBinding"),
        ] {
            let documents = read(&format!("--resources=pods {flags} --auth-filter"));
            let found: Vec<&str> = documents.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
            assert_eq!(found.join(" "), kinds);
            let role = documents.split("---\n").next().unwrap();
            assert!(role.ends_with(reviews), "{role}");
            assert_eq!(role.contains("- pods"), flags.is_empty(), "{role}");
            assert_eq!(documents.matches("reviews").count(), 2, "{documents}");
        }
        assert!(!read("--resources=pods --auth-filter=false").contains("reviews"));
    }

    #[test]
    fn nothing_is_asked_of_the_cluster_that_is_not_needed() {
        check(
            "--resources=pods --namespaces=a",
            &expect![[r#"
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              labels:
                app.kubernetes.io/name: kstate
              name: kube-system:kstate
              namespace: a
            rules:
            - apiGroups:
              - ""
              resources:
              - pods
              verbs:
              - list
              - watch
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata:
              labels:
                app.kubernetes.io/name: kstate
              name: kube-system:kstate
              namespace: a
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: Role
              name: kube-system:kstate
            subjects:
            - kind: ServiceAccount
              name: kstate
              namespace: kube-system
        "#]],
        );
    }
}
