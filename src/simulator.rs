//! An in-process Kubernetes API server with a synthetic cluster, for the demo, tests and benches.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod answer;
mod cluster;
mod codec;
mod discovery;
mod envelope;
mod faults;
mod keys;
mod kinds;
mod kubelet;
mod life;
mod list;
mod media;
mod object;
mod request;
mod schema;
mod selector;
mod server;
mod status;
mod synthetic;
mod tables;
mod watch;
mod writer;

pub use codec::CodecError;
pub use faults::{Answer, Compaction, Faults, KubeletFault, StreamingLists};

use cluster::Cluster;
use kinds::Kind;
use kubelet::Kubelets;
use life::Life;
use server::Server;

/// The version that the objects of a fresh cluster begin after.
const FIRST_VERSION: u64 = 1_000;

/// What the cluster holds and how it lives.
#[derive(Debug, Clone)]
pub struct Options {
    /// Nodes; none for an empty cluster.
    pub nodes: usize,
    /// Pods for each node on average.
    pub pods_per_node: usize,
    /// Objects written each second; at zero nothing ever changes.
    pub updates_per_second: f64,
    /// What all random choices follow from: equal options make equal clusters.
    pub seed: u64,
    /// The number of objects of each kind but pods, nodes and namespaces; as many as the pods need when `None`.
    pub per_kind: Option<usize>,
    /// The time at which the cluster begins to be watched; its objects are older.
    pub now: Timestamp,
    /// The time between bookmarks.
    pub bookmarks: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: 20,
            pods_per_node: 15,
            updates_per_second: 5.0,
            seed: 1,
            per_kind: None,
            now: Timestamp::now(),
            bookmarks: Duration::from_secs(10),
        }
    }
}

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    cluster: Arc<Cluster>,
    faults: Arc<Faults>,
    kubelets: Arc<Kubelets>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Why an object could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The kind is not served.
    #[error("there is no kind {0}")]
    UnknownKind(String),
    /// The value is no JSON object.
    #[error("an object is a JSON object")]
    NoObject,
    /// The object does not follow the kind's schema.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl Simulator {
    /// Creates the cluster and serves it in the background of the current runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn start(listen: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let cluster = Arc::new(Cluster::new(FIRST_VERSION));
        let filled = Arc::clone(&cluster);
        let wishes = options.clone();
        // Thousands of objects take all processors for a while.
        tokio::task::spawn_blocking(move || synthetic::populate(&filled, &wishes, FIRST_VERSION)).await?;
        let faults = Arc::new(Faults::new(Arc::clone(&cluster)));
        let kubelets = Arc::new(Kubelets::new(Arc::clone(&cluster)));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let server = Server {
            cluster: Arc::clone(&cluster),
            faults: Arc::clone(&faults),
            kubelets: Arc::clone(&kubelets),
            bookmarks: options.bookmarks,
        };
        tasks.spawn(server.run(listener, stop.clone()));
        if options.updates_per_second > 0.0 {
            let life = Life::new(Arc::clone(&cluster), &options);
            tasks.spawn(stop.clone().run_until_cancelled_owned(life.run()));
        }
        tasks.close();
        Ok(Self { address, cluster, faults, kubelets, stop, tasks })
    }

    /// The address that is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A configuration for clients, in YAML.
    pub fn kubeconfig(&self) -> String {
        format!(
            "apiVersion: v1
kind: Config
clusters:
- name: simulator
  cluster:
    server: http://{}
users:
- name: simulator
  user: {{}}
contexts:
- name: simulator
  context:
    cluster: simulator
    user: simulator
current-context: simulator
",
            self.address
        )
    }

    /// The switches for what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The number of objects of a kind, by its plural name.
    pub fn count(&self, plural: &str) -> usize {
        Kind::plural(plural).map_or(0, |kind| self.cluster.count(kind))
    }

    /// Creates or replaces an object of a kind, by its plural name, and returns its resourceVersion.
    ///
    /// `metadata.uid` and `metadata.creationTimestamp` are kept from what is replaced, or made up, when absent.
    pub fn apply(&self, plural: &str, object: Value) -> Result<u64, ApplyError> {
        let kind = Kind::plural(plural).ok_or_else(|| ApplyError::UnknownKind(plural.to_owned()))?;
        let Value::Object(object) = object else { return Err(ApplyError::NoObject) };
        Ok(self.cluster.put(kind, object)?.version)
    }

    /// Deletes an object; whether it existed. The namespace is empty for kinds without namespaces.
    pub fn delete(&self, plural: &str, namespace: &str, name: &str) -> bool {
        let key = keys::key(namespace, name);
        Kind::plural(plural).is_some_and(|kind| self.cluster.remove(kind, &key).is_some())
    }

    /// An object as JSON.
    pub fn get(&self, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let kind = Kind::plural(plural)?;
        let object = self.cluster.get(kind, &keys::key(namespace, name))?;
        Some(Value::Object(object.to_json(kind)))
    }

    /// What the kubelet of a node answers at `/metrics/resource`; the API server passes it on as
    /// `/api/v1/nodes/{name}/proxy/metrics/resource`.
    pub fn kubelet(&self, node: &str) -> Option<String> {
        self.kubelets.answer(node)
    }

    /// Stops serving and closes all connections.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests;
