//! The exporter while its API server misbehaves. The simulator stands in for the server here;
//! `tests/cluster` does the same with a real one.

use crate::process::{Server, eventually, get};
use kstate::simulator::{Answer, Compaction, Options, Simulator, StreamingLists};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A simulated cluster in this process and an exporter beside it.
struct Scene {
    runtime: Runtime,
    simulator: Option<Simulator>,
    exporter: Server,
    main: u16,
    telemetry: u16,
    _kubeconfig: TempDir,
}

impl Scene {
    /// Starts both, with whatever goes wrong from the start.
    fn start(prepare: impl FnOnce(&Simulator), flags: &[&str]) -> Self {
        let runtime = Runtime::new().unwrap();
        let options = Options { nodes: 4, pods_per_node: 10, updates_per_second: 0.0, ..Options::default() };
        let simulator = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options)).unwrap();
        prepare(&simulator);
        let kubeconfig = tempfile::tempdir().unwrap();
        let file = kubeconfig.path().join("config");
        std::fs::write(&file, simulator.kubeconfig()).unwrap();
        let arguments =
            ["--kubeconfig", file.to_str().unwrap(), "--port=0", "--telemetry-port=0", "--host=127.0.0.1"];
        let exporter = Server::start(&[&arguments[..], flags].concat());
        let (main, telemetry) = exporter.ports();
        Self { runtime, simulator: Some(simulator), exporter, main, telemetry, _kubeconfig: kubeconfig }
    }

    fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().unwrap()
    }

    fn ready(&self) {
        eventually("readiness", || (get(self.telemetry, "/readyz").status == 200).then_some(()));
    }

    /// The names of all objects of a kind, by its info or created family.
    fn names(&self, family: &str, label: &str) -> BTreeSet<String> {
        let answer = get(self.main, "/metrics");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (beginning, label) = (format!("{family}{{"), format!("{label}=\""));
        let lines = answer.text().lines().filter(|line| line.starts_with(&beginning));
        let name = |line: &str| line.split(&label).nth(1).unwrap().split('"').next().unwrap().to_owned();
        lines.map(name).collect()
    }

    fn nodes(&self) -> BTreeSet<String> {
        self.names("kube_node_info", "node")
    }

    fn add_node(&self, name: &str) {
        let node = json!({"metadata": {"name": name}, "spec": {}, "status": {}});
        self.simulator().apply("nodes", node).unwrap();
    }

    fn self_metric(&self, line: &str) -> bool {
        get(self.telemetry, "/metrics").text().lines().any(|l| l == line)
    }

    /// Waits until exactly these nodes are shown.
    fn settles(&self, wanted: &BTreeSet<String>) {
        eventually("the nodes as they are", || (self.nodes() == *wanted).then_some(()));
    }

    /// Runs something while another thread scrapes all the time, and makes sure that no scrape lacks
    /// a node that was there before.
    fn never_fewer(&self, run: impl FnOnce()) {
        let before = self.nodes();
        let (main, stop) = (self.main, Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let scraper = thread::spawn(move || {
            let mut scrapes = 0;
            while !stopped.load(Ordering::Relaxed) {
                let answer = get(main, "/metrics?resources=nodes");
                assert_eq!(answer.status, 200);
                for node in &before {
                    assert!(
                        answer.text().contains(&format!("kube_node_info{{node=\"{node}\"")),
                        "{node} is missing"
                    );
                }
                scrapes += 1;
            }
            scrapes
        });
        run();
        stop.store(true, Ordering::Relaxed);
        assert!(scraper.join().unwrap() > 0);
    }
}

fn with(nodes: &BTreeSet<String>, more: &[&str]) -> BTreeSet<String> {
    nodes.iter().cloned().chain(more.iter().map(|name| (*name).to_owned())).collect()
}

#[test]
fn changes_arrive() {
    let scene = Scene::start(|_| {}, &[]);
    scene.ready();
    let nodes = scene.nodes();
    assert_eq!(nodes.len(), 4);
    scene.add_node("late");
    scene.settles(&with(&nodes, &["late"]));
    assert!(scene.simulator().delete("nodes", "", "late"));
    scene.settles(&nodes);
}

#[test]
fn broken_connections_resume() {
    let scene = Scene::start(|_| {}, &[]);
    scene.ready();
    let nodes = scene.nodes();
    scene.never_fewer(|| {
        for round in 0..3 {
            scene.simulator().faults().kill_connections();
            scene.add_node(&format!("after-{round}"));
            eventually("the new node", || scene.nodes().contains(&format!("after-{round}")).then_some(()));
        }
    });
    scene.settles(&with(&nodes, &["after-0", "after-1", "after-2"]));
    assert!(
        scene.self_metric("kstate_resource_relists_total{resource=\"nodes\"} 0"),
        "resuming is no relist"
    );
}

#[test]
fn a_lost_history_is_read_again_without_a_gap() {
    for compaction in [Compaction::Status, Compaction::Event] {
        let scene = Scene::start(|_| {}, &[]);
        scene.ready();
        let nodes = scene.nodes();
        scene.never_fewer(|| {
            scene.simulator().faults().expire("nodes", compaction);
            scene.simulator().faults().kill_connections();
            scene.add_node("after");
            scene.settles(&with(&nodes, &["after"]));
        });
        eventually("a relist", || {
            scene.self_metric("kstate_resource_relists_total{resource=\"nodes\"} 1").then_some(())
        });
    }
}

#[test]
fn pages_are_read_where_streaming_lists_are_refused() {
    let scene = Scene::start(|s| s.faults().streaming_lists(StreamingLists::Refused(422)), &[]);
    scene.ready();
    let nodes = scene.nodes();
    assert_eq!(nodes.len(), 4);
    scene.add_node("late");
    scene.settles(&with(&nodes, &["late"]));
    assert!(
        scene.simulator().faults().requests().iter().any(|r| r.contains("/nodes") && r.contains("limit=500"))
    );
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let busy = |s: &Simulator| s.faults().answer("nodes", Answer::status(429).retry_after(1).times(2));
    let scene = Scene::start(busy, &[]);
    scene.ready();
    assert_eq!(scene.nodes().len(), 4);
    let errors = "kube_state_metrics_list_total{result=\"error\",resource=\"*v1.Node\"} 2";
    assert!(scene.self_metric(errors), "{}", get(scene.telemetry, "/metrics").text());
}

#[test]
fn a_forbidden_kind_is_named_and_the_rest_is_served() {
    let scene = Scene::start(|s| s.faults().answer("nodes", Answer::status(403)), &[]);
    scene.ready();
    assert!(scene.nodes().is_empty());
    assert_eq!(scene.names("kube_pod_info", "uid").len(), 40);
    assert!(scene.self_metric("kstate_resource_state{resource=\"nodes\",state=\"forbidden\"} 1"));
    assert!(scene.self_metric("kstate_resource_complete{resource=\"nodes\"} 0"));
    let log = scene.exporter.log();
    assert!(log.lines().any(|line| line.contains("nodes") && line.contains("WARN")), "{log}");
}

#[test]
fn a_kind_that_fails_holds_up_the_rest_no_longer_than_it_may() {
    let failing = |s: &Simulator| s.faults().answer("nodes", Answer::status(500));
    let scene = Scene::start(failing, &["--initial-read-timeout=1s"]);
    let early = get(scene.main, "/metrics");
    assert_eq!(early.status, 503);
    assert_eq!(early.text().lines().count(), 1);
    assert!(early.text().contains("nodes"), "{}", early.text());
    scene.ready();
    assert!(scene.nodes().is_empty());
    assert_eq!(scene.names("kube_pod_info", "uid").len(), 40);
    scene.simulator().faults().clear();
    eventually("all nodes at once", || {
        let nodes = scene.nodes().len();
        assert!(nodes == 0 || nodes == 4, "{nodes} nodes are half of a kind");
        (nodes == 4).then_some(())
    });
}

#[test]
fn an_outage_changes_nothing() {
    let mut scene = Scene::start(|_| {}, &[]);
    scene.ready();
    let nodes = scene.nodes();
    let simulator = scene.simulator.take().unwrap();
    let address = simulator.address();
    scene.runtime.block_on(simulator.shutdown());
    for _ in 0..20 {
        assert_eq!(scene.nodes(), nodes);
        assert_eq!(get(scene.main, "/livez").status, 200);
        assert_eq!(get(scene.telemetry, "/readyz").status, 200);
        thread::sleep(std::time::Duration::from_millis(50));
    }
    // It comes back without its history.
    let options = Options { nodes: 0, updates_per_second: 0.0, ..Options::default() };
    scene.simulator = Some(scene.runtime.block_on(Simulator::start(address, options)).unwrap());
    for _ in 0..2000 {
        // Beyond the version that the exporter knows.
        scene.add_node("only");
    }
    scene.simulator().faults().expire("nodes", Compaction::Status);
    scene.settles(&with(&BTreeSet::new(), &["only"]));
}

#[test]
fn a_malformed_object_is_skipped_and_counted() {
    let scene = Scene::start(
        |s| {
            let node = json!({"metadata": {"name": "odd"}, "spec": {}, "status": {}});
            s.apply("nodes", node).unwrap();
            assert!(s.faults().corrupt("nodes", "", "odd"));
        },
        &[],
    );
    scene.ready();
    assert_eq!(scene.nodes().len(), 4);
    assert!(scene.self_metric("kstate_resource_decode_errors_total{resource=\"nodes\"} 1"));
}

#[test]
fn namespaces_are_read_one_by_one() {
    let scene = Scene::start(
        |s| {
            for namespace in ["a", "b", "c"] {
                let service =
                    json!({"metadata": {"name": "s", "namespace": namespace}, "spec": {}, "status": {}});
                s.apply("services", service).unwrap();
            }
        },
        &["--namespaces=a,b", "--namespaces=nowhere"],
    );
    scene.ready();
    assert_eq!(scene.names("kube_service_info", "namespace"), ["a", "b"].map(str::to_owned).into());
    assert_eq!(scene.nodes().len(), 4, "nodes belong to no namespace");
}

#[test]
fn a_server_that_is_away_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let runtime = Runtime::new().unwrap();
    let options = || Options { nodes: 1, pods_per_node: 1, updates_per_second: 0.0, ..Options::default() };
    let simulator = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options())).unwrap();
    std::fs::write(&file, simulator.kubeconfig()).unwrap();
    let address = simulator.address();
    runtime.block_on(simulator.shutdown());
    let exporter = Server::start(&[
        "--kubeconfig",
        file.to_str().unwrap(),
        "--port=0",
        "--telemetry-port=0",
        "--host=127.0.0.1",
    ]);
    let (main, telemetry) = exporter.ports();
    let waiting = get(main, "/metrics");
    assert_eq!((waiting.status, waiting.text().lines().count()), (503, 1), "{}", waiting.text());
    eventually("a line of the log", || exporter.log().contains("WARN").then_some(()));
    let _simulator = runtime.block_on(Simulator::start(address, options())).unwrap();
    eventually("readiness", || (get(telemetry, "/readyz").status == 200).then_some(()));
}
