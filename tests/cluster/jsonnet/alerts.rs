//! The alerts of `jsonnet/kstate-mixin`, as promtool sees them.

use crate::harness::{component, evaluate, jsonnet_folder};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Those of kube-state-metrics, whose names and meanings stay.
const THEIRS: [&str; 4] = [
    "KubeStateMetricsListErrors",
    "KubeStateMetricsShardingMismatch",
    "KubeStateMetricsShardsMissing",
    "KubeStateMetricsWatchErrors",
];

fn mixin() -> PathBuf {
    jsonnet_folder().join("kstate-mixin")
}

/// The rules of a configuration.
fn rules(configuration: &str) -> Vec<Value> {
    let program = format!(
        "((import 'kstate-mixin/mixin.libsonnet') + {{ _config+:: {configuration} }}).prometheusAlerts.groups"
    );
    let groups = evaluate(&program, &[]);
    let rules = groups.as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules.cloned().collect()
}

fn names() -> BTreeSet<String> {
    rules("{}").iter().map(|rule| rule["alert"].as_str().unwrap().to_owned()).collect()
}

fn promtool(arguments: &[&str], file: &Path) {
    let output = Command::new(component("promtool")).args(arguments).arg(file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "promtool {arguments:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_rule_file_is_up_to_date() {
    let expected = evaluate("import 'kstate-mixin/alerts.jsonnet'", &[]);
    let expected = format!("{}\n", expected.as_str().unwrap());
    let file = mixin().join("generated/alerts.yaml");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &expected).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap() == expected, "{} is stale", file.display());
    promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &file);
}

#[test]
fn each_alert_fires_when_it_should_and_only_then() {
    let file = mixin().join("tests/alerts.yaml");
    promtool(&["test", "rules"], &file);

    let cases: Value = serde_saphyr::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let of = |firing: bool| -> BTreeSet<String> {
        let cases = cases["tests"].as_array().unwrap().iter();
        let tests = cases.flat_map(|case| case["alert_rule_test"].as_array().unwrap());
        let chosen =
            tests.filter(|test| test["exp_alerts"].as_array().is_some_and(|all| all.is_empty() != firing));
        chosen.map(|test| test["alertname"].as_str().unwrap().to_owned()).collect()
    };
    let names = names();
    assert!(THEIRS.iter().all(|name| names.contains(*name)), "{names:?}");
    assert!(names.len() > THEIRS.len());
    assert_eq!(of(true), names, "alerts that a case shows firing");
    assert_eq!(of(false), names, "alerts that a case shows not firing");
}

#[test]
fn the_runbook_has_a_heading_for_each_alert_and_no_other() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics-docs/runbook.md");
    let text = fs::read_to_string(file).unwrap();
    let sections: Vec<(&str, &str)> =
        text.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap()).collect();
    let headings: BTreeSet<String> = sections.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    assert_eq!(headings, names());
    for (heading, section) in sections {
        for part in ["**Means:**", "**To see:**", "**To do:**"] {
            assert!(section.contains(part), "{heading} lacks {part}");
        }
    }
    for rule in rules("{ runbookURLPattern: 'https://runbooks.example/%s.html' }") {
        let name = rule["alert"].as_str().unwrap().to_lowercase();
        let url = &rule["annotations"]["runbook_url"];
        assert_eq!(url, &format!("https://runbooks.example/{name}.html"));
    }
}

#[test]
fn alerts_read_metrics_that_there_are_and_select_as_they_are_told() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics-docs/self-metrics.md");
    let page = fs::read_to_string(page).unwrap();
    let rules = rules("{ kubeStateMetricsSelector: 'job=~\"a|b\"', clusterLabel: 'site' }");
    for rule in &rules {
        let expr = rule["expr"].as_str().unwrap();
        let mut selected = 0;
        for (before, after) in expr.match_indices('{').map(|(at, _)| expr.split_at(at)) {
            let word = |character: char| !character.is_alphanumeric() && character != '_';
            let metric = before.rsplit(word).next().unwrap();
            let known = metric == "scrape_duration_seconds" || page.contains(&format!("| `{metric}` |"));
            assert!(known, "{metric} is no metric: {expr}");
            assert!(after.starts_with("{job=~\"a|b\""), "{expr}");
            selected += 1;
        }
        assert!(selected > 0 && !expr.contains("cluster"), "{expr}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.json");
    let group = serde_json::json!({ "groups": [{ "name": "all", "rules": rules }] });
    fs::write(&file, group.to_string()).unwrap();
    promtool(&["check", "rules"], &file);
}
