//! The variants of `deploy/kustomize`.

use super::{
    manifests::{Manifests, text},
    running::{NODE, Place},
};
use crate::harness::component;
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

const NAMESPACE: &str = "kube-system";
/// The variants, and the workloads that each has.
const VARIANTS: [(&str, &[&str]); 4] = [
    ("standard", &["Deployment"]),
    ("autosharding", &["StatefulSet"]),
    ("daemonsetsharding", &["Deployment", "Deployment", "DaemonSet"]),
    ("deploymentsharding", &["Deployment", "Deployment", "Deployment"]),
];
const COMPONENTS: [&str; 4] = ["network-policy", "pod-disruption-budget", "scrape-config", "service-monitor"];

/// Every pod and every namespace is exported by exactly one process of a variant.
#[tokio::test(flavor = "multi_thread")]
async fn variants_are_admitted_and_export_every_object_once() {
    let place = Place::start(NAMESPACE).await;
    place.namespace("shop");
    place.cluster.kubectl(&["create", "serviceaccount", "default", "--namespace=shop"]);
    for (name, node) in [("scheduled", json!(NODE)), ("waiting", json!(null))] {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "shop" },
            "spec": { "nodeName": node, "containers": [{ "name": "any", "image": "any" }] },
        });
        place.create(&pod).unwrap();
    }
    for (variant, _) in VARIANTS {
        let manifests = rendered(variant);
        let outcome = place.run(&manifests).await;
        assert!(outcome.unreadable.is_empty(), "{variant} can't read {:?}", outcome.unreadable);
        for (series, count) in [
            ("kube_pod_info{namespace=\"shop\",pod=\"scheduled\"", 1),
            ("kube_pod_info{namespace=\"shop\",pod=\"waiting\"", 1),
            ("kube_namespace_created{namespace=\"shop\"}", 1),
            ("kube_namespace_created{namespace=\"default\"}", 1),
            ("kube_secret_info{namespace=\"shop\"", 0),
        ] {
            let lines = outcome.expositions.iter().flat_map(|exposition| exposition.lines());
            assert_eq!(lines.filter(|line| line.starts_with(series)).count(), count, "{variant}: {series}");
        }
        place.delete(&manifests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn components_are_applied_with_every_variant() {
    let place = Place::start(NAMESPACE).await;
    for (variant, _) in VARIANTS {
        let manifests = overlay(variant, "");
        for kind in ["NetworkPolicy", "PodDisruptionBudget", "ServiceMonitor"] {
            manifests.one(kind);
        }
        assert_eq!(manifests.of_kind("ScrapeConfig").count(), 2);
        place.apply(&manifests);
        place.delete(&manifests);
    }
}

#[test]
fn services_and_policies_choose_the_pods_of_all_workloads() {
    for (variant, workloads) in VARIANTS {
        let manifests = overlay(variant, "");
        let kinds: Vec<&str> = manifests.workloads().map(|workload| text(&workload["kind"])).collect();
        assert_eq!(kinds, workloads, "{variant}");
        let service = manifests.one("Service");
        let policy = manifests.one("NetworkPolicy");
        let budget = manifests.one("PodDisruptionBudget");
        for workload in manifests.workloads() {
            let labels = workload["spec"]["template"]["metadata"]["labels"].as_object().unwrap();
            for selector in [
                &service["spec"]["selector"],
                &policy["spec"]["podSelector"]["matchLabels"],
                &budget["spec"]["selector"]["matchLabels"],
                &workload["spec"]["selector"]["matchLabels"],
            ] {
                let selector = selector.as_object().unwrap();
                assert!(selector.iter().all(|(key, value)| labels.get(key) == Some(value)), "{variant}");
            }
            // A budget can't count the pods of a DaemonSet.
            let exceptions = &budget["spec"]["selector"]["matchExpressions"][0]["values"];
            let excepted = exceptions.as_array().unwrap().contains(&labels["app.kubernetes.io/instance"]);
            assert_eq!(excepted, workload["kind"] == "DaemonSet", "{variant}");
        }
        // Alerts and dashboards select by the job of this name, which ServiceMonitors take from here.
        let monitor = manifests.one("ServiceMonitor");
        let label = text(&monitor["spec"]["jobLabel"]);
        assert_eq!(service["metadata"]["labels"][label], "kube-state-metrics", "{variant}");
        let monitored = monitor["spec"]["selector"]["matchLabels"].as_object().unwrap();
        assert!(monitored.iter().all(|(key, value)| service["metadata"]["labels"][key] == *value));
        let ports: Vec<&str> =
            service["spec"]["ports"].as_array().unwrap().iter().map(|port| text(&port["name"])).collect();
        assert_eq!(ports, ["http-metrics", "telemetry"], "{variant}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resource_metrics_api_is_added_to_one_process() {
    let with =
        |lines: &str| overlay("standard", &format!("  - kustomize/components/resource-metrics-api\n{lines}"));
    let manifests = with("namespace: monitoring\n");
    let service = &manifests.named("Service", "kstate-resource-metrics")["spec"];
    let labels = &manifests.one("Deployment")["spec"]["template"]["metadata"]["labels"];
    let selector = service["selector"].as_object().unwrap();
    assert!(selector.iter().all(|(key, value)| labels[key] == *value));
    let groups: Vec<&str> = manifests
        .of_kind("APIService")
        .map(|service| {
            let spec = &service["spec"];
            let reference =
                json!({ "name": "kstate-resource-metrics", "namespace": "monitoring", "port": 443 });
            assert_eq!((&spec["service"], text(&spec["group"])), (&reference, "metrics.k8s.io"));
            assert_eq!(
                text(&service["metadata"]["name"]),
                format!("{}.metrics.k8s.io", text(&spec["version"]))
            );
            text(&spec["version"])
        })
        .collect();
    assert_eq!(groups, ["v1", "v1beta1"]);

    // All that the command prints for it is granted.
    let output =
        Command::new(env!("CARGO_BIN_EXE_kstate")).args(["rbac", "--resource-metrics-api"]).output().unwrap();
    let printed = Manifests::read("kstate rbac", output.stdout);
    let rules = |manifests: &Manifests| -> Vec<Value> {
        let roles = manifests.of_kind("ClusterRole").chain(manifests.of_kind("Role"));
        roles.flat_map(|role| role["rules"].as_array().unwrap().clone()).collect()
    };
    let granted = rules(&manifests);
    for rule in rules(&printed) {
        assert!(granted.contains(&rule), "{rule}");
    }
    assert!(
        manifests
            .of_kind("ClusterRoleBinding")
            .all(|binding| binding["subjects"][0]["namespace"] == "monitoring")
    );

    let place = Place::start(NAMESPACE).await;
    let manifests = with("");
    let outcome = place.run(&manifests).await;
    assert!(outcome.unreadable.is_empty(), "{:?}", outcome.unreadable);
    place.delete(&manifests);
}

#[test]
fn another_namespace_and_image_reach_everything() {
    for (variant, _) in VARIANTS {
        let change =
            "namespace: monitoring\nimages: [{name: kstate, newName: registry.example/state, newTag: x}]\n";
        let manifests = overlay(variant, change);
        for object in &manifests.objects {
            let namespace = object["metadata"].get("namespace");
            let global = text(&object["kind"]).starts_with("ClusterRole");
            assert_eq!(namespace, (!global).then_some(&json!("monitoring")), "{variant}: {object}");
        }
        for kind in ["ClusterRoleBinding", "RoleBinding"] {
            for binding in manifests.of_kind(kind) {
                assert_eq!(binding["subjects"][0]["namespace"], "monitoring", "{variant}: {binding}");
            }
        }
        for workload in manifests.workloads() {
            let image = &workload["spec"]["template"]["spec"]["containers"][0]["image"];
            assert_eq!(image, "registry.example/state:x", "{variant}");
        }
    }
}

/// A variant as it is.
fn rendered(variant: &str) -> Manifests {
    build(variant, &folder().join(variant))
}

/// A variant with all components, as somebody would put them together, and further lines.
fn overlay(variant: &str, lines: &str) -> Manifests {
    let place = tempfile::tempdir().unwrap();
    // Kustomize takes relative paths only.
    std::os::unix::fs::symlink(folder(), place.path().join("kustomize")).unwrap();
    let components = COMPONENTS.map(|name| format!("  - kustomize/components/{name}\n")).concat();
    let text = format!("resources:\n  - kustomize/{variant}\ncomponents:\n{components}{lines}");
    fs::write(place.path().join("kustomization.yaml"), text).unwrap();
    build(variant, place.path())
}

fn build(name: &str, folder: &Path) -> Manifests {
    let output = Command::new(component("kubectl"))
        .args(["kustomize", "--load-restrictor=LoadRestrictionsNone"])
        .arg(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{name}: {errors}");
    Manifests::read(name, output.stdout)
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kustomize")
}
