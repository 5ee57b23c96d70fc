//! The state of the kinds.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use std::fmt;

/// What there is to say of a kind.
#[derive(Debug, Clone)]
pub struct KindReport {
    /// The plural name.
    pub resource: &'static str,
    /// The name of the Go type by which kube-state-metrics calls the kind.
    pub go_type: String,
    /// How reading it goes now.
    pub state: KindState,
    /// True once it was read whole: its objects are served.
    pub complete: bool,
    /// The number of objects held.
    pub objects: usize,
    /// Bytes that they hold, without what they share.
    pub bytes: usize,
    /// When the server last said anything of the kind, in seconds since 1970.
    pub last_event: Option<f64>,
    /// Lists begun that succeeded and failed.
    pub lists: (u64, u64),
    /// Watches that were opened and that failed.
    pub watches: (u64, u64),
    /// Lists after the first one.
    pub relists: u64,
    /// Objects that could not be decoded and were skipped.
    pub decode_errors: u64,
    /// Objects of the last list, and how many it might have; `None` where there is no limit or was
    /// no list.
    pub listed: Option<(u64, u64)>,
}

impl KindReport {
    /// Adds what others have counted of the same kind.
    pub fn add_counts(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.lists, other.lists), (&mut self.watches, other.watches)] {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
        self.relists += other.relists;
        self.decode_errors += other.decode_errors;
    }
}

/// How reading a kind goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KindState {
    /// Up to date as far as is known.
    Complete,
    /// Its first list is not complete yet.
    Reading,
    /// The server doesn't serve it.
    NotFound,
    /// The account may not read it.
    Forbidden,
    /// The server or the connection fails.
    Failing,
}

impl KindState {
    const ALL: [Self; 5] = [Self::Complete, Self::Reading, Self::NotFound, Self::Forbidden, Self::Failing];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Reading => "reading",
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::Failing => "failing",
        }
    }
}

/// Renders the reports of all kinds when it is scraped.
pub(super) struct Kinds {
    reports: Box<dyn Fn() -> Vec<KindReport> + Send + Sync>,
}

impl Kinds {
    pub(super) fn new(reports: impl Fn() -> Vec<KindReport> + Send + Sync + 'static) -> Self {
        Self { reports: Box::new(reports) }
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kinds").finish_non_exhaustive()
    }
}

type Samples<'a> = Vec<(Vec<(&'static str, &'a str)>, f64)>;

impl Collector for Kinds {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let reports = (self.reports)();
        let results = |counts: fn(&KindReport) -> (u64, u64)| -> Samples<'_> {
            let of = |report, result: &'static str, count: u64| {
                (vec![("result", result), ("resource", report)], count as f64)
            };
            reports
                .iter()
                .flat_map(|r| {
                    let (success, error) = counts(r);
                    [of(r.go_type.as_str(), "success", success), of(r.go_type.as_str(), "error", error)]
                })
                .filter(|(_, count)| *count > 0.0)
                .collect()
        };
        let by_resource = |value: fn(&KindReport) -> Option<f64>| -> Samples<'_> {
            reports.iter().filter_map(|r| Some((vec![("resource", r.resource)], value(r)?))).collect()
        };
        let by_type = |value: fn(&KindReport) -> Option<u64>| -> Samples<'_> {
            let sample = |report: &KindReport| Some(value(report)? as f64);
            let labels = |report| vec![("resource", report)];
            reports.iter().filter_map(|r| Some((labels(r.go_type.as_str()), sample(r)?))).collect()
        };
        let states = reports
            .iter()
            .flat_map(|r| KindState::ALL.map(|state| (r, state)))
            .map(|(r, state)| {
                (
                    vec![("resource", r.resource), ("state", state.as_str())],
                    f64::from(u8::from(r.state == state)),
                )
            })
            .collect();

        let counter = MetricType::Counter;
        let gauge = MetricType::Gauge;
        for (name, help, metric_type, samples) in [
            ("kube_state_metrics_list", "Lists of a kind.", counter, results(|r| r.lists)),
            ("kube_state_metrics_watch", "Watches of a kind.", counter, results(|r| r.watches)),
            (
                "kube_state_metrics_list_objects",
                "Objects of the last list, where their number is limited.",
                gauge,
                by_type(|r| r.listed.map(|(listed, _)| listed)),
            ),
            (
                "kube_state_metrics_list_objects_limit",
                "The most objects that a list brings.",
                gauge,
                by_type(|r| r.listed.map(|(_, limit)| limit)),
            ),
            ("kstate_resource_objects", "Objects held.", gauge, by_resource(|r| Some(r.objects as f64))),
            (
                "kstate_resource_bytes",
                "Bytes held by the objects, without what they share.",
                gauge,
                by_resource(|r| Some(r.bytes as f64)),
            ),
            (
                "kstate_resource_complete",
                "Whether the kind was read whole and is served.",
                gauge,
                by_resource(|r| Some(f64::from(u8::from(r.complete)))),
            ),
            ("kstate_resource_state", "How reading the kind goes.", gauge, states),
            (
                "kstate_resource_last_event_timestamp_seconds",
                "When the server last said anything of the kind.",
                gauge,
                by_resource(|r| r.last_event),
            ),
            (
                "kstate_resource_decode_errors",
                "Objects that could not be decoded and were skipped.",
                counter,
                by_resource(|r| Some(r.decode_errors as f64)),
            ),
            (
                "kstate_resource_relists",
                "Lists after the first one.",
                counter,
                by_resource(|r| Some(r.relists as f64)),
            ),
        ] {
            if samples.is_empty() {
                continue;
            }
            let mut family = encoder.encode_descriptor(name, help, None, metric_type)?;
            for (labels, value) in samples {
                let metric = family.encode_family(&labels)?;
                encode_value(metric_type, value, metric)?;
            }
        }
        Ok(())
    }
}

/// Encodes whole numbers without a fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, and counts are no negative numbers
pub(super) fn encode_value(metric_type: MetricType, value: f64, metric: MetricEncoder<'_>) -> fmt::Result {
    // Beyond 2^53 all floats are whole, and an integer would pretend digits.
    match (metric_type, value.fract() == 0.0 && value.abs() < 9e15) {
        (MetricType::Counter, true) => ConstCounter::new(value as u64).encode(metric),
        (MetricType::Counter, false) => ConstCounter::new(value).encode(metric),
        (_, true) => ConstGauge::new(value as i64).encode(metric),
        (_, false) => ConstGauge::new(value).encode(metric),
    }
}
