//! A simulated cluster in this process, with a `StatefulSet` of which exporters can be replicas, and
//! exporters beside it; no tests of its own.

use crate::process::{Server, eventually, get};
use kstate::simulator::{Options, Simulator};
use serde_json::json;
use std::sync::OnceLock;
use tokio::runtime::Runtime;

/// The replicas of the `StatefulSet` `kube-state-metrics` in `monitoring`.
pub(crate) const REPLICAS: usize = 3;

/// The cluster that all tests share; nothing changes in it.
pub(crate) fn cluster() -> &'static Simulator {
    static CLUSTER: OnceLock<(Simulator, Runtime)> = OnceLock::new();
    &CLUSTER.get_or_init(start).0
}

/// Where its API is served.
pub(crate) fn url() -> String {
    format!("http://{}", cluster().address())
}

fn start() -> (Simulator, Runtime) {
    let runtime = Runtime::new().unwrap();
    let options = Options { nodes: 2, pods_per_node: 10, updates_per_second: 0.0, ..Options::default() };
    let simulator = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options)).unwrap();
    let name = "kube-state-metrics";
    let set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": name, "namespace": "monitoring" },
        "spec": { "replicas": REPLICAS, "serviceName": name },
    });
    simulator.apply("statefulsets", set).unwrap();
    for replica in 0..REPLICAS {
        let owner = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "name": name, "uid": "1", "controller": true,
        });
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": format!("{name}-{replica}"), "namespace": "monitoring", "ownerReferences": [owner],
            },
            "spec": { "containers": [{ "name": name, "image": name }] },
        });
        simulator.apply("pods", pod).unwrap();
    }
    (simulator, runtime)
}

/// An exporter of the cluster that has become ready.
pub(crate) struct Exporter {
    pub(crate) server: Server,
    pub(crate) main: u16,
    pub(crate) telemetry: u16,
}

impl Exporter {
    /// Starts an exporter with these arguments, of which those count that are about other ports and
    /// another API server than ours.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let apiserver = format!("--apiserver={}", url());
        let usual =
            ["--host=127.0.0.1", "--port=0", "--telemetry-host=127.0.0.1", "--telemetry-port=0", &apiserver];
        Self::start_as_is(&[&usual[..], arguments].concat())
    }

    /// Starts an exporter with exactly these arguments.
    pub(crate) fn start_as_is(arguments: &[&str]) -> Self {
        let server = Server::start(arguments);
        let (main, telemetry) = server.ports();
        eventually("readiness", || (get(telemetry, "/readyz").status == 200).then_some(()));
        Self { server, main, telemetry }
    }

    /// The cluster's metrics.
    pub(crate) fn scrape(&self) -> String {
        get(self.main, "/metrics").text().to_owned()
    }

    /// The value of a self metric, by its name and labels.
    pub(crate) fn self_metric(&self, series: &str) -> Option<String> {
        let answer = get(self.telemetry, "/metrics");
        let value = |line: &str| Some(line.strip_prefix(series)?.strip_prefix(' ')?.to_owned());
        answer.text().lines().find_map(value)
    }
}
