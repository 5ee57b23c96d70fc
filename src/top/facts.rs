//! What is held of a cluster, as far as views look at it.

use super::View;
use crate::{
    exposition::Keys,
    resource::Resource,
    resources::{
        cronjobs::CronJob, daemonsets::DaemonSet, deployments::Deployment, jobs::Job, namespaces::Namespace,
        nodes::Node, pods::Pod, replicasets::ReplicaSet, replicationcontrollers::ReplicationController,
        resourcequotas::ResourceQuota, statefulsets::StatefulSet,
    },
    store::Snapshot,
};
use std::{sync::Arc, time::Duration};

/// Who holds objects.
pub trait Holder {
    /// What is held of a kind; `None` where it isn't read, or can't be.
    fn held<K: Resource>(&self) -> Option<Held<K>>;
}

/// The objects of a kind at one point in time.
#[derive(Debug)]
pub struct Held<K> {
    /// Those that are read together, such as those of a namespace.
    pub snapshots: Vec<Arc<Snapshot<K>>>,
    /// The keys of the labels that are kept of them.
    pub labels: Keys,
}

impl<K> Held<K> {
    /// The objects one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<K>> {
        self.snapshots.iter().flat_map(|snapshot| snapshot.iter())
    }
}

/// What is held of a cluster. A kind that a view doesn't look at is left out.
pub struct Facts {
    pub(super) cronjobs: Option<Held<CronJob>>,
    pub(super) daemonsets: Option<Held<DaemonSet>>,
    pub(super) deployments: Option<Held<Deployment>>,
    pub(super) jobs: Option<Held<Job>>,
    pub(super) namespaces: Option<Held<Namespace>>,
    pub(super) nodes: Option<Held<Node>>,
    pub(super) pods: Option<Held<Pod>>,
    pub(super) replicasets: Option<Held<ReplicaSet>>,
    pub(super) replicationcontrollers: Option<Held<ReplicationController>>,
    pub(super) resourcequotas: Option<Held<ResourceQuota>>,
    pub(super) statefulsets: Option<Held<StatefulSet>>,
    pub(super) usage: Arc<dyn Uses>,
}

impl Facts {
    /// Takes what a view looks at.
    pub fn gather(view: View, holder: &impl Holder, usage: Arc<dyn Uses>) -> Self {
        fn held<K: Resource>(view: View, holder: &impl Holder) -> Option<Held<K>> {
            let plural = &K::NAMES.plural;
            (view.needs().contains(plural) || view.wants().contains(plural)).then(|| holder.held()).flatten()
        }
        Self {
            cronjobs: held(view, holder),
            daemonsets: held(view, holder),
            deployments: held(view, holder),
            jobs: held(view, holder),
            namespaces: held(view, holder),
            nodes: held(view, holder),
            pods: held(view, holder),
            replicasets: held(view, holder),
            replicationcontrollers: held(view, holder),
            resourcequotas: held(view, holder),
            statefulsets: held(view, holder),
            usage,
        }
    }

    /// Whether a kind is held.
    pub(super) fn holds(&self, plural: &str) -> bool {
        match plural {
            "cronjobs" => self.cronjobs.is_some(),
            "daemonsets" => self.daemonsets.is_some(),
            "deployments" => self.deployments.is_some(),
            "jobs" => self.jobs.is_some(),
            "namespaces" => self.namespaces.is_some(),
            "nodes" => self.nodes.is_some(),
            "pods" => self.pods.is_some(),
            "replicasets" => self.replicasets.is_some(),
            "replicationcontrollers" => self.replicationcontrollers.is_some(),
            "resourcequotas" => self.resourcequotas.is_some(),
            "statefulsets" => self.statefulsets.is_some(),
            _ => false,
        }
    }
}

/// What something uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Used {
    /// Processor cores, at the moment.
    pub cpu: f64,
    /// Bytes of memory in its working set, at the moment.
    pub memory: f64,
    /// What it has used, where that is remembered.
    pub past: Option<Past>,
}

/// What something has used in a span of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past {
    /// Cores that it used on average.
    pub cpu_mean: f64,
    /// Cores that 95 of 100 samples don't exceed.
    pub cpu_p95: f64,
    /// The most cores.
    pub cpu_most: f64,
    /// The most bytes of memory.
    pub memory_most: f64,
}

/// Who knows what nodes and containers use.
pub trait Uses: Send + Sync {
    /// What a node uses, and has used in so long a time, all that is remembered by default.
    fn node(&self, name: &str, span: Option<Duration>) -> Option<Used>;

    /// What the containers of a pod on a node use, by their names.
    fn pod(
        &self,
        node: &str,
        namespace: &str,
        name: &str,
        span: Option<Duration>,
    ) -> Option<Vec<(String, Used)>>;
}

/// Nobody knows.
pub struct NoUsage;

impl Uses for NoUsage {
    fn node(&self, _: &str, _: Option<Duration>) -> Option<Used> {
        None
    }

    fn pod(&self, _: &str, _: &str, _: &str, _: Option<Duration>) -> Option<Vec<(String, Used)>> {
        None
    }
}
