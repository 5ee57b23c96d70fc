//! What nodes and containers use, as kubelets tell it, those that misbehave included.

mod command;
mod direct;
mod memory;

use jiff::Timestamp;
use kstate::{
    kubelets::{Access, Observer, Outcome, Round, Settings, scrape},
    simulator::{KubeletFault, Options, Simulator},
    usage::{Terms, Usage},
    watch::{Clients, Tuning},
};
use parking_lot::Mutex;
use serde_json::json;
use std::{collections::HashMap, fmt::Write as _, sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// How long a test waits for what should happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Kubelets of a simulated cluster that are asked, and what is known of them.
struct Scene {
    simulator: Arc<Simulator>,
    usage: Arc<Usage>,
    told: Arc<Told>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Told {
    outcomes: Mutex<HashMap<&'static str, usize>>,
    rounds: Mutex<Vec<Round>>,
}

impl Observer for Told {
    fn asked(&self, outcome: Outcome, _: Duration) {
        *self.outcomes.lock().entry(outcome.name()).or_default() += 1;
    }

    fn finished(&self, round: Round) {
        self.rounds.lock().push(round);
    }
}

impl Told {
    fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.lock().get(outcome.name()).copied().unwrap_or_default()
    }
}

/// Asked through the API server, three times in a second.
fn settings() -> Settings {
    let terms = Terms { resolution: Duration::from_millis(300), depth: 60, span: Duration::from_mins(1) };
    let timeout = Duration::from_millis(200);
    Settings { terms, access: Access::Proxy, timeout, selector: None, node: None }
}

/// A cluster in which nothing changes by itself.
async fn cluster(nodes: usize) -> Arc<Simulator> {
    let options = Options { nodes, pods_per_node: 4, updates_per_second: 0.0, ..Options::default() };
    Arc::new(Simulator::start(([127, 0, 0, 1], 0).into(), options).await.unwrap())
}

async fn clients(simulator: &Simulator) -> Clients {
    let url = format!("http://{}", simulator.address());
    Clients::fixed(kube::Config::new(url.parse().unwrap())).await.unwrap()
}

impl Scene {
    async fn start(nodes: usize) -> Self {
        let simulator = cluster(nodes).await;
        let clients = clients(&simulator).await;
        Self::of(simulator, clients, settings())
    }

    fn of(simulator: Arc<Simulator>, clients: Clients, settings: Settings) -> Self {
        let (usage, told) = (Arc::new(Usage::new(settings.terms)), Arc::<Told>::default());
        let observer = Arc::clone(&told);
        let task = tokio::spawn(scrape(clients, Tuning::default(), settings, Arc::clone(&usage), observer));
        Self { simulator, usage, told, task }
    }

    /// The names of the nodes.
    fn nodes(&self) -> Vec<String> {
        (1..=self.simulator.count("nodes")).map(|node| format!("node-{node:04}")).collect()
    }

    /// Waits for something.
    async fn until<T>(&self, what: &str, mut happened: impl FnMut(&Self) -> Option<T>) -> T {
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(it) = happened(self) {
                return it;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what} has not happened; {:?}", self.told.outcomes.lock());
    }

    /// Waits until so many rounds more have begun and ended.
    async fn rounds(&self, more: usize) {
        let before = self.told.rounds.lock().len();
        self.until("a round", |it| (it.told.rounds.lock().len() > before + more).then_some(())).await;
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a kubelet says of its node and of the container `c` of the pod `p`: when, in seconds, when the
/// container was started, and the seconds of processor time of both.
fn said(at: f64, start: f64, node: f64, container: f64) -> KubeletFault {
    let labels = "{container=\"c\",namespace=\"ns\",pod=\"p\"}";
    let ms = at * 1e3;
    let mut text =
        format!("node_cpu_usage_seconds_total {node} {ms}\nnode_memory_working_set_bytes 4096 {ms}\n");
    writeln!(text, "container_cpu_usage_seconds_total{labels} {container} {ms}").unwrap();
    writeln!(text, "container_memory_working_set_bytes{labels} 8192 {ms}").unwrap();
    writeln!(text, "container_start_time_seconds{labels} {start}").unwrap();
    KubeletFault::Says(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_runs_is_measured() {
    let scene = Scene::start(3).await;
    scene.until("rates of all nodes", |it| (it.usage.count().0 == 3).then_some(())).await;
    let mut measured = 0;
    for node in scene.nodes() {
        let text = scene.simulator.kubelet(&node).unwrap();
        let memory = text.lines().filter_map(|line| line.strip_prefix("container_memory_working_set_bytes{"));
        for line in memory {
            let value = |name: &str| line.split(&format!("{name}=\"")).nth(1)?.split('"').next();
            let [container, namespace, pod] = ["container", "namespace", "pod"].map(|it| value(it).unwrap());
            let bytes: f64 = line.split("} ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            let usage = scene.usage.pod(&node, namespace, pod).unwrap();
            let (_, of) = usage.containers.iter().find(|(name, _)| **name == *container).unwrap();
            assert!((of.memory as f64 / bytes - 1.0).abs() < 0.2, "{} for {bytes}", of.memory);
            assert!((100_000..4_000_000_000).contains(&of.cpu), "{} nanocores", of.cpu);
            assert_eq!(of.swap, Some(0));
            measured += 1;
            let span = Duration::from_mins(1);
            let history =
                scene.usage.container_history(&node, namespace, pod, container, span, Timestamp::now());
            assert!(
                history.is_some_and(|it| it.cpu.minimum <= it.cpu.p50 && it.memory.p50 <= it.memory.maximum)
            );
        }
        // A node uses more than its containers.
        assert!(scene.usage.node(&node).unwrap().cpu > 100_000_000);
    }
    assert!(measured > 5, "{measured} containers");
    assert_eq!(scene.usage.count(), (3, measured));
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_follow_counters_resets_and_restarts() {
    let scene = Scene::start(1).await;
    let node = scene.nodes().remove(0);
    let now = Timestamp::now().as_second() as f64;
    let say = |fault| scene.simulator.faults().kubelet(&node, fault);
    let rates = |it: &Scene| {
        let pod = it.usage.pod(&node, "ns", "p");
        (it.usage.node(&node).map(|it| it.cpu), pod.map(|pod| pod.containers[0].1.cpu))
    };
    for (what, at, start, spent, want) in [
        ("one point", 0.0, -600.0, (50.0, 20.0), (None, None)),
        ("two points", 0.5, -600.0, (51.0, 20.1), (Some(2_000_000_000), Some(200_000_000))),
        ("the same again", 0.5, -600.0, (51.0, 20.1), (Some(2_000_000_000), Some(200_000_000))),
        ("a reset of both", 0.75, -600.0, (1.0, 2.0), (None, None)),
        ("as it goes on", 1.0, -600.0, (1.5, 2.125), (Some(2_000_000_000), Some(500_000_000))),
        // What the container has used since is no more than before, but it was started again.
        ("a restart", 1.25, 1.125, (1.75, 3.0), (Some(1_000_000_000), None)),
        ("as that goes on", 1.75, 1.125, (2.0, 3.5), (Some(500_000_000), Some(1_000_000_000))),
    ] {
        say(said(now + at, now + start, spent.0, spent.1));
        scene.rounds(1).await;
        let got = rates(&scene);
        // Seconds since 1970 are no exact fractions.
        let near = |got: Option<u64>, want: Option<u64>| match (got, want) {
            (Some(got), Some(want)) => got.abs_diff(want) < 10,
            (got, want) => got == want,
        };
        assert!(near(got.0, want.0) && near(got.1, want.1), "{what}: {got:?}, not {want:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubelet_that_fails_costs_its_own_data_only() {
    let scene = Scene::start(6).await;
    scene.until("rates of all nodes", |it| (it.usage.count().0 == 6).then_some(())).await;
    let nodes = scene.nodes();
    let faults = [
        (KubeletFault::Silent, Outcome::Timeout),
        (KubeletFault::Status(500), Outcome::Error),
        (KubeletFault::Status(403), Outcome::Denied),
        (KubeletFault::Says("node_cpu_usage_seconds_total{ what?\n".to_owned()), Outcome::Unusable),
        (KubeletFault::Endless, Outcome::TooLarge),
    ];
    for (node, (fault, _)) in nodes.iter().zip(&faults) {
        scene.simulator.faults().kubelet(node, fault.clone());
    }
    let sound = nodes.last().unwrap();
    let before = scene.usage.node(sound).unwrap().timestamp;
    scene.until("silence of the others", |it| (it.usage.count().0 == 1).then_some(())).await;
    for (node, (fault, outcome)) in nodes.iter().zip(&faults) {
        assert_eq!(scene.usage.node(node), None, "{fault:?}");
        assert!(scene.usage.node_history(node, Duration::from_mins(1), Timestamp::now()).is_some());
        assert!(scene.told.count(*outcome) > 0, "{fault:?}: {:?}", scene.told.outcomes.lock());
    }
    // It was asked all the time.
    let after = scene.usage.node(sound).unwrap();
    assert!(after.timestamp > before && after.window < Duration::from_secs(1), "{after:?}");
    let last = *scene.told.rounds.lock().last().unwrap();
    assert_eq!((last.nodes, last.answered, last.measured_nodes), (6, 1, 1));
    assert!(last.duration < Duration::from_millis(350), "{:?}", last.duration);

    scene.simulator.faults().clear();
    scene.until("rates of all nodes again", |it| (it.usage.count().0 == 6).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_vanish_are_forgotten_and_new_ones_are_asked() {
    let scene = Scene::start(2).await;
    scene.until("rates of both nodes", |it| (it.usage.count().0 == 2).then_some(())).await;
    let node = scene.nodes().remove(0);
    let object = scene.simulator.get("nodes", "", &node).unwrap();
    assert!(scene.simulator.delete("nodes", "", &node));
    let history = |it: &Scene| it.usage.node_history(&node, Duration::from_mins(1), Timestamp::now());
    scene.until("the end of it", |it| history(it).is_none().then_some(())).await;
    scene.rounds(1).await;
    assert_eq!((scene.usage.node(&node), history(&scene)), (None, None));
    assert_eq!(scene.told.rounds.lock().last().unwrap().nodes, 1);

    scene.simulator.apply("nodes", object).unwrap();
    scene.until("rates of both nodes", |it| (it.usage.count().0 == 2).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_chosen_nodes_are_asked_where_they_say() {
    let simulator = cluster(3).await;
    let mut node = simulator.get("nodes", "", "node-0001").unwrap();
    node["metadata"]["labels"]["pool"] = json!("a");
    // Nothing is served there.
    node["metadata"]["annotations"] = json!({"metrics.k8s.io/resource-metrics-path": "/elsewhere"});
    simulator.apply("nodes", node).unwrap();
    for settings in [
        Settings { selector: Some("pool in (a)".to_owned()), ..settings() },
        Settings { node: Some("node-0001".to_owned()), ..settings() },
    ] {
        let clients = clients(&simulator).await;
        let scene = Scene::of(Arc::clone(&simulator), clients, settings);
        scene.rounds(1).await;
        assert_eq!(scene.told.rounds.lock().last().unwrap().nodes, 1);
        assert!(scene.told.count(Outcome::Error) > 0 && scene.told.count(Outcome::Success) == 0);
    }
    let requests = simulator.faults().requests();
    let proxied: Vec<&String> = requests.iter().filter(|request| request.contains("/proxy/")).collect();
    assert!(proxied.iter().all(|it| *it == "GET /api/v1/nodes/node-0001/proxy/elsewhere"), "{proxied:?}");
}
