//! The resource metrics API behind the API server's aggregation layer: what `kubectl top` prints and
//! what a `HorizontalPodAutoscaler` makes of it, with kubelets and a controller manager that are real
//! programs.

use crate::harness::{Account, Cluster, EXPORTER, Exporter, Process, component, eventually, free_port};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

/// A cluster whose API server passes requests on, with kubelets, the exporter, and what the test needs of
/// its objects.
struct World {
    cluster: Cluster,
    exporter: Exporter,
    _kwok: Process,
    _certificates: TempDir,
}

impl World {
    async fn start() -> Self {
        let certificates = tempfile::tempdir().unwrap();
        let folder = certificates.path();
        certify(folder);
        let file = |name: &str| folder.join(name).display().to_string();
        let flags = [
            format!("--requestheader-client-ca-file={}", file("front-authority.crt")),
            "--requestheader-allowed-names=front".to_owned(),
            "--requestheader-username-headers=X-Remote-User".to_owned(),
            "--requestheader-uid-headers=X-Remote-Uid".to_owned(),
            "--requestheader-group-headers=X-Remote-Group".to_owned(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
            format!("--proxy-client-cert-file={}", file("front.crt")),
            format!("--proxy-client-key-file={}", file("front.key")),
        ];
        let cluster = Cluster::start(&flags.each_ref().map(String::as_str)).await;
        let port = free_port();
        let kwok = start_kwok(&cluster, folder, port);
        for (node, zone) in [("node-1", "a"), ("node-2", "b")] {
            create(&cluster, &node_object(node, zone));
        }
        create(&cluster, &pod("default", "web", "node-1", "250m", "64Mi", &["main", "sidecar"]));
        create(&cluster, &pod("default", "cache", "node-2", "100m", "1Gi", &["main"]));
        cluster.kubectl(&["create", "namespace", "shop"]);
        create(&cluster, &pod("shop", "till", "node-2", "1500m", "128Mi", &["main"]));

        let secure_port = free_port();
        let exporter = Exporter::start(&permitted(&cluster), &arguments(secure_port));
        for version in ["v1", "v1beta1"] {
            create(&cluster, &api_service(version, secure_port));
        }
        create(
            &cluster,
            &json!({
                "apiVersion": "v1", "kind": "Service",
                "metadata": { "name": "metrics", "namespace": "default" },
                "spec": { "type": "ExternalName", "externalName": "localhost" },
            }),
        );
        let world = Self { cluster, exporter, _kwok: kwok, _certificates: certificates };
        for version in ["v1", "v1beta1"] {
            let wait = ["wait", "--for=condition=Available", "--timeout=60s"];
            world.cluster.kubectl(&[&wait[..], &[&format!("apiservice/{version}.metrics.k8s.io")]].concat());
        }
        world
    }

    /// Lines that kubectl prints, words apart, once there are as many.
    async fn lines(&self, arguments: &[&str], number: usize) -> Vec<String> {
        eventually(&arguments.join(" "), LIMIT, async || {
            let (printed, errors) = kubectl(&self.cluster.kubeconfig(), arguments);
            let lines: Vec<String> =
                printed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            if lines.len() == number { Ok(lines) } else { Err(format!("{printed}{errors}")) }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_top_prints_what_kubelets_tell() {
    let world = World::start().await;
    // A rate is one of real time, in which the kubelets count: it is near to what they were told.
    let near = |line: &str, name: &str, cpu: u64, memory: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let at = words.iter().position(|word| *word == name).unwrap_or_else(|| panic!("{name}: {line}"));
        let millis: u64 = words[at + 1].strip_suffix('m').unwrap().parse().unwrap();
        assert!(millis.abs_diff(cpu) <= cpu / 10 + 2, "{name}: {line}, {cpu}m");
        assert!(words[at + 1..].contains(&memory), "{name}: {line}, {memory}");
    };
    let containers = world.lines(&["top", "pods", "-A", "--containers"], 5).await;
    assert_eq!(containers[0], "NAMESPACE POD NAME CPU(cores) MEMORY(bytes)");
    for (line, (beginning, name, cpu, memory)) in containers[1..].iter().zip([
        ("default cache main ", "main", 100, "1024Mi"),
        ("default web main ", "main", 250, "64Mi"),
        ("default web sidecar ", "sidecar", 250, "64Mi"),
        ("shop till main ", "main", 1500, "128Mi"),
    ]) {
        assert!(line.starts_with(beginning), "{containers:?}");
        near(line, name, cpu, memory);
    }
    let nodes = world.lines(&["top", "nodes"], 3).await;
    assert_eq!(nodes[0], "NAME CPU(cores) CPU(%) MEMORY(bytes) MEMORY(%)");
    near(&nodes[1], "node-1", 500, "128Mi");
    near(&nodes[2], "node-2", 1600, "1152Mi");
    assert!(nodes[2].ends_with(" 14%"), "of the 8Gi that the node has: {nodes:?}");

    let web = world.lines(&["top", "pods", "-l", "app in (web, none)", "--no-headers"], 1).await;
    near(&web[0], "web", 500, "128Mi");
    let till = world.lines(&["top", "pod", "till", "-n", "shop", "--no-headers"], 1).await;
    near(&till[0], "till", 1500, "128Mi");
    let sum = world.lines(&["top", "pods", "-n", "default", "--sum", "--no-headers"], 4).await;
    assert!(sum[3].ends_with("1152Mi"), "{sum:?}");
    near(
        &world.lines(&["top", "node", "-l", "zone=b", "--no-headers"], 1).await[0],
        "node-2",
        1600,
        "1152Mi",
    );

    for kind in ["nodes.metrics.k8s.io", "nodes.v1.metrics.k8s.io", "nodes.v1beta1.metrics.k8s.io"] {
        let table = world.lines(&["get", kind], 3).await;
        assert_eq!(table[0], "NAME CPU MEMORY WINDOW", "{kind}");
        assert!(table[1].starts_with("node-1 ") && table[1].contains(" 128Mi "), "{kind}: {table:?}");
    }
    let table = world.lines(&["get", "pods.metrics.k8s.io", "-A", "-l", "app=web"], 2).await;
    assert_eq!(table[0], "NAMESPACE NAME CPU MEMORY WINDOW");
    let names = world.lines(&["get", "pods.metrics.k8s.io", "-A", "-o", "name"], 3).await;
    assert!(names.iter().all(|name| name.starts_with("podmetrics.metrics.k8s.io/")), "{names:?}");

    let one =
        world.cluster.kubectl(&["get", "--raw", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/web"]);
    let one: Value = serde_json::from_slice(&one).unwrap();
    assert_eq!((&one["kind"], &one["metadata"]["labels"]["app"]), (&json!("PodMetrics"), &json!("web")));
    assert_eq!(one["containers"].as_array().unwrap().len(), 2);
    assert_eq!(one["containers"][0]["usage"]["memory"], "64Mi");
    let (_, missing) = kubectl(&world.cluster.kubeconfig(), &["top", "pod", "none"]);
    assert!(missing.contains("NotFound") && missing.contains("pods \"none\" not found"), "{missing}");
    world.exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_says_who_may_read() {
    let world = World::start().await;
    let reader = world.cluster.kubeconfig_through(world.cluster.port(), EXPORTER);
    let (_, errors) = kubectl(&reader, &["top", "nodes"]);
    assert!(errors.contains("User \"exporter\" cannot list resource \"nodes\""), "{errors}");
    // Without the API server in front, by a token of one's own.
    let direct = |path: &str, token: &str| {
        let output = Command::new(component("kubectl"))
            .args([
                "--kubeconfig=/dev/null",
                "--insecure-skip-tls-verify",
                "--token",
                token,
                "get",
                "--raw",
                path,
            ])
            .arg(format!("--server=https://127.0.0.1:{}", secure_port(&world.exporter)))
            .output()
            .unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let nodes = "/apis/metrics.k8s.io/v1/nodes";
    let answer = direct(nodes, EXPORTER.token);
    assert!(
        answer.contains("nodes.metrics.k8s.io is forbidden: User \"exporter\" cannot list resource"),
        "{answer}"
    );
    assert!(direct(nodes, "admin-token").contains("\"kind\":\"NodeMetricsList\""));
    assert!(direct(nodes, "made-up").contains("Unauthorized"));
    assert_eq!(direct("/livez", "made-up").trim(), "OK");

    world.cluster.kubectl(&[
        "create",
        "clusterrole",
        "reads-nodes",
        "--verb=get,list",
        "--resource=nodes.metrics.k8s.io",
    ]);
    world.cluster.kubectl(&[
        "create",
        "clusterrolebinding",
        "reads-nodes",
        "--clusterrole=reads-nodes",
        "--user=exporter",
    ]);
    eventually("leave to read", LIMIT, async || {
        let (printed, errors) = kubectl(&reader, &["get", "nodes.metrics.k8s.io"]);
        if printed.contains("node-1") { Ok(()) } else { Err(errors) }
    })
    .await;
    let (_, errors) = kubectl(&reader, &["get", "pods.metrics.k8s.io", "-n", "shop"]);
    assert!(
        errors.contains(
            "cannot list resource \"pods\" in API group \"metrics.k8s.io\" in the namespace \"shop\""
        ),
        "{errors}"
    );
    world.exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_autoscaler_scales_a_deployment_up() {
    let world = World::start().await;
    let controllers =
        "--controllers=deployment-controller,replicaset-controller,horizontal-pod-autoscaler-controller";
    let mut command = Command::new(component("kube-controller-manager"));
    command
        .arg(format!("--kubeconfig={}", world.cluster.kubeconfig().display()))
        .args([controllers, "--leader-elect=false", "--secure-port=0"])
        .args([
            "--horizontal-pod-autoscaler-sync-period=2s",
            "--horizontal-pod-autoscaler-cpu-initialization-period=1s",
        ])
        .arg("--horizontal-pod-autoscaler-initial-readiness-delay=1s");
    let _controllers = Process::start("kube-controller-manager", world.cluster.folder(), &mut command);
    let template = pod("", "", "node-1", "900m", "64Mi", &["main"]);
    create(
        &world.cluster,
        &json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "busy", "namespace": "default" },
            "spec": {
                "replicas": 1,
                "selector": { "matchLabels": { "app": "busy" } },
                "template": {
                    "metadata": { "labels": { "app": "busy" }, "annotations": template["metadata"]["annotations"] },
                    "spec": template["spec"],
                },
            },
        }),
    );
    // Each pod uses 900m of the 500m that it asks for, whatever their number: 180 of 60 per cent.
    create(
        &world.cluster,
        &json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": { "name": "busy", "namespace": "default" },
            "spec": {
                "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "busy" },
                "minReplicas": 1, "maxReplicas": 3,
                "metrics": [{
                    "type": "Resource",
                    "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 60 } },
                }],
            },
        }),
    );
    let read = |path: &str| {
        let text = world.cluster.kubectl(&["get", "--raw", path]);
        serde_json::from_slice::<Value>(&text).unwrap()
    };
    eventually("three replicas", LIMIT, async || {
        let deployment = read("/apis/apps/v1/namespaces/default/deployments/busy");
        let autoscaler = read("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/busy");
        if deployment["spec"]["replicas"] == 3 { Ok(()) } else { Err(autoscaler["status"].to_string()) }
    })
    .await;
    eventually("what the autoscaler sees", LIMIT, async || {
        let autoscaler = read("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/busy");
        let used =
            autoscaler["status"]["currentMetrics"][0]["resource"]["current"]["averageUtilization"].as_u64();
        if used.is_some_and(|used| used.abs_diff(180) <= 20) {
            Ok(())
        } else {
            Err(autoscaler["status"].to_string())
        }
    })
    .await;
    world.exporter.stop();
}

/// What the command line of kubectl leads to: its output and its errors.
fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> (String, String) {
    let cache = kubeconfig.with_extension("cache");
    let output = Command::new(component("kubectl"))
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .arg("--cache-dir")
        .arg(cache)
        .args(arguments)
        .output()
        .unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Makes what vouches for the API server as a client, and a certificate of kubelets.
fn certify(folder: &Path) {
    let named = |name: &str| {
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        (parameters, KeyPair::generate().unwrap())
    };
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let (mut authority, key) = named("front-authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    write("front-authority.crt", &authority.self_signed(&key).unwrap().pem());
    let issuer = Issuer::new(authority, key);
    let (mut front, key) = named("front");
    front.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    write("front.crt", &front.signed_by(&key, &issuer).unwrap().pem());
    write("front.key", &key.serialize_pem());
    let (kubelet, key) = named("kubelet");
    write("kubelet.crt", &kubelet.self_signed(&key).unwrap().pem());
    write("kubelet.key", &key.serialize_pem());
}

fn start_kwok(cluster: &Cluster, certificates: &Path, port: u16) -> Process {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/metricsapi/kwok.yaml");
    let mut command = Command::new(component("kwok"));
    command
        .arg(format!("--kubeconfig={}", cluster.kubeconfig().display()))
        .arg(format!("--config={}", config.display()))
        .args(["--manage-all-nodes", "--node-ip=127.0.0.1"])
        .arg(format!("--node-port={port}"))
        .arg(format!("--server-address=127.0.0.1:{port}"))
        .arg(format!("--tls-cert-file={}", certificates.join("kubelet.crt").display()))
        .arg(format!("--tls-private-key-file={}", certificates.join("kubelet.key").display()));
    Process::start("kwok", cluster.folder(), &mut command)
}

/// Gives an account what `kstate rbac` prints, and returns its kubeconfig.
fn permitted(cluster: &Cluster) -> PathBuf {
    let printed = Command::new(env!("CARGO_BIN_EXE_kstate"))
        .args([
            "rbac",
            "--service-account=default/metrics",
            "--resources=pods,nodes",
            "--resource-metrics-api",
        ])
        .output()
        .unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let file = cluster.folder().join("rbac.yaml");
    fs::write(&file, &printed.stdout).unwrap();
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
    cluster.kubectl(&["create", "serviceaccount", "metrics"]);
    let token = cluster.kubectl(&["create", "token", "metrics"]);
    // It lives as long as the test.
    let token: &str = String::from_utf8(token).unwrap().trim().to_owned().leak();
    cluster.kubeconfig_through(cluster.port(), Account { user: "metrics", token, group: "" })
}

fn arguments(secure_port: u16) -> Vec<&'static str> {
    let port: &str = format!("--secure-port={secure_port}").leak();
    vec![
        "--resources=pods,nodes",
        "--resource-metrics-api",
        "--bind-address=127.0.0.1",
        port,
        "--metric-resolution=2s",
        "--kubelet-request-timeout=1s",
        "--kubelet-insecure-tls",
        "--kubelet-use-node-status-port",
        "--kubelet-preferred-address-types=InternalIP",
    ]
}

/// Where the exporter says that it serves the API.
fn secure_port(exporter: &Exporter) -> u16 {
    let log = exporter.log().join("\n");
    let (_, rest) = log.split_once("The resource metrics API is served. address=127.0.0.1:").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn create(cluster: &Cluster, object: &Value) {
    let file = cluster.folder().join("object.json");
    fs::write(&file, object.to_string()).unwrap();
    cluster.kubectl(&["create", "-f", file.to_str().unwrap()]);
}

fn api_service(version: &str, port: u16) -> Value {
    json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": { "name": format!("{version}.metrics.k8s.io") },
        "spec": {
            "group": "metrics.k8s.io", "version": version,
            "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true,
            "service": { "namespace": "default", "name": "metrics", "port": port },
        },
    })
}

fn node_object(name: &str, zone: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "labels": { "zone": zone },
            "annotations": { "metrics.k8s.io/resource-metrics-path": format!("/metrics/nodes/{name}/metrics/resource") },
        },
        "status": {
            "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "100" },
            "capacity": { "cpu": "4", "memory": "8Gi", "pods": "100" },
        },
    })
}

fn pod(namespace: &str, name: &str, node: &str, cpu: &str, memory: &str, containers: &[&str]) -> Value {
    let requests = json!({ "cpu": "500m" });
    let container = |name: &&str| json!({ "name": name, "image": "example.com/main:1", "resources": { "requests": requests } });
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "namespace": namespace, "name": name,
            "labels": { "app": name },
            "annotations": { "uses.cpu": cpu, "uses.memory": memory },
        },
        "spec": { "nodeName": node, "containers": containers.iter().map(container).collect::<Vec<_>>() },
    })
}
