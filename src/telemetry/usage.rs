//! How it goes to ask kubelets what is used.

use super::BUCKETS;
use parking_lot::Mutex;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    collections::BTreeSet,
    sync::atomic::AtomicU64,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A round over all kubelets.
#[derive(Debug, Clone, Copy)]
pub struct UsageReport {
    /// Nodes whose kubelets were to be asked.
    pub nodes: usize,
    /// How many of them have answered.
    pub answered: usize,
    /// Nodes of which there are current rates.
    pub measured_nodes: usize,
    /// Containers of which there are current rates.
    pub measured_containers: usize,
    /// How long it took.
    pub duration: Duration,
}

/// No labels, or the one.
type Labels = Vec<(&'static str, &'static str)>;

/// Metrics of usage. There are none while nobody asks kubelets.
#[derive(Debug)]
pub(super) struct Usage {
    requests: Family<Labels, Counter>,
    last: Family<Labels, Gauge<f64, AtomicU64>>,
    duration: Family<Labels, Histogram, fn() -> Histogram>,
    counts: [Family<Labels, Gauge>; 4],
    rounds: [Family<Labels, Gauge<f64, AtomicU64>>; 2],
    /// Results that have been.
    results: Mutex<BTreeSet<&'static str>>,
}

const COUNTS: [(&str, &str); 4] = [
    ("kstate_kubelet_nodes", "Nodes whose kubelets are asked what is used"),
    ("kstate_kubelet_nodes_answered", "Nodes whose kubelets have answered in the last round"),
    ("kstate_usage_nodes", "Nodes of which it is known what they use at the moment"),
    ("kstate_usage_containers", "Containers of which it is known what they use at the moment"),
];

const ROUNDS: [(&str, &str); 2] = [
    ("kstate_kubelet_round_duration_seconds", "Time that the last round over all kubelets took"),
    ("kstate_kubelet_round_timestamp_seconds", "When the last round over all kubelets was finished"),
];

impl Default for Usage {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            last: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            counts: Default::default(),
            rounds: Default::default(),
            results: Mutex::default(),
        }
    }
}

impl Usage {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "kstate_kubelet_requests",
            "Kubelets that were asked what is used, by how it went",
            self.requests.clone(),
        );
        registry.register(
            "kstate_kubelet_last_request_timestamp_seconds",
            "When a kubelet was last asked with this result",
            self.last.clone(),
        );
        registry.register(
            "kstate_kubelet_request_duration_seconds",
            "Time that a kubelet took to answer, or not to",
            self.duration.clone(),
        );
        for (metric, (name, help)) in self.counts.iter().zip(COUNTS) {
            registry.register(name, help, metric.clone());
        }
        for (metric, (name, help)) in self.rounds.iter().zip(ROUNDS) {
            registry.register(name, help, metric.clone());
        }
    }

    pub(super) fn record_request(&self, result: &'static str, duration: Duration) {
        let labels = vec![("result", result)];
        self.requests.get_or_create(&labels).inc();
        self.last.get_or_create(&labels).set(now());
        self.duration.get_or_create(&Vec::new()).observe(duration.as_secs_f64());
        self.results.lock().insert(result);
    }

    pub(super) fn record_round(&self, report: UsageReport) {
        let UsageReport { nodes, answered, measured_nodes, measured_containers, duration } = report;
        for (metric, count) in self.counts.iter().zip([nodes, answered, measured_nodes, measured_containers])
        {
            metric.get_or_create(&Vec::new()).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        for (metric, value) in self.rounds.iter().zip([duration.as_secs_f64(), now()]) {
            metric.get_or_create(&Vec::new()).set(value);
        }
    }

    /// Counters stay, since nothing may take them back.
    pub(super) fn forget(&self) {
        for result in std::mem::take(&mut *self.results.lock()) {
            self.last.remove(&vec![("result", result)]);
        }
        self.counts.iter().for_each(Family::clear);
        self.rounds.iter().for_each(Family::clear);
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
