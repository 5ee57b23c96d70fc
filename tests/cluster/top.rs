//! `kstate top` on a real API server, from all sources, and beside what kubectl prints.

use crate::harness::{
    Cluster, EXPORTER, Exporter, allow, component, dump, eventually, load, reference_objects,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

const VIEWS: [&str; 7] = ["nodes", "pods", "namespaces", "workloads", "quotas", "images", "containers"];

fn top(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kstate"));
    command.arg("top").args(arguments).env_remove("RUST_LOG").env_remove("KUBECONFIG").output().unwrap()
}

fn items(arguments: &[&str]) -> Vec<Value> {
    let output = top(&[arguments, &["-o", "json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{arguments:?}: {errors}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sources_have_the_same_rows_and_words_are_those_of_kubectl() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    let kubeconfig = cluster.kubeconfig();
    let config = kubeconfig.to_str().unwrap();
    let exporter = Exporter::start_ready(&kubeconfig, &["--keep-labels=pods,nodes"]).await;
    let url = exporter.url("/metrics");
    for view in VIEWS {
        eventually(&format!("the same {view}"), Duration::from_secs(20), async || {
            let file = dump(&cluster);
            let direct = items(&[view, "-A", "--kubeconfig", config]);
            let of_exporter = items(&[view, "-A", "--from", &url]);
            let of_file = items(&[view, "-A", "--from", file.to_str().unwrap()]);
            let same = !direct.is_empty() && direct == of_exporter && direct == of_file;
            same.then_some(()).ok_or_else(|| format!("{direct:#?}"))
        })
        .await;
    }

    // READY, STATUS and RESTARTS of each pod, STATUS and ROLES of each node.
    let pods = cluster.kubectl(&["get", "pods", "-A", "--no-headers"]);
    let pods = String::from_utf8(pods).unwrap();
    let mut expected: BTreeMap<[String; 2], [String; 3]> = BTreeMap::new();
    for line in pods.lines() {
        let [namespace, name, ready, status, restarts, ..] = words(line)[..] else { panic!("{line}") };
        expected.insert([namespace, name].map(str::to_owned), [ready, status, restarts].map(str::to_owned));
    }
    let text = |row: &Value, column: &str| match &row[column] {
        // kubectl leaves out what follows a line.
        Value::String(text) if text.contains('\n') => {
            format!("{}...", text.lines().next().unwrap_or_default())
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let shown: BTreeMap<[String; 2], [String; 3]> = items(&["pods", "-A", "--kubeconfig", config])
        .iter()
        .map(|row| {
            let ready = format!("{}/{}", text(row, "ready"), text(row, "containers"));
            (
                ["namespace", "name"].map(|column| text(row, column)),
                [ready, text(row, "status"), text(row, "restarts")],
            )
        })
        .collect();
    assert!(shown.len() > 50, "{}", shown.len());
    assert_eq!(shown, expected);

    let nodes = String::from_utf8(cluster.kubectl(&["get", "nodes", "--no-headers"])).unwrap();
    for (line, row) in nodes.lines().zip(items(&["nodes", "--kubeconfig", config])) {
        let [name, status, roles, ..] = words(line)[..] else { panic!("{line}") };
        let all: Vec<&str> =
            row["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let all = if all.is_empty() { "<none>".to_owned() } else { all.join(",") };
        assert_eq!([text(&row, "name"), text(&row, "status"), all], [name, status, roles], "{line}");
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_and_the_plugin_are_those_of_kubectl() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    let folder = tempfile::tempdir().unwrap();
    let config = cluster.kubeconfig_through(cluster.port(), EXPORTER);
    let subject = json!({"kind": "User", "name": EXPORTER.user, "apiGroup": "rbac.authorization.k8s.io"});
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}]);
    allow(&client, "asks", &subject, rules).await;

    let config = config.to_str().unwrap();
    let ask = |view: &str| {
        let output = top(&[view, "-A", "--kubeconfig", config]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), output.stdout)
    };
    let (code, errors, _) = ask("nodes");
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.starts_with("kstate: nodes can't be read: ") && errors.lines().count() == 1, "{errors}");
    let (code, errors, rows) = ask("pods");
    assert_eq!(code, Some(0), "{errors}");
    assert!(rows.starts_with(b"NAMESPACE"));
    for kind in ["replicasets", "jobs", "replicationcontrollers"] {
        assert!(errors.contains(&format!("{kind} can't be read: ")), "{errors}");
    }

    // Found on the path by its name.
    symlink(env!("CARGO_BIN_EXE_kstate"), folder.path().join("kubectl-kstate")).unwrap();
    let plugin = |arguments: &[&str], path: &Path| {
        let mut command = Command::new(component("kubectl"));
        let command = command.args(arguments).env("PATH", path).env("KUBECONFIG", cluster.kubeconfig());
        let output = command.env_remove("RUST_LOG").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let nodes = plugin(&["kstate", "top", "nodes"], folder.path());
    assert!(nodes.starts_with("NAME") && nodes.lines().count() > 1, "{nodes}");
}
