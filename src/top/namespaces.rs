//! Namespaces: what their pods take.

use super::{
    Cell, Facts, Held, Query, Rank, Unit, Uses, Wrong,
    listing::{Filter, Viewed, by_name, check_labels},
    pods::{self, PROBLEM, SEVERITY, minutes, time},
    problem::Problem,
    quotas,
    status::Status,
    sums::{Sums, all, amount},
};
use crate::{
    resources::{namespaces::Namespace, pods::Pod},
    wire::{Atom, Timestamp},
};
use std::{collections::HashMap, sync::Arc};

type Column = super::cell::Column<Row>;

const FIELDS: &[&str] = &["status.phase"];

/// How long a namespace may take to vanish, in seconds, before someone should know.
const SLOW: i64 = 600;

pub(super) struct Namespaces {
    chosen: Vec<Arc<Namespace>>,
    sums: HashMap<Atom, Within>,
    now: Timestamp,
}

/// What is in a namespace.
#[derive(Clone, Default)]
struct Within {
    pods: usize,
    running: usize,
    troubled: usize,
    /// The worst problem of a pod.
    worst: Option<Problem>,
    restarts: i64,
    sums: Sums,
    quota: Option<Problem>,
}

pub(super) struct Row {
    namespace: Arc<Namespace>,
    within: Within,
    problem: Option<Problem>,
}

impl Within {
    fn add(&mut self, pod: &Pod, usage: &dyn Uses, now: Timestamp) {
        let status = Status::of(pod);
        let sums = pods::sums(pod, usage);
        self.pods += 1;
        self.running += usize::from(pod.status.phase == "Running");
        self.restarts += status.restarts;
        let problem = pods::problem(pod, &status, &sums, now);
        self.troubled += usize::from(problem.is_some());
        self.worst = Problem::worst([self.worst.take(), problem]);
        self.sums.add(&sums);
    }
}

impl Namespaces {
    pub(super) fn new(facts: &Facts, query: &Query, now: Timestamp) -> Result<Self, Wrong> {
        let mut chosen = Vec::new();
        if let Some(held) = &facts.namespaces {
            // A namespace is in none, and is one.
            let everywhere = Query { namespaces: Vec::new(), ..query.clone() };
            let filter = Filter::new(&everywhere, "namespaces", FIELDS)?;
            check_labels(query, [("namespaces", Some(&held.labels))])?;
            let wanted = |namespace: &Namespace| {
                query.namespaces.is_empty()
                    || query.namespaces.iter().any(|name| **name == *namespace.metadata.name)
            };
            let takes = |namespace: &&Arc<Namespace>| {
                wanted(namespace) && filter.takes(&namespace.metadata, |_| &namespace.status.phase)
            };
            chosen = held.iter().filter(takes).cloned().collect();
        }
        by_name(&mut chosen, |namespace: &Arc<Namespace>| &**namespace);
        let mut sums: HashMap<Atom, Within> = HashMap::new();
        for pod in facts.pods.iter().flat_map(Held::iter) {
            sums.entry(pod.metadata.namespace.clone()).or_default().add(pod, &*facts.usage, now);
        }
        for quota in facts.resourcequotas.iter().flat_map(Held::iter) {
            let within = sums.entry(quota.metadata.namespace.clone()).or_default();
            let limits = (0..quota.status.hard.len()).map(|at| quotas::problem(quota, at));
            within.quota = Problem::worst(std::iter::once(within.quota.take()).chain(limits));
        }
        Ok(Self { chosen, sums, now })
    }
}

impl Viewed for Namespaces {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("name", "NAME", Unit::Text, Rank::First, "The namespace's name.", |row| {
            Cell::text(&*row.namespace.metadata.name)
        }),
        Column::new("status", "STATUS", Unit::Text, Rank::Second, "Active or Terminating.", |row| {
            Cell::text(&*row.namespace.status.phase)
        }),
        Column::new("pods", "PODS", Unit::Count, Rank::First, "Pods in it.", |row| {
            Cell::count(row.within.pods)
        }),
        Column::new("running", "RUNNING", Unit::Count, Rank::Second, "Pods that run.", |row| {
            Cell::count(row.within.running)
        }),
        Column::new("troubled", "TROUBLED", Unit::Count, Rank::First, "Pods with a problem.", |row| {
            Cell::count(row.within.troubled)
        }),
        Column::new(
            "restarts",
            "RESTARTS",
            Unit::Count,
            Rank::Second,
            "Restarts of their containers.",
            |row| Cell::count(row.within.restarts),
        ),
        Column::new(
            "cpu_requests",
            "CPU REQ",
            Unit::Cores,
            Rank::First,
            "Cores that are set aside for its pods.",
            |row| amount(&row.within.sums.requests, "cpu"),
        ),
        Column::new(
            "cpu_limits",
            "CPU LIM",
            Unit::Cores,
            Rank::Third,
            "Cores that its pods may use.",
            |row| amount(&row.within.sums.limits, "cpu"),
        ),
        Column::new("cpu_used", "CPU", Unit::Cores, Rank::First, "Cores that its pods use.", |row| {
            Cell::number(row.within.sums.used.map(|used| used.cpu))
        })
        .of("cpu_requests"),
        Column::new(
            "memory_requests",
            "MEM REQ",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory that are set aside for its pods.",
            |row| amount(&row.within.sums.requests, "memory"),
        ),
        Column::new(
            "memory_limits",
            "MEM LIM",
            Unit::Bytes,
            Rank::Third,
            "Bytes of memory that its pods may use.",
            |row| amount(&row.within.sums.limits, "memory"),
        ),
        Column::new(
            "memory_used",
            "MEM",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory in the working sets of its pods.",
            |row| Cell::number(row.within.sums.used.map(|used| used.memory)),
        )
        .of("memory_requests"),
        Column::new("requests", "REQUESTS", Unit::Numbers, Rank::Never, "All that is set aside.", |row| {
            all(&row.within.sums.requests)
        }),
        Column::new("limits", "LIMITS", Unit::Numbers, Rank::Never, "All limits of its pods.", |row| {
            all(&row.within.sums.limits)
        }),
        Column::new("created", "AGE", Unit::Time, Rank::Second, "When it was created.", |row| {
            time(row.namespace.metadata.creation_timestamp.set())
        }),
        Column::new("severity", "SEVERITY", Unit::Text, Rank::Never, SEVERITY, |row| {
            Problem::severity_cell(row.problem.as_ref())
        }),
        Column::new("problem", "PROBLEM", Unit::Text, Rank::Never, PROBLEM, |row| {
            Problem::reason_cell(row.problem.as_ref())
        }),
    ];

    fn len(&self) -> usize {
        self.chosen.len()
    }

    fn row(&self, at: usize) -> Row {
        let namespace = Arc::clone(&self.chosen[at]);
        let within = self.sums.get(&Atom::new(&namespace.metadata.name)).cloned().unwrap_or_default();
        let problem = problem(&namespace, &within, self.now);
        Row { namespace, within, problem }
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

fn problem(namespace: &Namespace, within: &Within, now: Timestamp) -> Option<Problem> {
    let late = namespace.metadata.deletion_timestamp.map(|at| now.seconds() - at.seconds());
    let stuck = late
        .filter(|late| *late > SLOW)
        .and_then(|late| Problem::warning(format!("should be gone since {}", minutes(late))));
    let troubled = Problem::of_pods(within.troubled, within.pods, within.worst.as_ref());
    Problem::worst([stuck, troubled, within.quota.clone()])
}
