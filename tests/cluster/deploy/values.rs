//! What values of the chart do, and which it refuses.

use super::chart::{helm, rendered};
use serde::Deserialize;
use serde_json::{Value, json};

/// A line of `values.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Effect {
    values: Value,
    /// The kind of an object of the release, of which there is one.
    object: String,
    /// A JSON pointer.
    place: String,
    is: Value,
}

#[test]
fn the_linter_has_nothing_to_say() {
    for values in [json!({}), json!({ "autosharding": { "enabled": true } })] {
        let output = helm("lint", "ksm", &values, &["--strict"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !text.contains("[WARNING]"), "{text}");
    }
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for (values, reason) in [
        (json!({ "replica": 2 }), "additional properties 'replica' not allowed"),
        (json!({ "image": { "name": "a" } }), "additional properties 'name' not allowed"),
        (json!({ "image": { "pullPolicy": "Sometimes" } }), "at '/image/pullPolicy'"),
        (json!({ "service": { "port": "http" } }), "at '/service/port': got string, want integer"),
        (json!({ "service": { "port": 0 } }), "at '/service/port'"),
        (json!({ "collectors": ["pod"] }), "there is no kind \"pod\""),
        (json!({ "collectorsExtra": ["roles", "roles"] }), "at '/collectorsExtra'"),
        (json!({ "metricLabelsAllowlist": ["pods"] }), "at '/metricLabelsAllowlist/0'"),
        (json!({ "prometheus": { "monitor": { "http": { "interval": "soon" } } } }), "/http/interval'"),
        (json!({ "podDisruptionBudget": { "enabled": true } }), "at '/podDisruptionBudget'"),
        (json!({ "updateStrategy": "OnDelete" }), "at '/updateStrategy'"),
        (json!({ "metricAllowlist": ["a"], "metricDenylist": ["b"] }), "exclude each other"),
        (json!({ "collectors": ["pods"], "collectorsExclude": ["pods"] }), "leaves no collector"),
        (json!({ "collectors": [], "collectorsExclude": ["pods"] }), "leaves no collector"),
        (json!({ "rbac": { "useClusterRole": false } }), "name the namespaces to read"),
        (
            json!({ "resourceMetricsApi": { "enabled": true }, "autosharding": { "enabled": true } }),
            "resourceMetricsApi and autosharding exclude each other",
        ),
        (
            json!({ "resourceMetricsApi": { "enabled": true }, "rbac": { "useClusterRole": false }, "namespaces": "a" }),
            "resourceMetricsApi needs rbac.useClusterRole",
        ),
        (
            json!({ "resourceMetricsApi": { "enabled": true, "versions": ["v2"] } }),
            "at '/resourceMetricsApi/versions/0'",
        ),
        (
            json!({ "configFile": { "enabled": true, "config": { "secure_port": 1 } } }),
            "say it with resourceMetricsApi.port",
        ),
        (json!({ "configFile": { "enabled": true, "config": { "port": 1 } } }), "say it with service.port"),
        (json!({ "configFile": { "enabled": true, "config": { "resources": {} } } }), "with collectors"),
    ] {
        let output = helm("template", "ksm", &values, &[]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && errors.contains(reason), "{values}: {errors}");
    }
}

#[test]
fn values_do_what_they_say() {
    let table = include_str!("values.yaml").replace("VERSION", env!("CARGO_PKG_VERSION"));
    let table: Vec<Effect> = serde_saphyr::from_str(&table).unwrap();
    assert!(table.len() > 40);
    for Effect { values, object: kind, place, is } in table {
        let manifests = rendered("ksm", &values);
        let object = manifests.one(&kind);
        let there = object.pointer(&place).unwrap_or(&Value::Null);
        assert_eq!(there, &is, "{values}: {place} of {object}");
    }
}

/// What is optional is not there by default, and roles can be left to others.
#[test]
fn objects_are_those_that_were_asked_for() {
    let kinds = |values: Value| {
        let manifests = rendered("ksm", &values);
        let mut kinds: Vec<String> =
            manifests.objects.iter().map(|object| object["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(
        kinds(json!({})),
        ["ClusterRole", "ClusterRoleBinding", "Deployment", "Service", "ServiceAccount"]
    );
    assert_eq!(
        kinds(json!({ "rbac": { "create": false }, "serviceAccount": { "create": false } })),
        ["Deployment", "Service"]
    );
    assert_eq!(
        kinds(json!({ "resourceMetricsApi": { "enabled": true } })),
        [
            "APIService",
            "APIService",
            "ClusterRole",
            "ClusterRole",
            "ClusterRoleBinding",
            "Deployment",
            "RoleBinding",
            "Service",
            "Service",
            "ServiceAccount"
        ]
    );
    assert_eq!(
        kinds(json!({ "rbac": { "useClusterRole": false }, "namespaces": "a,b", "releaseNamespace": true })),
        [
            "Deployment",
            "Role",
            "Role",
            "Role",
            "RoleBinding",
            "RoleBinding",
            "RoleBinding",
            "Service",
            "ServiceAccount"
        ]
    );
}

#[test]
fn notes_name_what_somebody_has_to_do() {
    for (values, note) in [
        (json!({}), "port-forward deployment/ksm-kube-state-metrics 8080"),
        (json!({ "replicas": 2 }), "Each of the 2 replicas exports everything."),
        (json!({ "kubeRBACProxy": { "enabled": true } }), "kstate needs no kube-rbac-proxy"),
        (json!({ "customResourceState": { "enabled": true } }), "custom resources are not exported yet"),
        (json!({ "verticalPodAutoscaler": { "enabled": true } }), "There is no VerticalPodAutoscaler"),
        (
            json!({
                "authFilter": { "enabled": true }, "rbac": { "useClusterRole": false }, "namespaces": "a",
            }),
            "--clusterrole system:auth-delegator",
        ),
        (
            json!({ "prometheus": { "monitor": { "enabled": true }, "scrapeconfig": { "enabled": true } } }),
            "reads everything twice",
        ),
    ] {
        let output = helm("install", "ksm", &values, &["--dry-run=client"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(note), "{values}: {text}");
    }
}
