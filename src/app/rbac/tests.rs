//! What is printed for which flags.

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
    documents(&permissions(*args).unwrap()).unwrap()
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
fn kubelets_are_asked_by_way_of_their_nodes() {
    let rules = |flags: &str| {
        let documents = read(flags);
        let role = documents.split("rules:\n").nth(1).unwrap().split("---").next().unwrap().to_owned();
        let words = role.lines().map(str::trim).filter(|line| !line.ends_with(':'));
        words.map(|line| line.trim_start_matches("- ")).collect::<Vec<_>>().join(" ")
    };
    for (flags, expected) in [
        ("--resources=nodes --usage=false", "\"\" nodes list watch"),
        ("--resources=nodes --usage", "\"\" nodes list watch \"\" nodes/metrics get"),
        ("--resources=nodes --usage --kubelet-access=proxy", "\"\" nodes list watch \"\" nodes/proxy get"),
        ("--resources=pods --namespaces=a --usage", "\"\" nodes list watch \"\" nodes/metrics get"),
    ] {
        assert_eq!(rules(flags), expected, "{flags}");
    }
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
fn the_resource_metrics_api_asks_kubelets_and_who_vouches_for_users() {
    let documents = read("--resources=pods,nodes --resource-metrics-api");
    let kinds: Vec<&str> = documents.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    assert_eq!(kinds.join(" "), "ClusterRole ClusterRoleBinding Role RoleBinding");
    for rule in ["- nodes/metrics\n  verbs:\n  - get\n", "- tokenreviews\n", "- subjectaccessreviews\n"] {
        assert!(documents.contains(rule), "{rule}: {documents}");
    }
    let role = documents.split("---\n").nth(2).unwrap();
    let expected = [
        "  name: kube-system:kstate:authentication\n  namespace: kube-system\n",
        "  resourceNames:\n  - extension-apiserver-authentication\n  resources:\n  - configmaps\n",
    ];
    assert!(expected.iter().all(|part| role.contains(part)), "{role}");
    assert!(!read("--resources=pods,nodes --usage").contains("configmaps"));
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
