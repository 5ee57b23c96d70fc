//! Answers from what an exporter reads.

use super::now;
use crate::{
    app::{running::RunningKinds, usage::Using},
    server::Top,
    top::{Answer, Facts, NoUsage, Past, Query, Used, Uses, View, Wrong, answer},
    usage::{History, Measured, Usage},
};
use jiff::Timestamp as Instant;
use std::{sync::Arc, time::Duration};

/// Answers from what an exporter reads.
pub(in crate::app) struct Exported {
    kinds: Arc<RunningKinds>,
    using: Arc<Using>,
}

impl Exported {
    pub(in crate::app) fn new(kinds: Arc<RunningKinds>, using: Arc<Using>) -> Self {
        Self { kinds, using }
    }
}

impl Top for Exported {
    fn answer(&self, view: View, query: &Query) -> Result<Answer, Wrong> {
        let usage: Arc<dyn Uses> = match self.using.usage() {
            Some(usage) => Arc::new(Remembered { usage, now: Instant::now() }),
            None => Arc::new(NoUsage),
        };
        let facts = Facts::gather(view, &*self.kinds, usage);
        let mut answer = answer(view, query, &facts, now())?;
        let scope = self.kinds.choice().scope;
        if scope.shard.total > 1 {
            answer.notes.push(format!("This exporter has shard {} only.", scope.shard));
        }
        if !scope.namespaces.is_empty() {
            let namespaces = scope.namespaces.join(", ");
            answer.notes.push(format!("This exporter reads the namespaces {namespaces} only."));
        }
        if !scope.denied.is_empty() {
            let namespaces = scope.denied.join(", ");
            answer.notes.push(format!("This exporter leaves out the namespaces {namespaces}."));
        }
        match scope.node.as_deref() {
            None => {}
            Some("") => answer.notes.push("This exporter reads the pods without a node only.".to_owned()),
            Some(node) => answer.notes.push(format!("This exporter reads the pods of the node {node} only.")),
        }
        Ok(answer)
    }
}

/// What kubelets have answered.
struct Remembered {
    usage: Arc<Usage>,
    now: Instant,
}

/// Longer than anything is remembered.
const EVER: Duration = Duration::from_hours(24 * 365);

impl Uses for Remembered {
    fn node(&self, name: &str, span: Option<Duration>) -> Option<Used> {
        let history = self.usage.node_history(name, span.unwrap_or(EVER), self.now);
        Some(used(self.usage.node(name)?, history))
    }

    fn pod(
        &self,
        node: &str,
        namespace: &str,
        name: &str,
        span: Option<Duration>,
    ) -> Option<Vec<(String, Used)>> {
        let pod = self.usage.pod(node, namespace, name)?;
        let of = |container: &str| {
            self.usage.container_history(node, namespace, name, container, span.unwrap_or(EVER), self.now)
        };
        let containers = pod.containers.into_iter();
        Some(containers.map(|(name, measured)| (name.to_string(), used(measured, of(&name)))).collect())
    }
}

fn used(measured: Measured, history: Option<History>) -> Used {
    let cores = |nanocores: u64| nanocores as f64 / 1e9;
    Used {
        cpu: cores(measured.cpu),
        memory: measured.memory as f64,
        past: history.map(|History { cpu, memory, .. }| Past {
            cpu_mean: cores(cpu.mean),
            cpu_p95: cores(cpu.p95),
            cpu_most: cores(cpu.maximum),
            memory_most: memory.maximum as f64,
        }),
    }
}
