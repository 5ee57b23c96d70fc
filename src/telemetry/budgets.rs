//! How kinds stand to their budgets of series.

use parking_lot::Mutex;
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use std::collections::BTreeSet;

/// How a kind stands to its budget of series.
#[derive(Debug, Clone, Copy)]
pub struct BudgetReport<'a> {
    /// The plural name.
    pub resource: &'a str,
    /// As many series as it may have.
    pub most: u64,
    /// As many as it would have with all families.
    pub series: u64,
    /// The families that it loses.
    pub left_out: &'a [&'static str],
}

/// A kind that has a budget, or a family that it loses.
type Labels = Vec<(&'static str, String)>;

const METRICS: [(&str, &str); 3] = [
    ("kstate_series_budget", "Series that a kind may have"),
    ("kstate_series_wanted", "Series that a kind with a budget would have with all its families"),
    ("kstate_family_left_out", "Families that a kind loses since it is over its budget"),
];

/// Metrics of budgets.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    metrics: [Family<Labels, Gauge>; 3],
    /// What was recorded last, by the place of the metric.
    recorded: Mutex<BTreeSet<(usize, Labels)>>,
}

impl Budgets {
    pub(super) fn register(&self, registry: &mut Registry) {
        for (metric, (name, help)) in self.metrics.iter().zip(METRICS) {
            registry.register(name, help, metric.clone());
        }
    }

    /// In place of what was recorded before. What stays is missing at no time.
    #[allow(clippy::cast_possible_wrap)] // no cluster has 2^63 series
    pub(super) fn record<'a>(&self, reports: impl Iterator<Item = BudgetReport<'a>>) {
        let mut recorded = self.recorded.lock();
        let mut now = BTreeSet::new();
        for report in reports {
            let resource = ("resource", report.resource.to_owned());
            let families = report
                .left_out
                .iter()
                .map(|family| (2, vec![resource.clone(), ("family", (*family).to_owned())], 1));
            let of_kind = [report.most, report.series].into_iter().enumerate();
            let of_kind = of_kind.map(|(place, series)| (place, vec![resource.clone()], series as i64));
            for (place, labels, value) in of_kind.chain(families) {
                self.metrics[place].get_or_create(&labels).set(value);
                now.insert((place, labels));
            }
        }
        for (place, labels) in recorded.difference(&now) {
            self.metrics[*place].remove(labels);
        }
        *recorded = now;
    }
}
