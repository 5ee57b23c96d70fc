//! The image: written without a container engine, read by tools that have nothing to do with it,
//! unpacked, and run in place of kube-state-metrics'.

mod layout;
mod names;
mod registry;
mod sandbox;

use crate::{
    deploy::container::{Container, Listener},
    harness::{ADMIN, Cluster, Exporter, assert_promtool_is_silent, eventually, get, write_kubeconfig},
};
use kstate::simulator::{Options, Simulator};
use layout::{Image, Layout};
use names::NameServer;
use registry::Registry;
use sandbox::Sandbox;
use serde_json::json;
use std::{fs, path::Path, process::Command, sync::OnceLock, time::Duration};

/// How many bytes the image may have, as it is kept and once it is unpacked.
const LIMIT: u64 = 25_000_000;
/// How long a start may take.
const START: Duration = Duration::from_secs(30);
/// The name by which DNS knows the API server, as in every cluster.
const BY_DNS: &str = "kubernetes.default.svc";
/// Another, which only `/etc/hosts` knows, and the server's certificate.
const BY_HOSTS: &str = "kubernetes.default";
/// Where a kubeconfig is mounted.
const KUBECONFIG: &str = "/mounted/kubeconfig";

/// What the image consists of: kind and mode, owner, time and name.
const FILES: &str = "\
drwxr-xr-x 0/0 1970-01-01 00:00:00 etc
-rw-r--r-- 0/0 1970-01-01 00:00:00 etc/group
-rw-r--r-- 0/0 1970-01-01 00:00:00 etc/nsswitch.conf
-rw-r--r-- 0/0 1970-01-01 00:00:00 etc/passwd
drwxr-xr-x 0/0 1970-01-01 00:00:00 etc/ssl
drwxr-xr-x 0/0 1970-01-01 00:00:00 etc/ssl/certs
-rw-r--r-- 0/0 1970-01-01 00:00:00 etc/ssl/certs/ca-certificates.crt
-rwxr-xr-x 0/0 1970-01-01 00:00:00 kstate
lrwxrwxrwx 0/0 1970-01-01 00:00:00 kube-state-metrics -> kstate
";

#[test]
fn the_image_holds_what_it_says_and_is_small() {
    let (layout, image) = (built(), image());
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let named = &layout.top()["manifests"][0]["annotations"];
    assert_eq!(named["io.containerd.image.name"], format!("docker.io/library/kstate:{version}"));
    assert_eq!(named["org.opencontainers.image.ref.name"], version);
    assert_eq!(layout.platforms(), [format!("linux/{}", architecture())]);
    // What Docker reads where it keeps images without containerd.
    let docker = &layout.json("manifest.json")[0];
    assert_eq!(docker["RepoTags"], json!([format!("kstate:{version}")]));
    assert_eq!(layout.json(docker["Config"].as_str().unwrap()), image.config);
    let config = &image.config["config"];
    assert_eq!(config["User"], "65534:65534");
    assert_eq!(config["Entrypoint"], json!(["/kstate"]));
    assert_eq!(config["ExposedPorts"], json!({ "8080/tcp": {}, "8081/tcp": {} }));
    assert_eq!(config["Labels"]["org.opencontainers.image.version"], version);
    assert_eq!(config["Labels"]["org.opencontainers.image.licenses"], "Apache-2.0");

    let [layer] = &image.layers[..] else { panic!("{} layers", image.layers.len()) };
    assert_eq!(files(layer), FILES);
    let sandbox = Sandbox::unpack(image);
    assert!(sandbox.read("/etc/passwd").contains("\nnobody:x:65534:65534:"));
    assert!(sandbox.read("/etc/group").contains("\nnobody:x:65534:"));
    for size in [layout.size(), layer.len() as u64] {
        println!("{size} bytes");
        assert!((1_000_000..=LIMIT).contains(&size), "{size}");
    }
}

#[test]
fn the_same_input_gives_the_same_image_and_wrong_input_none() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    fs::write(&program, program_of_image()).unwrap();
    let again = Layout::write(&folder.path().join("again"), &[(architecture(), &program)]).unwrap();
    assert_eq!(again.top(), built().top());

    let refusal = |platform, path: &Path| {
        Layout::write(&folder.path().join("refused"), &[(platform, path)]).err().unwrap()
    };
    let dynamic = refusal(architecture(), Path::new(env!("CARGO_BIN_EXE_kstate")));
    assert!(dynamic.contains("needs a dynamic linker"), "{dynamic}");
    let other = if architecture() == "amd64" { "arm64" } else { "amd64" };
    let foreign = refusal(other, &program);
    assert!(foreign.contains(&format!("is no program for {other}")), "{foreign}");
    let elsewhere = Layout::write(Path::new(env!("CARGO_MANIFEST_DIR")), &[(architecture(), &program)]);
    assert!(elsewhere.err().unwrap().contains("holds something else"));
}

/// The second platform's program is ours with another machine's number: it is only carried about.
#[tokio::test(flavor = "multi_thread")]
async fn a_registry_takes_an_image_for_two_platforms() {
    let folder = tempfile::tempdir().unwrap();
    let (x86_64, aarch64) = (folder.path().join("x86_64"), folder.path().join("aarch64"));
    for (file, machine) in [(&x86_64, 62), (&aarch64, 183)] {
        let mut program = program_of_image();
        program[18] = machine;
        fs::write(file, program).unwrap();
    }
    let layout =
        Layout::write(&folder.path().join("layout"), &[("arm64", &aarch64), ("amd64", &x86_64)]).unwrap();
    assert_eq!(layout.platforms(), ["linux/amd64", "linux/arm64"]);

    let registry = Registry::start().await;
    registry.push(&layout.folder);
    for (platform, machine) in [("linux/amd64", 62), ("linux/arm64", 183)] {
        let ours = layout.image(platform.strip_prefix("linux/").unwrap());
        let [layer] = &ours.layers[..] else { panic!("{} layers", ours.layers.len()) };
        assert_eq!(registry.config(platform), ours.config);
        let exported = registry.export(platform);
        assert_eq!(files(&exported), files(layer));
        assert_eq!(content(&exported, "kstate")[18], machine);
    }
}

/// A kubeconfig inside names the server by a name that DNS knows or `/etc/hosts`, and the server's
/// certificate is in it or among the public roots.
#[tokio::test(flavor = "multi_thread")]
async fn servers_are_found_by_their_names_and_known_by_the_roots() {
    let cluster = Cluster::start(&[]).await;
    cluster.kubectl(&["create", "namespace", "found"]);
    let _names = NameServer::start("kubernetes.default.svc.cluster.local");
    let sandbox = in_a_pod();
    let authority = fs::read(cluster.folder().join("certificates/apiserver.crt")).unwrap();
    let start = |host: &str, authority: Option<&str>| {
        let server = format!("https://{host}:{}", cluster.port());
        write_kubeconfig(&sandbox.place(KUBECONFIG), &server, authority.map(Path::new), ADMIN);
        Exporter::start_by(sandbox.entry_point(&[]), KUBECONFIG, &["--resources=namespaces"])
    };

    sandbox.mount("/mounted/authority.crt", &authority);
    for host in [BY_DNS, BY_HOSTS] {
        let mut exporter = start(host, Some("/mounted/authority.crt"));
        exporter.wait_until_ready(START).await;
        assert!(exporter.scrape().await.contains("kube_namespace_created{namespace=\"found\""));
        exporter.stop();
    }

    let exporter = start(BY_DNS, None);
    eventually("the stranger's certificate in the log", START, async || {
        let log = exporter.log().join("\n");
        if log.contains("UnknownIssuer") { Ok(()) } else { Err(log) }
    })
    .await;
    exporter.stop();
    let roots = sandbox.read("/etc/ssl/certs/ca-certificates.crt");
    sandbox.mount("/etc/ssl/certs/ca-certificates.crt", &[roots.as_bytes(), &authority].concat());
    let mut exporter = start(BY_DNS, None);
    exporter.wait_until_ready(START).await;
    exporter.stop();

    let exporter = start("nowhere.test", None);
    eventually("the unknown name in the log", START, async || {
        let log = exporter.log().join("\n");
        if log.contains("Name or service not known") { Ok(()) } else { Err(log) }
    })
    .await;
    exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_with_what_charts_and_manifests_pass() {
    let sets: Vec<Container> = serde_json::from_str(include_str!("../it/deployments/sets.json")).unwrap();
    assert_eq!(sets.len(), 16);
    let options = Options { nodes: 2, pods_per_node: 10, updates_per_second: 0.0, ..Options::default() };
    let simulator = Simulator::start(([127, 0, 0, 1], 0).into(), options).await.unwrap();
    let name = "kube-state-metrics";
    let replicas = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": name, "namespace": "monitoring", "uid": "1" },
        "spec": { "replicas": 2, "serviceName": name },
    });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("{name}-1"), "namespace": "monitoring",
            "ownerReferences": [
                { "apiVersion": "apps/v1", "kind": "StatefulSet", "name": name, "uid": "1", "controller": true },
            ],
        },
        "spec": { "containers": [{ "name": name, "image": name }] },
    });
    simulator.apply("statefulsets", replicas).unwrap();
    simulator.apply("pods", pod).unwrap();

    let _names = NameServer::start("kubernetes.default.svc.cluster.local");
    let sandbox = in_a_pod();
    let server = format!("http://{BY_DNS}:{}", simulator.address().port());
    write_kubeconfig(&sandbox.place(KUBECONFIG), &server, None, ADMIN);
    for set in &sets {
        check(set, &sandbox).await;
    }
}

async fn check(set: &Container, sandbox: &Sandbox) {
    let environment =
        &[("POD_NAME", "kube-state-metrics-1"), ("POD_NAMESPACE", "monitoring"), ("NODE_NAME", "node-0001")];
    let arguments = set.arguments(&sandbox.place("/mounted"), environment);
    let config = Container::config(&arguments);
    let arguments: Vec<String> = arguments.iter().map(|argument| sandbox.inside(argument)).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut exporter = Exporter::start_by(sandbox.entry_point(environment), KUBECONFIG, &arguments);
    exporter.wait_until_ready(START).await;

    for probe in &set.probes {
        let url = match set.listener(probe, &config) {
            Listener::Main => exporter.url(&probe.path),
            Listener::Telemetry => exporter.telemetry_url(&probe.path),
        };
        assert_eq!(get(&url, &[]).await.unwrap().status, 200, "{} of {}", probe.kind, set.name);
    }
    if config.auth_filter {
        assert_eq!(get(&exporter.url("/metrics"), &[]).await.unwrap().status, 401, "{}", set.name);
    } else {
        let exposition = exporter.scrape().await;
        assert!(exposition.contains("# HELP "), "{}: {exposition}", set.name);
        assert_promtool_is_silent(&exposition);
        let own = get(&exporter.telemetry_url("/metrics"), &[]).await.unwrap().text();
        assert!(own.contains("process_resident_memory_bytes "), "{}: {own}", set.name);
    }
    exporter.stop();
}

#[test]
fn commands_run_by_both_names() {
    let sandbox = Sandbox::unpack(image());
    let said = |command: &[&str]| {
        let output = sandbox.run(command);
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["/kstate", "--version"]), concat!("kstate ", env!("CARGO_PKG_VERSION"), "\n"));
    assert!(said(&["/kube-state-metrics", "--help"]).contains("--telemetry-port"));
    // Found by `PATH`, as `kubectl exec` finds it.
    assert!(said(&["kstate", "metrics"]).contains("kube_pod_info"));
    let shell = sandbox.run(&["/bin/sh", "-c", "true"]);
    assert!(!shell.status.success());
}

/// The image, built once for all tests.
fn built() -> &'static Layout {
    static BUILT: OnceLock<Layout> = OnceLock::new();
    BUILT.get_or_init(|| Layout::build(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("image")))
}

fn image() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(|| built().image(architecture()))
}

fn program_of_image() -> Vec<u8> {
    content(&image().layers[0], "kstate")
}

/// The image with what Kubernetes mounts into every pod.
fn in_a_pod() -> Sandbox {
    let sandbox = Sandbox::unpack(image());
    sandbox.mount("/etc/hosts", format!("127.0.0.1 localhost\n127.0.0.1 {BY_HOSTS}\n").as_bytes());
    let resolver = format!(
        "search monitoring.svc.cluster.local svc.cluster.local cluster.local\nnameserver {}\noptions ndots:5\n",
        names::ADDRESS
    );
    sandbox.mount("/etc/resolv.conf", resolver.as_bytes());
    sandbox.mount(KUBECONFIG, b"");
    sandbox
}

/// What images call this machine.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => panic!("there is no image for {other}"),
    }
}

/// The files of a tar archive, as in `FILES`.
fn files(archive: &[u8]) -> String {
    let listed = tar(archive, &["--list", "--verbose", "--numeric-owner", "--full-time", "--utc"]);
    let mut files = String::new();
    for line in String::from_utf8(listed).unwrap().lines() {
        // The third column is the size.
        let words: Vec<&str> = line.trim_end_matches('/').split_whitespace().collect();
        files.push_str(&[&words[..2], &words[3..]].concat().join(" "));
        files.push('\n');
    }
    files
}

/// What a file of a tar archive holds.
fn content(archive: &[u8], name: &str) -> Vec<u8> {
    tar(archive, &["--extract", "--to-stdout", name])
}

fn tar(archive: &[u8], arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("archive.tar");
    fs::write(&file, archive).unwrap();
    let output = Command::new("tar").args(arguments).arg("--file").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
