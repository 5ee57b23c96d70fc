//! The objects of `jsonnet/kstate`: accepted by a real API server under the strictest level of pod
//! security, with just the permissions that `kstate rbac` prints, by themselves and as
//! kube-prometheus overrides them; and the exporter runs as they say.

mod alerts;

use crate::harness::{Account, Cluster, Exporter, component, evaluate, get, jsonnet_folder};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::PostParams};
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const NAMESPACE: &str = "monitoring";
const NAME: &str = "kube-state-metrics";

/// The library with what a user has to set, and each way to run the exporter.
const VARIANTS: [(&str, &str); 6] = [
    ("standard", "kstate"),
    ("autosharding", "kstate.autosharding"),
    ("daemonsetsharding", "kstate.daemonsetsharding"),
    ("deploymentsharding", "kstate.deploymentsharding(totalShards=3, replicas=2)"),
    ("kinds", "kstate { kinds:: ['nodes', 'pods', 'leases'], reviews:: false, args:: ['--profile=lean'] }"),
    (
        "kube-prometheus",
        "(import 'kube-prometheus.libsonnet')({
           namespace: 'monitoring', version: '0.1.0', image: 'kstate:0.1.0', kubeRbacProxyImage: 'proxy',
         })",
    ),
];

/// The objects of a variant by the names of their fields.
fn objects(expression: &str) -> BTreeMap<String, Value> {
    let program = format!(
        "local kstate = (import 'kstate/kstate.libsonnet') + {{
           name:: '{NAME}', namespace:: '{NAMESPACE}', version:: '0.1.0', image:: 'kstate:0.1.0',
         }}; {expression}"
    );
    serde_json::from_value(evaluate(&program, &folders())).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/jsonnet")
}

/// Where imports are found beside the libraries: as kube-prometheus names them, too.
fn folders() -> [PathBuf; 2] {
    [folder(), jsonnet_folder().join("in-place-of")]
}

fn templates(objects: &BTreeMap<String, Value>) -> impl Iterator<Item = &Value> {
    objects.values().filter_map(|object| object.pointer("/spec/template"))
}

#[test]
fn permissions_are_those_that_the_exporter_asks_for() {
    let account = format!("--service-account={NAMESPACE}/{NAME}");
    for (variant, field, flags, document) in [
        (0, "clusterRole", &["--auth-filter"][..], 0),
        (1, "clusterRole", &["--auth-filter"], 0),
        (1, "role", &["--pod=p", "--pod-namespace=monitoring"], 2),
        (4, "clusterRole", &["--resources=nodes,pods,leases"], 0),
        (5, "clusterRole", &["--auth-filter"], 0),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kstate"));
        let printed = command.args(["rbac", &account]).args(flags).output().unwrap();
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        let printed = String::from_utf8(printed.stdout).unwrap();
        let document = printed.split("---\n").nth(document).unwrap();
        let expected: Value = serde_saphyr::from_str(document).unwrap();
        let (name, expression) = VARIANTS[variant];
        let rendered = &objects(expression)[field];
        assert_eq!(rendered["kind"], expected["kind"], "{name}");
        assert!(expected["rules"].as_array().is_some_and(|rules| !rules.is_empty()));
        assert_eq!(rendered["rules"], expected["rules"], "{name}");
    }
}

#[test]
fn kube_prometheus_finds_the_mixin() {
    let (_, expression) = VARIANTS[5];
    let groups = evaluate(&format!("({expression}).rules"), &folders());
    let names: Vec<&Value> = groups.as_array().unwrap().iter().map(|group| &group["name"]).collect();
    assert_eq!(names, ["kube-state-metrics", "kstate"]);
    let alert = &groups[0]["rules"][0];
    assert_eq!(alert["annotations"]["runbook_url"], "https://runbooks.example/kubestatemetricslisterrors");
}

#[test]
fn jsonnet_is_formatted() {
    let mut files = Vec::new();
    let mut folders = vec![jsonnet_folder(), folder()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            match extension {
                _ if path.is_dir() => folders.push(path),
                Some("jsonnet" | "libsonnet") => files.push(path),
                _ => {}
            }
        }
    }
    assert!(files.len() > 5, "{files:?}");
    let output = Command::new(component("jsonnetfmt")).args(["--test"]).args(&files).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "jsonnetfmt -i would change {}", String::from_utf8_lossy(&said));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_accepts_the_objects_and_the_exporter_runs_as_they_say() {
    let cluster = Cluster::start(&["--enable-admission-plugins=PodSecurity"]).await;
    let client = cluster.client().await;
    apply(
        &cluster,
        &[&json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": NAMESPACE, "labels": { "pod-security.kubernetes.io/enforce": "restricted" } },
        })],
    );
    let mut processes = 0;
    for (variant, expression) in VARIANTS {
        println!("{variant}");
        let objects = objects(expression);
        apply(&cluster, &objects.values().collect::<Vec<_>>());
        for template in templates(&objects) {
            create_pod(&client, template, true).await.unwrap();
        }
        if variant == "autosharding" {
            replica(&cluster, &client, &objects["statefulset"]).await;
        }
        // The server follows its own rules with a delay.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let kubeconfig = kubeconfig(&cluster);
        for template in templates(&objects) {
            assert_runs(&kubeconfig, &template["spec"]["containers"][0]).await;
            processes += 1;
        }
        // The next variant selects its pods otherwise, which can't be changed.
        cluster.kubectl(&["delete", "deploy,sts,ds", "--all", "--namespace", NAMESPACE]);
    }
    assert_eq!(processes, 10);

    // The level of pod security does count.
    let mut lax = templates(&objects("kstate")).next().unwrap().clone();
    lax["spec"]["containers"][0]["securityContext"]["runAsNonRoot"] = json!(false);
    let refusal = create_pod(&client, &lax, true).await.unwrap_err();
    assert!(refusal.to_string().contains("violates PodSecurity"), "{refusal}");
}

/// Applies objects, of which the server must not even warn.
fn apply(cluster: &Cluster, objects: &[&Value]) {
    let file = cluster.folder().join("objects.json");
    fs::write(&file, json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string()).unwrap();
    let arguments = ["apply", "--server-side", "--force-conflicts", "--validate=strict"];
    let arguments = [&arguments[..], &["--warnings-as-errors", "-f", file.to_str().unwrap()]].concat();
    let said = String::from_utf8(cluster.kubectl(&arguments)).unwrap();
    assert_eq!(said.lines().count(), objects.len(), "{said}");
}

/// Creates a pod from a template, or asks whether that could be done.
async fn create_pod(client: &Client, template: &Value, dry_run: bool) -> Result<Pod, kube::Error> {
    let mut pod = Pod::deserialize(template).unwrap();
    pod.metadata.name = Some(if dry_run { "any".to_owned() } else { format!("{NAME}-0") });
    let parameters = PostParams { dry_run, ..PostParams::default() };
    Api::namespaced(client.clone(), NAMESPACE).create(&parameters, &pod).await
}

/// The pod that the controller of the `StatefulSet` would create.
async fn replica(cluster: &Cluster, client: &Client, stateful_set: &Value) {
    let uid =
        cluster.kubectl(&["get", "sts", NAME, "--namespace", NAMESPACE, "-o", "jsonpath={.metadata.uid}"]);
    let mut template = stateful_set["spec"]["template"].clone();
    template["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": NAME,
        "uid": String::from_utf8(uid).unwrap(),
        "controller": true,
    }]);
    create_pod(client, &template, false).await.unwrap();
}

/// The kubeconfig of the account that the objects make and give permissions to.
fn kubeconfig(cluster: &Cluster) -> PathBuf {
    let token = cluster.kubectl(&["create", "token", NAME, "--namespace", NAMESPACE]);
    // It lives as long as the test.
    let token: &str = String::from_utf8(token).unwrap().leak();
    cluster.kubeconfig_through(cluster.port(), Account { user: NAME, token: token.trim(), group: "" })
}

/// Starts the exporter with a container's arguments and asks what the kubelet would ask.
async fn assert_runs(kubeconfig: &Path, container: &Value) {
    let value = |name: &Value| match name.as_str() {
        Some("POD_NAME") => format!("{NAME}-0"),
        Some("POD_NAMESPACE") => NAMESPACE.to_owned(),
        Some("NODE_NAME") => "node".to_owned(),
        other => panic!("{other:?} is not known"),
    };
    let variables: Vec<(String, String)> = container["env"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|variable| (format!("$({})", variable["name"].as_str().unwrap()), value(&variable["name"])))
        .collect();
    let filled_in = |argument: &Value| {
        let argument = argument.as_str().unwrap().to_owned();
        variables.iter().fold(argument, |argument, (name, value)| argument.replace(name, value))
    };
    let arguments: Vec<String> = container["args"].as_array().into_iter().flatten().map(filled_in).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut exporter = Exporter::start_as_in_a_pod(kubeconfig, &arguments);
    exporter.wait_until_ready(Duration::from_secs(30)).await;
    for (probe, port) in [("livenessProbe", "http-metrics"), ("readinessProbe", "telemetry")] {
        // kube-prometheus takes the probes away.
        let Some(probe) = container[probe]["httpGet"].as_object() else { continue };
        assert_eq!(probe["port"], port);
        let path = probe["path"].as_str().unwrap();
        let url = if port == "telemetry" { exporter.telemetry_url(path) } else { exporter.url(path) };
        assert_eq!(get(&url, &[]).await.unwrap().status, 200, "{url}");
    }
    exporter.scrape().await;
    let own = get(&exporter.telemetry_url("/metrics"), &[]).await.unwrap().text();
    let unread: Vec<&str> = own
        .lines()
        .filter(|line| line.starts_with("kstate_resource_complete{") && line.ends_with(" 0"))
        .collect();
    assert!(unread.is_empty(), "{arguments:?}: {unread:#?}");
    exporter.stop();
}
