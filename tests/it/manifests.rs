//! What `deploy/` takes from the code, and the names of the chart's values.
//!
//! `UPDATE_EXPECT=1 cargo test` writes the generated files anew.

use crate::process::{errors, run};
use expect_test::expect_file;
use kstate::catalog::{KINDS, Kind};
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path};

const CHART: &str = "deploy/helm/kstate";
/// Says how a file came about to those who want to change it.
const NOTE: &str = "# Written by `UPDATE_EXPECT=1 cargo test`; don't edit it by hand.\n";

#[test]
fn permissions_of_manifests_are_those_that_the_command_prints() {
    let whole = printed(&["rbac"]);
    expect_file!["../../deploy/kustomize/base/permissions.yaml"].assert_eq(&whole);
    let replica = printed(&["rbac", "--pod=kstate-0", "--pod-namespace=kube-system"]);
    let further = replica.strip_prefix(&format!("{whole}---\n")).unwrap();
    expect_file!["../../deploy/kustomize/autosharding/permissions.yaml"].assert_eq(further);
}

#[test]
fn the_chart_knows_all_kinds() {
    let mut text = NOTE.to_owned();
    for Kind { names, default } in KINDS {
        let (plural, group, namespaced) = (names.plural, names.group, names.namespaced);
        writeln!(text, "{plural}: {{group: \"{group}\", namespaced: {namespaced}, default: {default}}}")
            .unwrap();
    }
    expect_file!["../../deploy/helm/kstate/files/kinds.yaml"].assert_eq(&text);
}

#[test]
fn what_nodes_do_not_export_one_deployment_does() {
    let others = |kind: &&Kind| kind.default && kind.names.plural != "pods";
    let others: Vec<&str> = KINDS.iter().filter(others).map(|kind| kind.names.plural).collect();
    let patch = format!(
        "{NOTE}apiVersion: apps/v1
kind: Deployment
metadata:
  name: kstate
  namespace: kube-system
spec:
  template:
    spec:
      containers:
        - name: kube-state-metrics
          args:
            - --resources={}
",
        others.join(",")
    );
    expect_file!["../../deploy/kustomize/daemonsetsharding/other-kinds.yaml"].assert_eq(&patch);
}

#[test]
fn the_version_is_that_of_the_crate() {
    let version = env!("CARGO_PKG_VERSION");
    let base = read("deploy/kustomize/base/kustomization.yaml");
    assert!(base.contains(&format!("app.kubernetes.io/version: {version}\n")), "{base}");
    assert!(base.contains(&format!("newTag: v{version}\n")), "{base}");
    let chart = read(&format!("{CHART}/Chart.yaml"));
    assert!(chart.contains(&format!("\nversion: {version}\nappVersion: {version}\n")), "{chart}");
    let values = read("deploy/helm/kstate-under-upstream-chart.yaml");
    assert!(values.contains(&format!("tag: v{version}\n")), "{values}");
}

/// What is meant for the chart of kube-state-metrics has no other names than its own.
#[test]
fn values_for_kube_state_metrics_chart_have_its_names() {
    let values: Value =
        serde_saphyr::from_str(&read("deploy/helm/kstate-under-upstream-chart.yaml")).unwrap();
    let names: Vec<&str> = include_str!("manifests/values.txt").lines().collect();
    let mut places = vec![(String::new(), &values)];
    while let Some((name, value)) = places.pop() {
        if names.contains(&&*name) {
            continue;
        }
        let inner = value.as_object().unwrap_or_else(|| panic!("{name} is unknown"));
        places.extend(inner.iter().map(|(key, value)| {
            (if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, value)
        }));
    }
}

/// `manifests/values.txt` has the names of the chart of kube-state-metrics 8.4.0.
#[test]
fn values_have_the_names_of_kube_state_metrics_chart() {
    let schema = schema();
    let unknown: Vec<&str> =
        include_str!("manifests/values.txt").lines().filter(|name| !is_known(&schema, name)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
    assert!(!is_known(&schema, "image.name") && !is_known(&schema, "prometheus.monitor.http.intervals"));
}

fn is_known(schema: &Value, name: &str) -> bool {
    let mut place = schema;
    for part in name.split('.') {
        place = &place["properties"][part];
        if let Some(definition) = place["$ref"].as_str() {
            place = schema.pointer(definition.trim_start_matches('#')).unwrap();
        }
    }
    place.is_object()
}

fn schema() -> Value {
    serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}
