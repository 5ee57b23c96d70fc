//! What nodes and containers use: what kubelets answered, rates over two points, and a short history.
//!
//! Nothing here does IO or reads a clock. Whoever scrapes writes with [`Usage::record`], any number of
//! readers ask. What a node's containers use lies in one block, which is made anew from each answer and
//! swapped in, so that readers and writers never wait for each other; only to look up a node a lock is
//! taken, which writers want when nodes come and go. Containers are found by their node, which whoever
//! asks reads from the pod: a node has no say about pods of others, and there is no index to be kept.

mod answer;
mod block;
mod entry;
mod sample;
mod statistics;

pub use answer::AnswerError;
pub use statistics::{History, Statistics};

use crate::wire::Atom;
use answer::Answer;
use arc_swap::ArcSwap;
use block::Block;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use std::{
    hash::BuildHasher as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often is measured, and how much is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The time between two answers of a kubelet.
    pub resolution: Duration,
    /// As many samples are remembered of each container and node.
    pub depth: u16,
    /// The time for which they stand together, at least.
    pub span: Duration,
}

impl Terms {
    /// The time for which one sample of the history stands; no less than brings one.
    pub fn step(&self) -> Duration {
        let share = self.span / u32::from(self.depth.max(1));
        share.max(self.resolution).max(Duration::from_millis(1))
    }

    /// A kubelet that has not answered for so long is silent: nothing is said of what its containers
    /// use at the moment.
    pub fn patience(&self) -> Duration {
        self.resolution * 4
    }
}

/// What is used at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// When it was measured, by the clock of the node.
    pub timestamp: Timestamp,
    /// The time over which the rate was taken, which ended then.
    pub window: Duration,
    /// Nanocores, on average over the window.
    pub cpu: u64,
    /// Bytes of the working set.
    pub memory: u64,
    /// Bytes of swap, where the kubelet tells.
    pub swap: Option<u64>,
}

/// What a pod uses at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodUsage {
    /// When the container was measured whose measurement is the oldest.
    pub timestamp: Timestamp,
    /// The time over which that one's rate was taken.
    pub window: Duration,
    /// The containers by their names, in the order of these.
    pub containers: Vec<(Atom, Measured)>,
}

/// What nodes and containers use. It is shared by everybody who reads, and by who scrapes.
#[derive(Debug)]
pub struct Usage {
    terms: RwLock<Terms>,
    /// Pods are told apart by hashes of 64 bits, of which a node has some hundreds.
    hasher: RandomState,
    nodes: RwLock<HashMap<Box<str>, Arc<Node>>>,
}

#[derive(Debug, Default)]
struct Node {
    block: ArcSwap<Block>,
    silent: AtomicBool,
    writing: Mutex<()>,
}

impl Usage {
    /// Nothing as yet.
    pub fn new(terms: Terms) -> Self {
        Self { terms: RwLock::new(terms), hasher: RandomState::default(), nodes: RwLock::default() }
    }

    /// The newest rate of a node; none until two points were read, and none where its kubelet is silent.
    pub fn node(&self, name: &str) -> Option<Measured> {
        self.heard(name)?.own().measured()
    }

    /// The newest rates of the containers of a pod; none unless all of those have one that run on its
    /// node.
    pub fn pod(&self, node: &str, namespace: &str, name: &str) -> Option<PodUsage> {
        self.heard(node)?.pod(self.hash(namespace, name))
    }

    /// What a node used in the last `span` before `now`, rounded up to whole samples.
    pub fn node_history(&self, name: &str, span: Duration, now: Timestamp) -> Option<History> {
        self.found(name)?.block.load().own_history(span, now.as_millisecond())
    }

    /// What a container used in the last `span` before `now`, rounded up to whole samples. One that
    /// starts again keeps its history if it does so within ten minutes.
    pub fn container_history(
        &self,
        node: &str,
        namespace: &str,
        pod: &str,
        container: &str,
        span: Duration,
        now: Timestamp,
    ) -> Option<History> {
        let node = self.found(node)?;
        node.block.load().history(self.hash(namespace, pod), container, span, now.as_millisecond())
    }

    /// The number of nodes of which there are current rates, and that of such containers.
    pub fn count(&self) -> (usize, usize) {
        let nodes: Vec<_> = self.nodes.read().values().cloned().collect();
        let heard = nodes.iter().filter(|node| !node.silent.load(Ordering::Relaxed));
        heard.fold((0, 0), |(nodes, containers), node| {
            let block = node.block.load();
            (nodes + usize::from(block.own().measured().is_some()), containers + block.count())
        })
    }

    /// Takes what the kubelet of a node answered at `now`, in the text format of expositions. On an
    /// error nothing changes. There is one answer of a node at a time, others wait.
    pub fn record(&self, node: &str, answer: &[u8], now: Timestamp) -> Result<(), AnswerError> {
        let answer = Answer::read(answer, now, |namespace, pod| self.hash(namespace, pod))?;
        let terms = *self.terms.read();
        let node = self.found(node).unwrap_or_else(|| {
            let mut nodes = self.nodes.write();
            Arc::clone(nodes.entry(node.into()).or_default())
        });
        let _writing = node.writing.lock();
        let block = node.block.load().followed_by(answer, now.as_millisecond(), terms);
        node.block.store(Arc::new(block));
        node.silent.store(false, Ordering::Release);
        Ok(())
    }

    /// Finds the kubelets that have not answered for too long. Their history stays.
    pub fn mark_silent(&self, now: Timestamp) {
        let patience = self.terms.read().patience();
        for node in self.nodes.read().values() {
            let silent = node.block.load().age(now.as_millisecond()) > patience;
            node.silent.fetch_or(silent, Ordering::Release);
        }
    }

    /// Forgets the nodes that there are no more.
    pub fn retain(&self, mut exists: impl FnMut(&str) -> bool) {
        self.nodes.write().retain(|name, _| exists(name));
    }

    /// Goes on with other terms. The history begins anew where its samples stand for another time.
    pub fn set_terms(&self, terms: Terms) {
        *self.terms.write() = terms;
    }

    fn found(&self, node: &str) -> Option<Arc<Node>> {
        self.nodes.read().get(node).cloned()
    }

    /// The block of a node that is not silent.
    fn heard(&self, node: &str) -> Option<arc_swap::Guard<Arc<Block>>> {
        let node = self.found(node)?;
        (!node.silent.load(Ordering::Acquire)).then(|| node.block.load())
    }

    fn hash(&self, namespace: &str, pod: &str) -> u64 {
        self.hasher.hash_one((namespace, pod))
    }
}

#[cfg(test)]
mod tests;
