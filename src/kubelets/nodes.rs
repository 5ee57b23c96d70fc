//! Which nodes there are, and where their kubelets listen.

use super::{Direct, Settings};
use crate::{
    exposition::Keys,
    usage::Usage,
    watch::{Clients, Request, Tuning, informer},
    wire::{Atom, Context, ObjectMeta},
};
use futures::StreamExt as _;
use hashbrown::HashMap;
use http::uri::Authority;
use kube_runtime::watcher::Event;
use parking_lot::Mutex;
use std::{net::Ipv6Addr, pin::pin, sync::Arc};
use tokio::{sync::watch, time::Instant};

/// Where a node says that its kubelet serves what is used; metrics-server heeds it, too.
const PATH: &str = "metrics.k8s.io/resource-metrics-path";

/// Where kubelets serve it.
const USUAL_PATH: &str = "/metrics/resource";

/// As many events as are taken up together.
const BATCH: usize = 256;

crate::wire! {
    /// `v1.Node`, as far as its kubelet is concerned.
    pub struct Node {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the kubelet says.
        status: Status = 3,
    }

    /// `v1.NodeStatus`, reduced.
    pub struct Status {
        /// How the node can be reached.
        addresses: Vec<Address> = 5,
        /// What listens on it.
        daemon_endpoints: Endpoints = 6,
    }

    /// `v1.NodeAddress`.
    pub struct Address {
        /// `InternalIP`, `Hostname` or another one.
        r#type: Atom = 1,
        /// An address or a name.
        address: Box<str> = 2,
    }

    /// `v1.NodeDaemonEndpoints`.
    pub struct Endpoints {
        /// The kubelet.
        kubelet_endpoint: Endpoint = 1,
    }

    /// `v1.DaemonEndpoint`.
    pub struct Endpoint {
        /// Zero where the node doesn't say.
        #[serde(rename = "Port")]
        port: i32 = 1,
    }
}
crate::local_object!(Node);

/// The nodes of the moment.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    known: Mutex<Known>,
    /// Whether all have been read.
    read: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Known {
    current: Set,
    /// What is being read to take its place.
    next: Option<Set>,
}

type Set = HashMap<Box<str>, Arc<Kubelet>>;

/// A kubelet.
#[derive(Debug)]
pub(super) struct Kubelet {
    pub(super) name: Box<str>,
    /// Where it serves what is used.
    pub(super) path: Box<str>,
    addresses: Vec<Address>,
    port: i32,
    /// How it went the last time; carried over when the node changes.
    pub(super) last: Arc<Mutex<Last>>,
}

/// How it went the last time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Last {
    /// When it was asked.
    pub(super) asked: Option<Instant>,
    /// Whether it has not answered.
    pub(super) failed: bool,
}

impl Nodes {
    /// Follows the nodes for ever. Usage of those that are gone is forgotten.
    pub(super) fn follow(
        self: &Arc<Self>,
        clients: &Clients,
        tuning: &Tuning,
        settings: &Settings,
        usage: &Arc<Usage>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let request = Request {
            version: "v1".to_owned(),
            plural: "nodes".to_owned(),
            field_selector: settings.node.as_ref().map(|name| format!("metadata.name={name}")),
            label_selector: settings.selector.clone(),
            ..Request::default()
        };
        let context = Context { annotations: Keys::new([PATH]), ..Context::default() };
        let events = informer::<Node>(clients, request, context, Arc::default(), tuning.clone());
        let (nodes, usage) = (Arc::clone(self), Arc::clone(usage));
        async move {
            let mut batches = pin!(events.ready_chunks(BATCH));
            while let Some(batch) = batches.next().await {
                if nodes.learn(batch) {
                    let known = nodes.known.lock();
                    usage.retain(|name| known.current.contains_key(name));
                }
            }
        }
    }

    /// Waits until all have been read.
    pub(super) async fn read(&self) {
        let mut read = self.read.subscribe();
        // The sender lives as long as this does.
        let _ = read.wait_for(|read| *read).await;
    }

    /// The kubelets of the moment.
    pub(super) fn kubelets(&self) -> Vec<Arc<Kubelet>> {
        self.known.lock().current.values().cloned().collect()
    }

    /// Whether a node is there at the moment.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.lock().current.contains_key(name)
    }

    /// Takes up events, and returns whether nodes may be gone.
    fn learn(&self, events: Vec<Event<Node>>) -> bool {
        let mut gone = false;
        let mut known = self.known.lock();
        let Known { current, next } = &mut *known;
        for event in events {
            match event {
                Event::Init => *next = Some(Set::new()),
                Event::InitApply(node) | Event::Apply(node) => {
                    let before = current.get(&node.metadata.name);
                    let kubelet = Arc::new(Kubelet::new(node, before.map(|before| &**before)));
                    next.as_mut().unwrap_or(current).insert(kubelet.name.clone(), kubelet);
                }
                Event::InitDone => {
                    *current = next.take().unwrap_or_default();
                    gone = true;
                    self.read.send_replace(true);
                }
                Event::Delete(node) => {
                    next.as_mut().unwrap_or(current).remove(&node.metadata.name);
                    gone = true;
                }
            }
        }
        gone
    }
}

impl Kubelet {
    fn new(node: Node, before: Option<&Self>) -> Self {
        let Node { metadata, status } = node;
        let path = metadata.annotations.get(PATH).filter(|path| is_path(path)).unwrap_or(USUAL_PATH);
        Self {
            path: path.into(),
            addresses: status.addresses,
            port: status.daemon_endpoints.kubelet_endpoint.port,
            last: before.map(|before| Arc::clone(&before.last)).unwrap_or_default(),
            name: metadata.name,
        }
    }

    /// Where it is reached directly, if the node has an address of a type that does.
    pub(super) fn authority(&self, direct: &Direct) -> Option<Authority> {
        let find = |wanted: &String| self.addresses.iter().find(|address| *address.r#type == **wanted);
        let host = &*direct.address_types.iter().find_map(find)?.address;
        let port = u16::try_from(self.port).ok().filter(|port| direct.status_port && *port != 0);
        let port = port.unwrap_or(direct.port);
        let brackets = host.parse::<Ipv6Addr>().is_ok();
        let text = if brackets { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        text.parse().ok()
    }
}

/// Whether a node may name it: one that doesn't lead out of what is its own behind the proxy.
fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b))
        && path.split('/').all(|part| !matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kubelets::Access, wire::decode_json};

    fn node(text: &str) -> Kubelet {
        let context = Context { annotations: Keys::new([PATH]), ..Context::default() };
        Kubelet::new(decode_json(text.as_bytes(), &context).unwrap(), None)
    }

    #[test]
    fn a_node_says_where_its_kubelet_is() {
        let kubelet = node(
            r#"{"metadata": {"name": "n", "annotations": {"metrics.k8s.io/resource-metrics-path": "/nodes/n/metrics", "a": "b"}},
                "status": {"addresses": [{"type": "InternalIP", "address": "fd00::1"}, {"type": "InternalIP", "address": "10.0.0.1"},
                {"type": "Hostname", "address": "n.example.org"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": 10251}}}}"#,
        );
        assert_eq!((&*kubelet.name, &*kubelet.path), ("n", "/nodes/n/metrics"));
        let at = |types: &[&str], status_port| {
            let address_types = types.iter().map(|it| (*it).to_owned()).collect();
            let direct =
                Direct { port: 10_250, status_port, address_types, trust: crate::watch::Trust::default() };
            let _ = Access::Direct(direct.clone());
            kubelet.authority(&direct).map(|authority| authority.to_string())
        };
        assert_eq!(at(&["ExternalIP", "InternalIP", "Hostname"], false).as_deref(), Some("[fd00::1]:10250"));
        assert_eq!(at(&["Hostname", "InternalIP"], true).as_deref(), Some("n.example.org:10251"));
        assert_eq!(at(&["ExternalIP"], false), None);
        assert_eq!(&*node(r#"{"metadata": {"name": "n"}}"#).path, "/metrics/resource");
    }

    #[test]
    fn paths_stay_with_the_node() {
        for (path, sound) in [
            ("/metrics/nodes/n.a/metrics/resource", true),
            ("metrics", false),
            ("/../../../namespaces/a/secrets", false),
            ("/a?watch=1", false),
            ("/%2e%2e/a", false),
            ("/a b", false),
        ] {
            assert_eq!(is_path(path), sound, "{path}");
        }
    }

    #[test]
    fn nodes_are_known_whole() {
        let nodes = Nodes::default();
        let node = |name: &str| Node {
            metadata: ObjectMeta { name: name.into(), ..ObjectMeta::default() },
            ..Node::default()
        };
        let names = || {
            let mut names: Vec<_> = nodes.kubelets().iter().map(|kubelet| kubelet.name.clone()).collect();
            names.sort();
            names.join(" ")
        };
        assert!(!nodes.learn(vec![Event::Init, Event::InitApply(node("a")), Event::InitApply(node("b"))]));
        assert_eq!((names().as_str(), *nodes.read.borrow()), ("", false));
        assert!(nodes.learn(vec![Event::InitDone]));
        assert_eq!((names().as_str(), *nodes.read.borrow()), ("a b", true));
        nodes.kubelets().iter().for_each(|kubelet| kubelet.last.lock().failed = true);
        assert!(nodes.learn(vec![
            Event::Apply(node("c")),
            Event::Apply(node("a")),
            Event::Delete(node("b"))
        ]));
        assert_eq!(names(), "a c");
        assert!(nodes.has("c") && !nodes.has("b"));
        assert!(nodes.known.lock().current["a"].last.lock().failed);
        // It is read again, and meanwhile what is known stays.
        assert!(!nodes.learn(vec![Event::Init, Event::InitApply(node("c"))]));
        assert_eq!(names(), "a c");
        nodes.learn(vec![Event::InitApply(node("d")), Event::InitDone]);
        assert_eq!(names(), "c d");
    }
}
