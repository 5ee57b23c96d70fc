//! Questions that people ask of a cluster: views over what is held of it, a row for each answer.
//!
//! A view is a table of columns, each with a function that yields a cell of a row. What is printed,
//! served as JSON, sorted by and documented comes from these tables. Nothing here does IO or reads a
//! clock.

mod cell;
mod containers;
mod counts;
mod facts;
mod json;
mod listing;
mod namespaces;
mod nodes;
mod owners;
mod pods;
mod problem;
mod query;
mod quotas;
mod status;
mod sums;
mod workloads;

pub use cell::{Cell, Heading, Rank, Unit};
pub use facts::{Facts, Held, Holder, NoUsage, Past, Used, Uses};
pub use json::{Received, read, schema, write_head, write_rows};
pub use listing::{Answer, Listing};
pub use problem::Severity;
pub use query::{Group, Query, Sort, Wrong};

use crate::wire::Timestamp;
use std::str::FromStr;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Nodes: what they have, and what pods take of it.
    Nodes,
    /// Pods: how they are doing, and what they take.
    Pods,
    /// Namespaces: what their pods take.
    Namespaces,
    /// What was deployed: how far it is rolled out, and what its pods take.
    Workloads,
    /// Quotas: how much of each is used.
    Quotas,
    /// Images: how often, and where they run.
    Images,
    /// Containers one by one, or how many there are of what.
    Containers,
}

impl View {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Nodes,
        Self::Pods,
        Self::Namespaces,
        Self::Workloads,
        Self::Quotas,
        Self::Images,
        Self::Containers,
    ];

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Pods => "pods",
            Self::Namespaces => "namespaces",
            Self::Workloads => "workloads",
            Self::Quotas => "quotas",
            Self::Images => "images",
            Self::Containers => "containers",
        }
    }

    /// The kinds without which there is no answer, by their plural names.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Nodes => &["nodes", "pods"],
            Self::Pods | Self::Workloads | Self::Images | Self::Containers => &["pods"],
            Self::Namespaces => &["namespaces", "pods"],
            Self::Quotas => &["resourcequotas"],
        }
    }

    /// The kinds without which something is missing from the answer.
    pub fn wants(self) -> &'static [&'static str] {
        match self {
            Self::Pods | Self::Containers => owners::STEPS,
            Self::Workloads => owners::WORKLOADS,
            Self::Namespaces => &["resourcequotas"],
            Self::Nodes | Self::Quotas | Self::Images => &[],
        }
    }

    /// Its columns, where rows are grouped so.
    pub fn headings(self, group: Option<Group>) -> Vec<Heading> {
        listing::headings(self, group)
    }
}

impl FromStr for View {
    type Err = Wrong;

    /// Reads a name, in the singular, too, or as kubectl shortens it.
    fn from_str(name: &str) -> Result<Self, Wrong> {
        let short = match name {
            "no" => "nodes",
            "po" => "pods",
            "ns" => "namespaces",
            "quota" | "resourcequotas" | "resourcequota" => "quotas",
            other => other,
        };
        let is = |view: &Self| view.name() == short || view.name().strip_suffix('s') == Some(short);
        Self::ALL.into_iter().find(is).ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            Wrong::new(format!("there is no view \"{name}\"; known are {all}"))
        })
    }
}

/// Answers a question from what is held.
///
/// # Errors
///
/// In one line: what of the question makes no sense, or what isn't held that it needs.
pub fn answer(view: View, query: &Query, facts: &Facts, now: Timestamp) -> Result<Answer, Wrong> {
    listing::answer(view, query, facts, now)
}
