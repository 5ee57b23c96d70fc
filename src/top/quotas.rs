//! Quotas: how much of each is used.

use super::{
    Cell, Facts, Query, Rank, Unit, Wrong,
    listing::{Filter, Viewed, by_name, check_labels},
    pods::{PROBLEM, SEVERITY},
    problem::{Problem, near, percent},
    sums::number,
};
use crate::{
    resources::resourcequotas::ResourceQuota,
    wire::{Atom, Quantity},
};
use std::sync::Arc;

type Column = super::cell::Column<Row>;

pub(super) struct Quotas(Vec<(Arc<ResourceQuota>, usize)>);

pub(super) struct Row {
    quota: Arc<ResourceQuota>,
    at: usize,
    problem: Option<Problem>,
}

impl Quotas {
    pub(super) fn new(facts: &Facts, query: &Query) -> Result<Self, Wrong> {
        let Some(held) = &facts.resourcequotas else { return Ok(Self(Vec::new())) };
        let filter = Filter::new(query, "resourcequotas", &[])?;
        check_labels(query, [("resourcequotas", Some(&held.labels))])?;
        let takes = |quota: &&Arc<ResourceQuota>| filter.takes(&quota.metadata, |_| "");
        let mut quotas: Vec<Arc<ResourceQuota>> = held.iter().filter(takes).cloned().collect();
        by_name(&mut quotas, |quota: &Arc<ResourceQuota>| &**quota);
        let resources = |quota: Arc<ResourceQuota>| {
            (0..quota.status.hard.len()).map(move |at| (Arc::clone(&quota), at)).collect::<Vec<_>>()
        };
        Ok(Self(quotas.into_iter().flat_map(resources).collect()))
    }
}

impl Row {
    fn hard(&self) -> &(Atom, Quantity) {
        &self.quota.status.hard[self.at]
    }
}

impl Viewed for Quotas {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("namespace", "NAMESPACE", Unit::Text, Rank::First, "The quota's namespace.", |row| {
            Cell::text(&*row.quota.metadata.namespace)
        }),
        Column::new("name", "NAME", Unit::Text, Rank::First, "The quota's name.", |row| {
            Cell::text(&*row.quota.metadata.name)
        }),
        Column::new("resource", "RESOURCE", Unit::Text, Rank::First, "What is limited.", |row| {
            Cell::text(&*row.hard().0)
        }),
        Column::new("used", "USED", Unit::OfRow, Rank::First, "How much of it is used.", |row| {
            Cell::Number(used(&row.quota, row.at))
        })
        .of("hard"),
        Column::new("hard", "HARD", Unit::OfRow, Rank::First, "How much may be used.", |row| {
            Cell::Number(number(row.hard().1))
        }),
        Column::new(
            "unit",
            "UNIT",
            Unit::Text,
            Rank::Never,
            "What it is counted in: core, byte or integer.",
            |row| Cell::text(unit(&row.hard().0)),
        ),
        Column::new("severity", "SEVERITY", Unit::Text, Rank::Never, SEVERITY, |row| {
            Problem::severity_cell(row.problem.as_ref())
        }),
        Column::new("problem", "PROBLEM", Unit::Text, Rank::Never, PROBLEM, |row| {
            Problem::reason_cell(row.problem.as_ref())
        }),
    ];

    fn len(&self) -> usize {
        self.0.len()
    }

    fn row(&self, at: usize) -> Row {
        let (quota, at) = &self.0[at];
        Row { problem: problem(quota, *at), quota: Arc::clone(quota), at: *at }
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

fn used(quota: &ResourceQuota, at: usize) -> f64 {
    quota.status.used.get(&quota.status.hard[at].0).map_or(0.0, |amount| number(*amount))
}

/// Why someone should look at a limit of a quota.
pub(super) fn problem(quota: &ResourceQuota, at: usize) -> Option<Problem> {
    let (resource, hard) = &quota.status.hard[at];
    let (used, hard) = (used(quota, at), number(*hard));
    if hard <= 0.0 {
        return None;
    }
    if used >= hard {
        Problem::warning(format!("nothing is left of {}", &**resource))
    } else if near(used, hard) {
        Problem::notice(format!("{} of {} is used", percent(used, hard), &**resource))
    } else {
        None
    }
}

/// What a resource is counted in: `requests.` and `limits.`, or the name of a storage class, may stand in
/// front of it.
fn unit(resource: &str) -> &'static str {
    let plain = resource.trim_start_matches("requests.").trim_start_matches("limits.");
    match plain {
        "cpu" => "core",
        "memory" | "storage" | "ephemeral-storage" => "byte",
        _ if plain.starts_with("hugepages-") || resource.ends_with("/requests.storage") => "byte",
        _ => "integer",
    }
}
