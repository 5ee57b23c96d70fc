//! The dashboards of `jsonnet/kstate-mixin`: as they are generated, as they are laid out, and with
//! what a real Prometheus answers to each of their queries over the demonstration.

use crate::harness::{Exporter, Prometheus, component, evaluate, jsonnet_folder};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
    time::{Duration, Instant},
};

/// The cluster's name, as whoever has several of them gives it to their targets.
const CLUSTER: &str = "demo";
/// How long it may take until each query has had data. Some tell of what happens now and then, such
/// as failing jobs.
const PATIENCE: Duration = Duration::from_mins(2);
/// Units that tell what a number is. Counts are `short`.
const UNITS: [&str; 9] =
    ["short", "none", "bytes", "percentunit", "s", "dtdurations", "reqps", "ops", "bool_yes_no"];

/// The dashboards by their files' names.
fn dashboards() -> BTreeMap<String, Value> {
    let all = evaluate("(import 'kstate-mixin/mixin.libsonnet').grafanaDashboards", &[]);
    serde_json::from_value(all).unwrap()
}

fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key}: {value:#}"))
}

/// The panels that show something.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(dashboard, "/panels").filter(|panel| panel["type"] != "row")
}

/// Each query with what it is for: those of panels, and those that variables take a label from.
fn queries() -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for (file, dashboard) in dashboards() {
        for variable in list(&dashboard, "/templating/list").filter(|variable| variable["type"] == "query") {
            let query = variable["query"]["query"].as_str().unwrap();
            let query = query.strip_prefix("label_values(").unwrap().strip_suffix(')').unwrap();
            let (series, label) = query.rsplit_once(", ").unwrap();
            let name = format!("{file}: variable {}", text(variable, "name"));
            let query = match series.strip_suffix('}') {
                Some(series) => format!("{series},{label}!=\"\"}}"),
                None => format!("{series}{{{label}!=\"\"}}"),
            };
            queries.push((name, query));
        }
        for panel in panels(&dashboard) {
            for target in list(panel, "/targets") {
                let name = format!("{file}: {} {}", text(panel, "title"), text(target, "refId"));
                queries.push((name, text(target, "expr").to_owned()));
            }
        }
    }
    queries.into_iter().map(|(name, query)| (name, filled_in(&query))).collect()
}

/// A query as Grafana sends it where all jobs, namespaces and nodes are chosen.
fn filled_in(query: &str) -> String {
    let query = query.replace("$__rate_interval", "10s").replace("$cluster", CLUSTER);
    let query = ["$job", "$namespace", "$node"].iter().fold(query, |query, name| query.replace(name, ".+"));
    assert!(!query.contains('$'), "{query}");
    query
}

#[test]
fn the_generated_dashboards_are_up_to_date() {
    let folder = jsonnet_folder().join("kstate-mixin/generated/dashboards");
    let dashboards = dashboards();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
    }
    for (file, dashboard) in &dashboards {
        let expected = serde_json::to_string_pretty(dashboard).unwrap() + "\n";
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(folder.join(file), &expected).unwrap();
        }
        assert!(fs::read_to_string(folder.join(file)).unwrap() == expected, "{file} is stale");
    }
    let there = fs::read_dir(folder).unwrap();
    let there: BTreeSet<String> =
        there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, dashboards.into_keys().collect());
}

#[test]
fn panels_are_described_measured_and_side_by_side() {
    let dashboards = dashboards();
    let uids: BTreeSet<&str> = dashboards.values().map(|dashboard| text(dashboard, "uid")).collect();
    assert_eq!(uids.len(), 8);
    for (file, dashboard) in &dashboards {
        assert!(!text(dashboard, "description").is_empty() && file.starts_with(text(dashboard, "uid")));
        let (mut taken, mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for panel in list(dashboard, "/panels") {
            let title = text(panel, "title");
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{file}: {title}");
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
            assert!(w > 0 && h > 0 && x + w <= 24, "{file}: {title}");
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{file}: {title} lies upon another panel");
            }
        }
        for panel in panels(dashboard) {
            let title = text(panel, "title");
            assert!(titles.insert((text(panel, "type"), title)), "{file}: {title} twice");
            assert!(text(panel, "description").ends_with('.'), "{file}: {title}");
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{file}: {title}");
            let of_columns = list(panel, "/fieldConfig/overrides")
                .flat_map(|column| list(column, "/properties"))
                .filter(|property| property["id"] == "unit")
                .map(|property| text(property, "value"));
            let units: Vec<&str> =
                of_columns.chain(panel["fieldConfig"]["defaults"]["unit"].as_str()).collect();
            assert!(!units.is_empty(), "{file}: {title}");
            assert!(units.iter().all(|unit| UNITS.contains(unit)), "{file}: {title}: {units:?}");
        }
        let json = dashboard.to_string();
        for leads in json.split("\"/d/").skip(1).map(|rest| rest.split('?').next().unwrap()) {
            assert!(uids.contains(leads), "{file} leads to {leads}, which is no dashboard");
        }
    }
}

#[test]
fn promtool_parses_all_queries() {
    let queries = queries();
    let rules: Vec<Value> = (0..)
        .zip(&queries)
        .map(|(at, (_, query)): (usize, _)| json!({ "record": format!("dashboard:{at}"), "expr": query }))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.json");
    fs::write(&file, json!({ "groups": [{ "name": "queries", "rules": rules }] }).to_string()).unwrap();
    let output = Command::new(component("promtool")).args(["check", "rules"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("{} rules found", queries.len())));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_has_data_over_the_demonstration() {
    let exporter =
        Exporter::start_demonstration(&["--updates-per-second=20", "--series-budget=pods=500000"]).await;
    let targets = [exporter.url(""), exporter.telemetry_url("")]
        .map(|url| url.trim_start_matches("http://").to_owned());
    let prometheus = Prometheus::start(&json!({
        "global": { "scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "2s" },
        "rule_files": [jsonnet_folder().join("kstate-mixin/generated/alerts.yaml")],
        "scrape_configs": [{
            "job_name": "kube-state-metrics",
            "honor_labels": true,
            "static_configs": [{ "targets": targets, "labels": { "cluster": CLUSTER } }],
        }],
    }))
    .await;

    let mut waiting = queries();
    let all = waiting.len();
    let started = Instant::now();
    while !waiting.is_empty() {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut still = Vec::new();
        for (name, query) in waiting {
            let series = prometheus.query(&query).await;
            let is_number = |series: &Value| series["value"][1].as_str().is_some_and(|value| value != "NaN");
            if !series.iter().any(is_number) {
                still.push((name, query));
            }
        }
        assert!(started.elapsed() < PATIENCE || still.is_empty(), "without data: {still:#?}");
        waiting = still;
    }
    println!("{all} queries had data within {:?}", started.elapsed());

    // All is well with the exporter of the demonstration.
    let up = prometheus.query("up == 1").await;
    assert_eq!(up.len(), 2, "{up:#?}");
    let alerts = prometheus.query("ALERTS").await;
    assert!(alerts.is_empty(), "{alerts:#?}");
    exporter.stop();
}
