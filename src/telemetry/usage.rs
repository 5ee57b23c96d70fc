//! How it goes to ask kubelets what is used.

use super::{BUCKETS, kinds::encode_value};
use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{MetricType, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
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

/// How it went.
type Labels = [(&'static str, &'static str); 1];

/// Metrics of usage. There are none while nobody asks kubelets.
#[derive(Debug)]
pub(super) struct Usage {
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    last: Family<Labels, Gauge<f64, AtomicU64>>,
    rounds: Rounds,
}

/// The last round, and when it was finished in Unix seconds.
#[derive(Debug, Clone, Default)]
struct Rounds(Arc<Mutex<Option<(UsageReport, f64)>>>);

impl Default for Usage {
    fn default() -> Self {
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        Self { durations, last: Family::default(), rounds: Rounds::default() }
    }
}

impl Usage {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "kstate_kubelet_request_duration_seconds",
            "Time that a kubelet took to say what is used, by how it went",
            self.durations.clone(),
        );
        registry.register(
            "kstate_kubelet_last_request_timestamp_seconds",
            "When a kubelet was last asked with this result",
            self.last.clone(),
        );
        registry.register_collector(Box::new(self.rounds.clone()));
    }

    pub(super) fn record_request(&self, result: &'static str, duration: Duration) {
        let labels = [("result", result)];
        self.durations.get_or_create(&labels).observe(duration.as_secs_f64());
        self.last.get_or_create(&labels).set(now());
    }

    pub(super) fn record_round(&self, report: UsageReport) {
        *self.rounds.0.lock() = Some((report, now()));
    }

    /// Counts stay, since nothing may take them back.
    pub(super) fn forget(&self) {
        self.last.clear();
        *self.rounds.0.lock() = None;
    }
}

impl Collector for Rounds {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Some((report, finished)) = *self.0.lock() else { return Ok(()) };
        for (name, help, value) in [
            ("kstate_kubelet_nodes", "Nodes whose kubelets are asked what is used.", report.nodes as f64),
            (
                "kstate_kubelet_nodes_answered",
                "Nodes whose kubelets have answered in the last round.",
                report.answered as f64,
            ),
            (
                "kstate_kubelet_round_duration_seconds",
                "Time that the last round over all kubelets took.",
                report.duration.as_secs_f64(),
            ),
            (
                "kstate_kubelet_round_timestamp_seconds",
                "When the last round over all kubelets was finished.",
                finished,
            ),
            (
                "kstate_usage_nodes",
                "Nodes of which it is known what they use at the moment.",
                report.measured_nodes as f64,
            ),
            (
                "kstate_usage_containers",
                "Containers of which it is known what they use at the moment.",
                report.measured_containers as f64,
            ),
        ] {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            encode_value(MetricType::Gauge, value, metric)?;
        }
        Ok(())
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
