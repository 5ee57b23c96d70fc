//! `kstate top` as a command, and the same answers over HTTP, of one cluster from all sources.

use crate::{
    process::{Answer, errors, get, kstate, request, run},
    world::{Exporter, cluster},
};
use kstate::simulator::{self, Options, Simulator};
use serde_json::Value;
use std::{collections::BTreeSet, fs, process::Output};
use tokio::runtime::Runtime;

const VIEWS: [&str; 7] = ["nodes", "pods", "namespaces", "workloads", "quotas", "images", "containers"];

/// Where the kinds of views are listed.
const PATHS: [&str; 11] = [
    "/api/v1/namespaces",
    "/api/v1/nodes",
    "/api/v1/pods",
    "/api/v1/replicationcontrollers",
    "/api/v1/resourcequotas",
    "/apis/apps/v1/daemonsets",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
    "/apis/apps/v1/statefulsets",
    "/apis/batch/v1/cronjobs",
    "/apis/batch/v1/jobs",
];

fn top(arguments: &[&str]) -> Output {
    kstate(&[&["top"], arguments].concat()).output().unwrap()
}

/// What a command prints that succeeds, and says nothing on the side.
fn printed(arguments: &[&str]) -> String {
    let output = top(arguments);
    assert_eq!((output.status.code(), errors(&output)), (Some(0), String::new()), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The rows of an answer in JSON.
fn items(text: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(text).unwrap();
    answer["items"].as_array().unwrap().clone()
}

/// A folder with a kubeconfig of the cluster, and all objects that views look at, in one file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config"), cluster().kubeconfig()).unwrap();
    let port = cluster().address().port();
    let lists = PATHS.map(|path| {
        let answer = request(port, "GET", path, "Accept: application/json\r\n");
        assert_eq!(answer.status, 200, "{path}");
        answer.text().to_owned()
    });
    fs::write(folder.path().join("dump.yaml"), lists.join("\n")).unwrap();
    folder
}

#[test]
fn all_sources_have_the_same_rows() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let exporter = Exporter::start(&["--keep-labels=pods,nodes"]);
    let url = format!("http://127.0.0.1:{}/metrics", exporter.main);
    for view in VIEWS {
        let counted = matches!(view, "containers" | "images");
        for more in
            ["", "--problems", "--sort-by name:desc --limit 3", "--by node", "-n monitoring", "-l app=web"]
        {
            let makes_sense = match more.split_whitespace().next() {
                Some("--by") => counted,
                Some("--sort-by") => view != "images",
                // What of their labels isn't kept can't be selected by.
                Some("-l") => counted || matches!(view, "pods" | "nodes"),
                _ => true,
            };
            if !makes_sense {
                continue;
            }
            let everywhere = if more.starts_with("-n") { "" } else { "-A" };
            let words = more.split_whitespace().chain(everywhere.split_whitespace());
            let words: Vec<&str> = [view, "-o", "json"].into_iter().chain(words).collect();
            let from = |source: &[&str]| items(&printed(&[&words[..], source].concat()));
            let direct = from(&["--kubeconfig", &path("config")]);
            assert_eq!(from(&["--from", &url]), direct, "{view} {more}");
            assert_eq!(from(&["--from", &path("dump.yaml")]), direct, "{view} {more}");
            assert!(!direct.is_empty() || !more.is_empty(), "{view} {more}");
        }
    }
}

#[test]
fn a_table_has_a_line_for_each_row() {
    let exporter = Exporter::start(&[]);
    let url = format!("http://127.0.0.1:{}", exporter.main);
    let text = printed(&["nodes", "--from", &url]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("NAME") && lines[1].starts_with("node-"), "{text}");
    assert!(!text.contains('\x1b'), "{text:?}");
    // Words are understood as kubectl does.
    assert_eq!(printed(&["no", "--from", &url, "--no-headers"]).lines().count(), 2);
    assert_eq!(printed(&["node", "--from", &url]), text);
    assert_eq!(printed(&["--from", &url]), text);
}

#[test]
fn what_cannot_be_answered_is_said_in_one_line() {
    let exporter = Exporter::start(&["--resources=pods"]);
    let url = format!("http://127.0.0.1:{}", exporter.main);
    let telemetry = format!("http://127.0.0.1:{}", exporter.telemetry);
    for (arguments, code, says) in [
        (&["pods", "-l", "app=web", "--from", &url][..], 2, "--keep-labels=pods"),
        (&["nodes", "--from", &url], 2, "nodes are not read"),
        (&["quotas", "--from", &url], 2, "resourcequotas are not read"),
        (&["pods", "--from", &url, "--sort-by", "colour"], 2, "\"colour\""),
        (&["pods", "--from", &url, "--sort-by", "node%"], 2, "\"node\" is no share"),
        (&["pods", "--from", &url, "--field-selector", "spec.colour=red"], 2, "spec.colour"),
        (&["pods", "--from", &url, "--by", "node"], 2, "only images and containers"),
        (&["pods", "--from", &telemetry], 1, "main port"),
        (&["pods", "--from", "http://127.0.0.1:1"], 1, "127.0.0.1:1"),
        (&["pods", "--from", "/nowhere.yaml"], 2, "/nowhere.yaml"),
        (&["pods", "--from", &url, "--from", "a.yaml"], 2, "together"),
        (&["pods", "--kubeconfig", "/nowhere"], 2, "/nowhere"),
        (&["podz"], 2, "\"podz\""),
        (&["pods", "-A", "-n", "a"], 2, "exclude each other"),
        (&["pods", "-n", "A_"], 2, "--namespace"),
        (&["pods", "-l", "a b"], 2, "--selector"),
        (&["images", "--by", "colour"], 2, "--by"),
        (&["pods", "--from", "a.yaml", "--watch"], 2, "--watch"),
        (&["pods", "-o", "xml"], 2, "--output"),
    ] {
        let output = top(arguments);
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(says) && errors.lines().count() == 1, "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_missing_from_an_answer_is_said() {
    let exporter = Exporter::start(&["--resources=pods", "--shard=1", "--total-shards=2"]);
    let output = top(&["pods", "--from", &format!("http://127.0.0.1:{}", exporter.main)]);
    assert_eq!(output.status.code(), Some(0));
    let errors = errors(&output);
    assert!(errors.contains("jobs, replicasets, replicationcontrollers are not read"), "{errors}");
    assert!(errors.contains("shard 1 of 2 only"), "{errors}");
    assert_eq!(errors.lines().count(), 2, "{errors}");
}

#[test]
fn a_permission_that_is_missing_is_said_in_one_line() {
    let runtime = Runtime::new().unwrap();
    let options = Options { nodes: 1, pods_per_node: 5, updates_per_second: 0.0, ..Options::default() };
    let cluster = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::write(&config, cluster.kubeconfig()).unwrap();
    let ask = |view: &str| top(&[view, "-A", "--kubeconfig", config.to_str().unwrap()]);

    cluster.faults().answer("replicasets", simulator::Answer::status(403));
    let output = ask("pods");
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("replicasets can't be read") && output.stdout.starts_with(b"NAMESPACE"), "{said}");

    cluster.faults().answer("pods", simulator::Answer::status(403));
    let output = ask("nodes");
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("kstate: pods can't be read: ") && said.lines().count() == 1, "{said}");
    assert!(output.stdout.is_empty());
    runtime.block_on(cluster.shutdown());
}

#[test]
fn files_are_read_from_standard_input_too() {
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"},
        "spec": {"containers": [{"name": "c", "image": "d"}]}, "status": {"phase": "Running"}}"#;
    let output = run(&["top", "pods", "--from", "-", "-o", "csv"], pod.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("namespace,name,ready,containers,status,"), "{text}");
    assert!(lines[1].starts_with("b,a,0,1,Running,0,,,"), "{text}");
}

fn ask(exporter: &Exporter, query: &str) -> Answer {
    get(exporter.main, &format!("/api/v1/top/{query}"))
}

#[test]
fn pages_add_up_and_rows_are_as_their_schema_says() {
    let exporter = Exporter::start(&["--keep-labels=pods"]);
    for view in VIEWS {
        let whole = items(ask(&exporter, view).text());
        let (mut rows, mut next) = (Vec::new(), String::new());
        loop {
            let page: Value =
                serde_json::from_str(ask(&exporter, &format!("{view}?limit=4{next}")).text()).unwrap();
            assert_eq!(page["total"], whole.len(), "{view}");
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["continue"].as_str() {
                Some(token) => next = format!("&continue={token}"),
                None => break,
            }
        }
        assert_eq!(rows, whole, "{view}");

        let schema: Value = serde_json::from_str(ask(&exporter, &format!("{view}/schema")).text()).unwrap();
        let properties = &schema["properties"]["items"]["items"]["properties"];
        for row in &whole {
            for (key, value) in row.as_object().unwrap() {
                let is = match &properties[key]["type"] {
                    Value::String(name) => name.clone(),
                    other => panic!("{view}: {key} is {other}"),
                };
                let fits = match &*is {
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "array" => value.is_array(),
                    _ => value.is_object(),
                };
                assert!(fits, "{view}: {key} is {value}, not {is}");
            }
        }
    }
    let names = |query: &str| -> BTreeSet<String> {
        let rows = items(ask(&exporter, query).text());
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = names("pods");
    let (with, without) = (names("pods?labelSelector=app%3Dweb"), names("pods?labelSelector=app%21%3Dweb"));
    assert_eq!(with.union(&without).cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(names("pods?namespace=monitoring").len(), 3);
    assert_eq!(names("pods?name=kube-state-metrics-1").len(), 1);
}

#[test]
fn an_answer_that_is_known_is_not_sent_again() {
    let exporter = Exporter::start(&[]);
    let first = ask(&exporter, "pods");
    let tag = first.header("etag").to_owned();
    let again = |headers: &str| request(exporter.main, "GET", "/api/v1/top/pods", headers);
    // The time is another one by then.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let known = again(&format!("If-None-Match: \"x\", {tag}\r\n"));
    assert_eq!((known.status, known.text()), (304, ""));
    assert_eq!(again("If-None-Match: \"x\"\r\n").status, 200);
    assert_ne!(ask(&exporter, "nodes").header("etag"), tag);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let exporter = Exporter::start(&[]);
    for (query, status, says) in [
        ("cats", 404, "\"cats\""),
        ("cats/schema", 404, "\"cats\""),
        ("pods?color=red", 400, "\"color\""),
        ("pods?limit=few", 400, "limit"),
        ("pods?problems=perhaps", 400, "problems"),
        ("pods?by=color", 400, "by"),
        ("pods?sortBy=color", 400, "\"color\""),
        ("pods?span=soon", 400, "span"),
        ("pods?labelSelector=a%20b", 400, "labelSelector"),
        ("pods?labelSelector=app%3Dweb", 400, "--keep-labels=pods"),
        ("workloads?labelSelector=app%3Dweb", 400, "cronjobs,daemonsets,deployments,jobs,pods,"),
    ] {
        let answer = ask(&exporter, query);
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert!(
            answer.text().contains(says) && answer.text().lines().count() == 1,
            "{query}: {}",
            answer.text()
        );
    }
}
