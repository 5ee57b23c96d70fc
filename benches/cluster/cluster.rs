//! A simulated cluster whose pods are changed on demand.

use super::{client, exporter::Exporter, process::Process, scrapers};
use anyhow::{Context as _, ensure};
use futures::future::BoxFuture;
use kstate::simulator::{Compaction, Options, Simulator};
use serde_json::{Value, json};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// Pods of a node.
pub(super) const PODS: usize = 30;
/// Objects of each other kind for each node.
const OTHERS: usize = 3;
/// Pods that are changed one after the other are that far apart, so that changes are scattered.
const STRIDE: usize = 7_919;
/// The time between rounds of changes at a rate.
const ROUND: Duration = Duration::from_millis(10);
/// Asks for a list as events.
const STREAMING: &str =
    "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
const PROTOBUF: &str = "Accept: application/vnd.kubernetes.protobuf;stream=watch\r\n";
const JSON: &str = "Accept: application/json\r\n";
/// The kinds that are measured.
pub(super) const RESOURCES: &str =
    "configmaps,deployments,namespaces,nodes,pods,replicasets,secrets,services";

/// Where they are.
const PATHS: [&str; 8] = [
    "/api/v1/configmaps",
    "/api/v1/namespaces",
    "/api/v1/nodes",
    "/api/v1/pods",
    "/api/v1/secrets",
    "/api/v1/services",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
];

/// How a client reads lists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lists {
    /// As events in protobuf.
    Protobuf,
    /// As lists in JSON.
    Json,
}

/// What happens to pods.
#[derive(Debug, Clone, Copy)]
pub(super) enum Churn {
    /// A container is started again.
    Restarts,
    /// The pod is replaced by another, as in a rollout.
    Replacements,
    /// A replacement in five changes, restarts otherwise.
    Mixed,
}

/// Starts a simulated API server of so many nodes, in which nothing changes by itself.
pub(super) async fn simulator(nodes: usize) -> anyhow::Result<Simulator> {
    let options = Options {
        nodes,
        pods_per_node: PODS,
        updates_per_second: 0.0,
        per_kind: Some(OTHERS * nodes),
        ..Options::default()
    };
    Ok(Simulator::start((Ipv4Addr::LOCALHOST, 0).into(), options).await?)
}

/// A simulated API server in this process.
pub(super) struct Cluster {
    simulator: Arc<Simulator>,
    pods: Vec<(String, String)>,
    next: usize,
    runtime: Runtime,
}

impl Cluster {
    /// Starts one of a size. Nothing in it changes by itself.
    pub(super) fn start(nodes: usize) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let simulator = Arc::new(runtime.block_on(simulator(nodes))?);
        Ok(Self { simulator, pods: Vec::new(), next: 0, runtime })
    }

    /// Does something for kubelets beside the API server, in this process.
    pub(super) fn kubelets<T>(
        &self,
        serve: impl FnOnce(Arc<Simulator>) -> BoxFuture<'static, anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        self.runtime.block_on(serve(Arc::clone(&self.simulator)))
    }

    /// Where it is served.
    pub(super) fn address(&self) -> SocketAddr {
        self.simulator.address()
    }

    /// Starts an exporter of what is measured, with further flags, and waits until it is complete.
    pub(super) fn exporter(&self, flags: &[&str]) -> anyhow::Result<Exporter> {
        Exporter::start(&[&self.flags().each_ref().map(String::as_str)[..], flags].concat(), |_| Ok(()))
    }

    /// The same of one that begins a second after its process does.
    pub(super) fn late_exporter(
        &self,
        look: impl FnMut(&Process) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exporter> {
        Exporter::start_late(&self.flags().each_ref().map(String::as_str), look)
    }

    fn flags(&self) -> [String; 2] {
        [format!("--apiserver=http://{}", self.address()), format!("--resources={RESOURCES}")]
    }

    /// The number of pods.
    pub(super) fn count(&self) -> usize {
        self.simulator.count("pods")
    }

    /// Lets an exporter list these kinds anew.
    pub(super) fn expire(&self, resources: &str) {
        for resource in resources.split(',') {
            self.simulator.faults().expire(resource, Compaction::Event);
        }
    }

    /// Seconds that a client needs for lists of all that is measured, which it discards.
    pub(super) fn discard(&self, lists: Lists) -> anyhow::Result<f64> {
        let start = Instant::now();
        for path in PATHS {
            match lists {
                Lists::Protobuf => {
                    client::discard_list(self.address(), &format!("{path}{STREAMING}"), PROTOBUF)?
                }
                Lists::Json => client::discard(self.address(), path, JSON)?,
            };
        }
        Ok(start.elapsed().as_secs_f64())
    }

    /// Learns the names of the pods from what an exporter says of them.
    pub(super) fn learn(&mut self, exposition: &str) -> anyhow::Result<()> {
        let label = |line: &str, name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let pods =
            scrapers::pods(exposition).map(|line| Some((label(line, "{namespace")?, label(line, ",pod")?)));
        self.pods = pods.collect::<Option<_>>().context("kube_pod_info without its labels")?;
        ensure!(self.pods.len() == self.count(), "the exporter shows {} pods", self.pods.len());
        Ok(())
    }

    /// The namespace of the pod that is changed next.
    pub(super) fn next_namespace(&self) -> &str {
        &self.pods[self.following()].0
    }

    /// Changes so many pods, scattered, all at once.
    pub(super) fn change(&mut self, pods: usize) -> anyhow::Result<()> {
        for _ in 0..pods {
            self.next = self.following();
            let (namespace, name) = &self.pods[self.next];
            let mut pod = self.simulator.get("pods", namespace, name).context("a pod has gone")?;
            restart(&mut pod);
            self.simulator.apply("pods", pod)?;
        }
        Ok(())
    }

    /// Whether an exposition shows the pod that was changed last as it is now.
    pub(super) fn is_shown(&self, exposition: &str) -> anyhow::Result<bool> {
        let (namespace, name) = &self.pods[self.next];
        let pod = self.simulator.get("pods", namespace, name).context("a pod has gone")?;
        let status = &pod["status"];
        let (family, end) = match status["containerStatuses"].get(0) {
            Some(container) => (
                "kube_pod_container_status_restarts_total",
                format!("container={}}} {}", container["name"], container["restartCount"]),
            ),
            None => ("kube_pod_status_reason", format!("reason={}}} 1", status["reason"])),
        };
        let start = format!("{family}{{namespace=\"{namespace}\",pod=\"{name}\",");
        Ok(exposition.lines().any(|line| line.starts_with(&start) && line.ends_with(&end)))
    }

    fn following(&self) -> usize {
        (self.next + STRIDE) % self.pods.len()
    }

    /// Replaces a pod by another of another name, as a rollout does.
    pub(super) fn replace(&mut self) -> anyhow::Result<()> {
        self.next = self.following();
        let (namespace, name) = &mut self.pods[self.next];
        let mut pod = self.simulator.get("pods", namespace, name).context("a pod has gone")?;
        ensure!(self.simulator.delete("pods", namespace, name), "a pod has gone");
        // A name of the same length, so that nothing grows with the time that it is measured.
        let turned = match name.split_at(name.len() - 1) {
            (stem, "x") => format!("{stem}y"),
            (stem, _) => format!("{stem}x"),
        };
        if self.simulator.get("pods", namespace, &turned).is_none() {
            *name = turned;
        }
        if let Some(metadata) = pod["metadata"].as_object_mut() {
            metadata.insert("name".to_owned(), json!(name));
            metadata.remove("uid");
        }
        self.simulator.apply("pods", pod)?;
        Ok(())
    }

    /// Changes so many pods a second for some time, and returns how many it were. What a busy machine
    /// does too late is made up for.
    pub(super) fn live(&mut self, rate: f64, time: Duration, churn: Churn) -> anyhow::Result<usize> {
        let (start, mut changed) = (Instant::now(), 0);
        loop {
            let elapsed = start.elapsed().min(time);
            while (changed as f64) < rate * elapsed.as_secs_f64() {
                changed += 1;
                match churn {
                    Churn::Mixed if changed % 5 == 0 => self.replace()?,
                    Churn::Replacements => self.replace()?,
                    Churn::Restarts | Churn::Mixed => self.change(1)?,
                }
            }
            if elapsed == time {
                return Ok(changed);
            }
            thread::sleep(ROUND);
        }
    }
}

/// A container of the pod has been started again.
fn restart(pod: &mut Value) {
    let statuses = pod["status"]["containerStatuses"].as_array_mut();
    if let Some(status) = statuses.and_then(|statuses| statuses.first_mut()) {
        let count = status["restartCount"].as_i64().unwrap_or_default();
        status["restartCount"] = json!(count + 1);
    } else {
        pod["status"]["reason"] = match pod["status"]["reason"].as_str() {
            Some("Evicted") => json!("NodeLost"),
            _ => json!("Evicted"),
        };
    }
}
