//! What values of the chart do, and which it refuses.

use super::chart::{helm, rendered};
use serde_json::{Value, json};

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
        (json!({ "collectors": ["pod"] }), "at '/collectors/0'"),
        (json!({ "collectorsExtra": ["roles", "roles"] }), "at '/collectorsExtra'"),
        (json!({ "metricLabelsAllowlist": ["pods"] }), "at '/metricLabelsAllowlist/0'"),
        (json!({ "prometheus": { "monitor": { "http": { "interval": "soon" } } } }), "http/interval'"),
        (json!({ "podDisruptionBudget": { "enabled": true } }), "at '/podDisruptionBudget'"),
        (json!({ "updateStrategy": "OnDelete" }), "at '/updateStrategy'"),
        (json!({ "metricAllowlist": ["a"], "metricDenylist": ["b"] }), "exclude each other"),
        (json!({ "collectors": ["pods"], "collectorsExclude": ["pods"] }), "leaves no collector"),
        (json!({ "rbac": { "useClusterRole": false } }), "name the namespaces to read"),
        (json!({ "configFile": { "enabled": true, "config": { "port": 1 } } }), "say it with service.port"),
        (json!({ "configFile": { "enabled": true, "config": { "resources": {} } } }), "with collectors"),
    ] {
        let output = helm("template", "ksm", &values, &[]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && errors.contains(reason), "{values}: {errors}");
    }
}

/// A value, an object of the release and what then stands where in it.
#[test]
fn values_do_what_they_say() {
    const CONTAINER: &str = "/spec/template/spec/containers/0";
    let container = |path: &str| format!("{CONTAINER}{path}");
    let pod = |path: &str| format!("/spec/template/spec{path}");
    for (values, kind, pointer, expected) in [
        (json!({}), "Deployment", "/metadata/name".into(), json!("ksm-kube-state-metrics")),
        (json!({}), "Deployment", container("/image"), json!(concat!("kstate:v", env!("CARGO_PKG_VERSION")))),
        (json!({}), "Deployment", container("/name"), json!("kube-state-metrics")),
        (json!({}), "Deployment", "/spec/strategy/type".into(), json!("RollingUpdate")),
        (
            json!({}),
            "Service",
            "/metadata/labels/app.kubernetes.io~1name".into(),
            json!("kube-state-metrics"),
        ),
        (json!({}), "Service", "/metadata/annotations/prometheus.io~1scrape".into(), json!("true")),
        (json!({}), "Service", "/spec/ports/1".into(), Value::Null),
        (json!({ "prometheusScrape": false }), "Service", "/metadata/annotations".into(), Value::Null),
        (json!({ "fullnameOverride": "x" }), "Service", "/metadata/name".into(), json!("x")),
        (json!({ "nameOverride": "x" }), "Service", "/metadata/name".into(), json!("ksm-x")),
        (json!({ "namespaceOverride": "x" }), "Service", "/metadata/namespace".into(), json!("x")),
        (
            json!({ "image": { "registry": "a", "repository": "b", "tag": "c", "sha": "d" } }),
            "Deployment",
            container("/image"),
            json!("a/b:c@sha256:d"),
        ),
        (
            json!({ "image": { "registry": "a" }, "global": { "imageRegistry": "e" } }),
            "Deployment",
            container("/image"),
            json!(concat!("e/kstate:v", env!("CARGO_PKG_VERSION"))),
        ),
        (
            json!({ "imagePullSecrets": [{ "name": "a" }], "global": { "imagePullSecrets": ["b"] } }),
            "Deployment",
            pod("/imagePullSecrets"),
            json!([{ "name": "b" }, { "name": "a" }]),
        ),
        (json!({ "autosharding": { "enabled": true } }), "Service", "/spec/clusterIP".into(), json!("None")),
        (
            json!({ "autosharding": { "enabled": true } }),
            "StatefulSet",
            "/spec/serviceName".into(),
            json!("ksm-kube-state-metrics"),
        ),
        (json!({ "autosharding": { "enabled": true } }), "Role", "/rules/1/resourceNames/0".into(), {
            json!("ksm-kube-state-metrics")
        }),
        (
            json!({ "selectorOverride": { "a": "b" } }),
            "Service",
            "/spec/selector".into(),
            json!({ "a": "b" }),
        ),
        (json!({ "releaseLabel": true }), "Service", "/metadata/labels/release".into(), json!("ksm")),
        (
            json!({ "customLabels": { "a": "{{ .Release.Name }}" } }),
            "Service",
            "/metadata/labels/a".into(),
            { json!("ksm") },
        ),
        // What is said twice stands there once, and what selects pods stays.
        (
            json!({ "customLabels": { "app.kubernetes.io/instance": "x", "app.kubernetes.io/part-of": "y" } }),
            "Deployment",
            "/spec/template/metadata/labels".into(),
            json!({
                "app.kubernetes.io/component": "metrics",
                "app.kubernetes.io/instance": "ksm",
                "app.kubernetes.io/managed-by": "Helm",
                "app.kubernetes.io/name": "kube-state-metrics",
                "app.kubernetes.io/part-of": "y",
                "app.kubernetes.io/version": env!("CARGO_PKG_VERSION"),
                "helm.sh/chart": concat!("kstate-", env!("CARGO_PKG_VERSION")),
            }),
        ),
        (json!({ "podLabels": { "a": "b" } }), "Deployment", "/spec/template/metadata/labels/a".into(), {
            json!("b")
        }),
        (json!({ "hostNetwork": true }), "Deployment", container("/livenessProbe/httpGet/host"), {
            json!("127.0.0.1")
        }),
        (json!({ "hostUsers": false }), "Deployment", pod("/hostUsers"), json!(false)),
        (
            json!({ "securityContext": { "enabled": false } }),
            "Deployment",
            pod("/securityContext"),
            Value::Null,
        ),
        (json!({ "priorityClassName": "high" }), "Deployment", pod("/priorityClassName"), json!("high")),
        (
            json!({ "updateStrategy": "Recreate" }),
            "Deployment",
            "/spec/strategy/type".into(),
            json!("Recreate"),
        ),
        (json!({ "resources": null }), "Deployment", container("/resources"), Value::Null),
        (
            json!({ "rbac": { "useExistingRole": "x" } }),
            "ClusterRoleBinding",
            "/roleRef/name".into(),
            json!("x"),
        ),
        (
            json!({ "rbac": { "clusterRoleSelectors": [{ "matchLabels": { "a": "b" } }] } }),
            "ClusterRole",
            "/rules".into(),
            Value::Null,
        ),
        (
            json!({ "serviceAccount": { "create": false, "name": "x" } }),
            "Deployment",
            pod("/serviceAccountName"),
            json!("x"),
        ),
        (
            json!({ "prometheus": { "monitor": { "enabled": true, "interval": "5s" } } }),
            "ServiceMonitor",
            "/spec/endpoints".into(),
            json!([{ "port": "http", "interval": "5s" }]),
        ),
        (
            json!({ "prometheus": { "monitor": { "enabled": true } } }),
            "ServiceMonitor",
            "/spec/jobLabel".into(),
            json!("app.kubernetes.io/name"),
        ),
        (
            json!({ "prometheus": { "scrapeconfig": { "enabled": true } } }),
            "ScrapeConfig",
            "/spec/staticConfigs/0/targets/0".into(),
            json!("ksm-kube-state-metrics.monitoring.svc:8080"),
        ),
        (
            json!({ "prometheus": { "scrapeconfig": { "enabled": true } }, "autosharding": { "enabled": true } }),
            "ScrapeConfig",
            "/spec/dnsSDConfigs/0/names/0".into(),
            json!("ksm-kube-state-metrics.monitoring.svc"),
        ),
        (
            json!({ "customResourceState": { "enabled": true, "create": false, "name": "x" } }),
            "Deployment",
            pod("/volumes/0/configMap/name"),
            json!("x"),
        ),
        (
            json!({ "networkPolicy": { "enabled": true, "egress": [{}] } }),
            "NetworkPolicy",
            "/spec/egress".into(),
            json!([{}]),
        ),
    ] {
        let manifests = rendered("ksm", &values);
        let object = manifests.one(kind);
        assert_eq!(
            object.pointer(&pointer).unwrap_or(&Value::Null),
            &expected,
            "{values}: {pointer} of {object}"
        );
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
