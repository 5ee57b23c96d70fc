//! `kstate metrics` and `kstate rbac` as commands.

use crate::process::{errors, kstate, run};
use expect_test::expect;
use kstate::catalog::{KINDS, families};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    process::Stdio,
};

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
    assert_eq!(errors(&output), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_has_every_family_under_keys_that_stay() {
    let all: Vec<Value> = serde_json::from_str(&printed(&["metrics", "--format=json"])).unwrap();
    let names: Vec<&str> = all.iter().map(|family| family["name"].as_str().unwrap()).collect();
    let expected: Vec<&str> = KINDS.iter().flat_map(families).map(|family| family.description.name).collect();
    assert_eq!(names, expected);

    let family = all.iter().find(|family| family["name"] == "kube_pod_nodeselectors").unwrap();
    expect![[r#"
        {
          "api_version": "v1",
          "appears": "for every object",
          "deprecated_since": null,
          "help": "Labels that the pod's node must have.",
          "labels": [
            "namespace",
            "pod",
            "uid",
            "nodeselector_*"
          ],
          "name": "kube_pod_nodeselectors",
          "opt_in": true,
          "resource": "pods",
          "resource_default": true,
          "stability": "alpha",
          "type": "gauge"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(family).unwrap());
    let keys = |family: &Value| family.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert!(all.iter().all(|other| keys(other) == keys(family)));
}

#[test]
fn a_pipe_gets_a_line_for_each_family() {
    let text = printed(&["metrics", "--resources=jobs,namespaces"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 18 + 5);
    assert!(lines[0].starts_with("NAME "));
    let words: Vec<&str> = lines[4].split_whitespace().take(4).collect();
    assert_eq!(words, ["kube_job_created", "gauge", "stable", "namespace,job_name"]);
    assert!(text.is_ascii() && !text.contains('\x1b'), "{text}");
}

#[test]
fn markdown_has_a_table_for_each_kind() {
    let text = printed(&["metrics", "--resources=namespaces,nodes", "--format=markdown"]);
    let tables: Vec<&str> = text.split("## ").skip(1).collect();
    assert_eq!(tables.len(), 2);
    for row in tables[0].lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.matches('|').count(), 7, "{row}");
    }
    assert!(tables[0].contains("| `kube_namespace_status_phase` | gauge | stable | `namespace`, `phase` |"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut command = kstate(&["metrics"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(command.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("NAME"));
    drop(lines);
    assert!(command.wait_with_output().unwrap().status.success());
}

#[test]
fn roles_are_for_the_flags_of_the_exporter() {
    let text = printed(&["rbac", "--resources=pods", "--resources", "nodes", "--namespaces=a"]);
    let roles: Vec<serde_json::Value> = serde_saphyr::from_multiple(&text).unwrap();
    let kinds: Vec<&str> = roles.iter().map(|role| role["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]);
    assert_eq!(roles[0]["rules"][0]["resources"], serde_json::json!(["nodes"]));
    assert_eq!(roles[2]["rules"][0]["resources"], serde_json::json!(["pods"]));

    // Without flags it is what the exporter reads without flags.
    let roles: Vec<serde_json::Value> = serde_saphyr::from_multiple(&printed(&["rbac"])).unwrap();
    let resources: BTreeSet<&str> = roles[0]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|rule| rule["resources"].as_array().unwrap())
        .map(|resource| resource.as_str().unwrap())
        .collect();
    let default: BTreeSet<&str> =
        KINDS.iter().filter(|kind| kind.default).map(|kind| kind.names.plural).collect();
    assert_eq!(resources, default);
}
