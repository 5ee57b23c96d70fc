//! The chart of `deploy/helm` in a cluster, and beside that of kube-state-metrics.

use super::{
    container::Container,
    manifests::{Manifests, list},
    running::Place,
};
use crate::harness::component;
use kstate::catalog::KINDS;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const NAMESPACE: &str = "monitoring";
/// As many config maps are there, enough that each of two or three replicas has some.
const MAPS: usize = 40;

/// What kube-state-metrics' chart makes of values, this one makes, too.
#[test]
fn containers_are_those_of_kube_state_metrics_chart() {
    let sets = upstream_sets();
    assert_eq!(sets.len(), 8);
    for expected in sets {
        let manifests = rendered("ksm", expected.values.as_ref().unwrap());
        let workloads: Vec<&Value> = manifests.workloads().collect();
        let mut ours = manifests.container(workloads[0]);
        assert_eq!((workloads.len(), &ours.workload), (1, &expected.workload), "{}", expected.name);
        // The text of a file differs in its form.
        let content = |text: &String| serde_saphyr::from_str::<Value>(text).unwrap();
        assert_eq!(
            ours.files.values().map(content).collect::<Vec<_>>(),
            expected.files.values().map(content).collect::<Vec<_>>(),
            "{}",
            expected.name
        );
        ours.probes.sort_by(|a, b| a.kind.cmp(&b.kind));
        let mut probes = expected.probes;
        probes.sort_by(|a, b| a.kind.cmp(&b.kind));
        assert_eq!(ours.args, expected.args, "{}", expected.name);
        assert_eq!(ours.env, expected.env, "{}", expected.name);
        assert_eq!(ours.ports, expected.ports, "{}", expected.name);
        assert_eq!(ours.probes, probes, "{}", expected.name);
        assert_eq!(ours.proxied, expected.proxied, "{}", expected.name);
        assert_eq!(
            ours.files.keys().collect::<Vec<_>>(),
            expected.files.keys().collect::<Vec<_>>(),
            "{}",
            expected.name
        );
    }
}

#[test]
fn permissions_are_those_that_the_command_prints() {
    let all: Vec<&str> = KINDS.iter().map(|kind| kind.names.plural).collect();
    let extra: Vec<&str> = KINDS.iter().filter(|kind| !kind.default).map(|kind| kind.names.plural).collect();
    for values in [
        json!({}),
        json!({ "collectors": [] }),
        json!({ "collectors": null }),
        json!({ "collectors": all }),
        json!({ "collectorsExclude": ["secrets", "configmaps"], "collectorsExtra": extra }),
        json!({ "collectors": ["pods", "nodes"], "authFilter": { "enabled": true } }),
        json!({ "resourceMetricsApi": { "enabled": true, "aggregateReader": false } }),
    ] {
        let manifests = rendered("ksm", &values);
        let container = manifests.container(manifests.one("Deployment"));
        let about = |argument: &&String| {
            ["--resources=", "--auth-filter", "--resource-metrics-api"]
                .iter()
                .any(|flag| argument.starts_with(flag))
        };
        let output = Command::new(env!("CARGO_BIN_EXE_kstate"))
            .arg("rbac")
            .args(container.args.iter().filter(about))
            .output()
            .unwrap();
        let printed = Manifests::read("kstate rbac", output.stdout);
        let rules = |manifests: &Manifests| manifests.one("ClusterRole")["rules"].clone();
        assert_eq!(rules(&manifests), rules(&printed), "{values}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_admitted_and_their_pods_work() {
    let place = Place::start(NAMESPACE).await;
    for namespace in ["team-a", "team-b"] {
        place.namespace(namespace);
    }
    let maps = (0..MAPS).map(|number| {
        let namespace = if number % 2 == 0 { "team-a" } else { "team-b" };
        let metadata = json!({ "name": format!("map{number}"), "namespace": namespace });
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata })
    });
    place.create(&json!({ "apiVersion": "v1", "kind": "List", "items": maps.collect::<Vec<_>>() })).unwrap();
    let sets = upstream_sets().into_iter().map(|set| (set.name, set.values.unwrap()));
    for (number, (name, values)) in sets.chain(own_sets()).enumerate() {
        // Each has a name of its own, so that nothing of an earlier one helps.
        let manifests = rendered(&format!("state{number}"), &values);
        if values["hostNetwork"] == true {
            place.apply(&manifests);
            let pod = place.pod(manifests.one("Deployment"), 0);
            let refused = place.create(&pod).unwrap_err();
            assert!(refused.contains("host namespaces (hostNetwork=true)"), "{name}: {refused}");
            continue;
        }
        let outcome = place.run(&manifests).await;
        let unreadable: BTreeSet<String> = match values["rbac"]["useClusterRole"].as_bool() {
            Some(false) => global_collectors(),
            _ => BTreeSet::new(),
        };
        assert_eq!(outcome.unreadable, unreadable, "{name}");
        // However many processes there are, together they export each object once.
        let lines = outcome.expositions.iter().flat_map(|exposition| exposition.lines());
        let maps = lines.filter(|line| {
            line.starts_with("kube_configmap_info{namespace=\"team-") && line.contains(",configmap=\"map")
        });
        let exported = !outcome.expositions.is_empty()
            && ["collectors", "collectorsExclude"].iter().all(|key| values.get(key).is_none());
        assert_eq!(maps.count(), if exported { MAPS } else { 0 }, "{name}");
        if let Some(cluster) = values["configFile"]["config"]["external_labels"]["cluster"].as_str() {
            let label = format!("cluster=\"{cluster}\"");
            assert!(outcome.expositions.iter().all(|exposition| exposition.contains(&label)), "{name}");
        }
    }
}

/// Kinds without a namespace of those that the chart exports by default.
fn global_collectors() -> BTreeSet<String> {
    let values: Value =
        serde_saphyr::from_str(&fs::read_to_string(folder().join("values.yaml")).unwrap()).unwrap();
    let collectors = list(&values["collectors"]);
    let global = KINDS.iter().filter(|kind| !kind.names.namespaced).map(|kind| kind.names.plural);
    global.filter(|plural| collectors.contains(&json!(plural))).map(str::to_owned).collect()
}

/// The values that kube-state-metrics' chart was rendered with, and what came of them.
fn upstream_sets() -> Vec<Container> {
    let mut sets: Vec<Container> =
        serde_json::from_str(include_str!("../../it/deployments/sets.json")).unwrap();
    sets.retain(|set| set.values.is_some());
    sets
}

/// Values for the parts of the chart that those leave out.
fn own_sets() -> Vec<(String, Value)> {
    let under_upstream = fs::read_to_string(folder().with_file_name("kstate-under-upstream-chart.yaml"));
    let endpoint = json!({
        "interval": "30s", "scrapeTimeout": "20s", "honorLabels": true, "enableHttp2": true, "scheme": "http",
        "relabelings": [{ "action": "labeldrop", "regex": "(pod|service)" }],
        "metricRelabelings": [{ "action": "drop", "sourceLabels": ["__name__"], "regex": "x" }],
        "bearerTokenSecret": { "name": "token", "key": "token" },
        "tlsConfig": { "insecureSkipVerify": true },
    });
    let limits = json!({
        "sampleLimit": 5_000_000, "targetLimit": 3, "labelLimit": 60, "labelNameLengthLimit": 200,
        "labelValueLengthLimit": 2000,
    });
    let with = |mut values: Value, more: &Value| {
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        values
    };
    let monitor = json!({
        "enabled": true, "additionalLabels": { "release": "{{ .Release.Name }}" }, "annotations": { "a": "b" },
        "http": endpoint, "metrics": { "interval": "1m" }, "jobLabel": "app.kubernetes.io/name",
        "targetLabels": ["a"], "podTargetLabels": ["b"],
    });
    let scrapeconfig = json!({
        "enabled": true, "scheme": "https", "enableHttp2": true, "scrapeInterval": "30s", "scrapeTimeout": "20s",
        "staticConfigLabels": { "cluster": "a" }, "relabelings": [{ "action": "labeldrop", "regex": "x" }],
        "metricRelabelings": [{ "action": "labeldrop", "regex": "x" }], "proxyUrl": "http://proxy:3128",
        "tlsConfig": { "insecureSkipVerify": true },
    });
    let (monitor, scrapeconfig) = (with(monitor, &limits), with(scrapeconfig, &limits));
    let named = |name: &str, values| (name.to_owned(), values);
    vec![
        named("under upstream's chart", serde_saphyr::from_str(&under_upstream.unwrap()).unwrap()),
        named(
            "everything around it",
            json!({
                "prometheus": { "monitor": monitor }, "selfMonitor": { "enabled": true, "telemetryPort": 8082 },
                "networkPolicy": { "enabled": true }, "podDisruptionBudget": { "maxUnavailable": 1 },
                "verticalPodAutoscaler": {
                    "enabled": true, "controlledResources": ["memory"], "minAllowed": { "memory": "32Mi" },
                    "recommenders": [{ "name": "default" }], "updatePolicy": { "updateMode": "Initial" },
                },
                "service": {
                    "type": "NodePort", "port": 9100, "nodePort": 30100,
                    "ipDualStack": { "enabled": true, "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack" },
                },
                "startupProbe": { "enabled": true }, "updateStrategy": "Recreate", "hostUsers": false,
                "releaseLabel": true, "customLabels": { "team": "{{ .Release.Name }}" },
                "imagePullSecrets": [{ "name": "a" }], "global": { "imagePullSecrets": ["b"] },
                "affinity": "nodeAffinity: {}", "tolerations": [{ "operator": "Exists" }],
                "nodeSelector": { "kubernetes.io/os": "linux" }, "env": [{ "name": "RUST_LOG", "value": "info" }],
                "topologySpreadConstraints": [{
                    "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
                }],
                "dnsConfig": { "options": [{ "name": "ndots", "value": "1" }] },
                "volumes": [{ "name": "scratch", "emptyDir": {} }],
                "volumeMounts": [{ "name": "scratch", "mountPath": "/scratch" }],
                "extraManifests": [
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: '{{ .Release.Name }}', namespace: team-a}}",
                ],
            }),
        ),
        named(
            "resource metrics",
            json!({ "resourceMetricsApi": { "enabled": true }, "networkPolicy": { "enabled": true } }),
        ),
        named(
            "configuration file",
            json!({
                "configFile": {
                    "enabled": true,
                    "config": { "external_labels": { "cluster": "a" }, "gzip_cache_size": "16Mi" },
                },
                "collectorsExtra": ["endpoints", "roles", "serviceaccounts"],
                "kubeconfig": { "enabled": true, "secret": "e30=" },
                "prometheus": { "scrapeconfig": scrapeconfig },
            }),
        ),
        named(
            "replicas and roles",
            json!({
                "autosharding": { "enabled": true }, "replicas": 2, "prometheus": { "scrapeconfig": scrapeconfig },
                "rbac": { "useClusterRole": false }, "namespaces": ["team-a", "team-b"],
                "serviceAccount": { "name": "reader" },
            }),
        ),
    ]
}

/// The chart with values, as a release of this name.
pub(super) fn rendered(release: &str, values: &Value) -> Manifests {
    let arguments = ["--namespace", NAMESPACE, "--api-versions=autoscaling.k8s.io/v1"];
    let output = helm("template", release, values, &arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{values}: {errors}");
    Manifests::read(release, output.stdout)
}

/// Runs helm on the chart with values.
pub(super) fn helm(command: &str, release: &str, values: &Value, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("values.json");
    fs::write(&file, values.to_string()).unwrap();
    let mut line = Command::new(component("helm"));
    line.arg(command);
    if command != "lint" {
        line.arg(release);
    }
    line.arg(folder()).arg("--values").arg(file).args(arguments);
    for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        line.env(name, home.path());
    }
    line.output().unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/helm/kstate")
}
