//! Nodes: what they have, and what pods take of it.

use super::{
    Cell, Facts, Held, Past, Query, Rank, Unit, Uses, Wrong,
    listing::{Filter, Viewed, by_name, check_labels},
    pods::{PROBLEM, SEVERITY, time},
    problem::{Problem, near, percent},
    sums::{Sums, all, amount, number},
};
use crate::{
    resources::nodes::Node,
    wire::{Atom, Timestamp},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

type Column = super::cell::Column<Row>;

const FIELDS: &[&str] = &["spec.unschedulable"];

pub(super) struct Nodes {
    chosen: Vec<Arc<Node>>,
    taken: HashMap<Atom, (usize, Sums)>,
    usage: Arc<dyn Uses>,
    span: Option<Duration>,
}

pub(super) struct Row {
    node: Arc<Node>,
    pods: usize,
    sums: Sums,
    problem: Option<Problem>,
}

impl Nodes {
    pub(super) fn new(facts: &Facts, query: &Query, _: Timestamp) -> Result<Self, Wrong> {
        let mut chosen = Vec::new();
        if let Some(held) = &facts.nodes {
            let filter = Filter::new(query, "nodes", FIELDS)?;
            check_labels(query, [("nodes", Some(&held.labels))])?;
            let takes = |node: &&Arc<Node>| {
                filter.takes(&node.metadata, |_| if node.spec.unschedulable { "true" } else { "false" })
            };
            chosen = held.iter().filter(takes).cloned().collect();
        }
        by_name(&mut chosen, |node: &Arc<Node>| &**node);
        let mut taken: HashMap<Atom, (usize, Sums)> = HashMap::new();
        // What has ended takes nothing any more.
        for pod in facts.pods.iter().flat_map(Held::iter).filter(|pod| !pod.has_ended()) {
            let (pods, sums) = taken.entry(pod.spec.node_name.clone()).or_default();
            *pods += 1;
            let (requests, limits) = (pod.effective_requests(), pod.effective_limits());
            sums.add(&Sums { requests, limits, used: None });
        }
        Ok(Self { chosen, taken, usage: Arc::clone(&facts.usage), span: query.span })
    }
}

impl Viewed for Nodes {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("name", "NAME", Unit::Text, Rank::First, "The node's name.", |row| {
            Cell::text(&*row.node.metadata.name)
        }),
        Column::new(
            "status",
            "STATUS",
            Unit::Text,
            Rank::First,
            "Whether it is ready and takes pods, in the words of `kubectl get nodes`.",
            |row| Cell::text(status(&row.node)),
        ),
        Column::new("roles", "ROLES", Unit::Text, Rank::Third, "Its roles, by its labels.", |row| {
            Cell::texts(row.node.roles().map(str::to_owned).collect())
        }),
        Column::new("pods", "PODS", Unit::Count, Rank::First, "Pods on it that have not ended.", |row| {
            Cell::count(row.pods)
        })
        .of("pods_allocatable"),
        Column::new("pods_allocatable", "PODS MAX", Unit::Count, Rank::Never, "Pods that it takes.", |row| {
            amount(&row.node.status.allocatable, "pods")
        }),
        Column::new(
            "cpu_requests",
            "CPU REQ",
            Unit::Cores,
            Rank::First,
            "Cores that are set aside for its pods, as kube-scheduler counts them.",
            |row| amount(&row.sums.requests, "cpu"),
        )
        .of("cpu_allocatable"),
        Column::new(
            "cpu_limits",
            "CPU LIM",
            Unit::Cores,
            Rank::Second,
            "Cores that its pods may use.",
            |row| amount(&row.sums.limits, "cpu"),
        )
        .of("cpu_allocatable"),
        Column::new("cpu_used", "CPU", Unit::Cores, Rank::First, "Cores that are used.", |row| {
            Cell::number(row.sums.used.map(|used| used.cpu))
        })
        .of("cpu_allocatable"),
        Column::new(
            "cpu_allocatable",
            "CPU MAX",
            Unit::Cores,
            Rank::Wide,
            "Cores that pods can have.",
            |row| amount(&row.node.status.allocatable, "cpu"),
        ),
        Column::new(
            "memory_requests",
            "MEM REQ",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory that are set aside for its pods, as kube-scheduler counts them.",
            |row| amount(&row.sums.requests, "memory"),
        )
        .of("memory_allocatable"),
        Column::new(
            "memory_limits",
            "MEM LIM",
            Unit::Bytes,
            Rank::Second,
            "Bytes of memory that its pods may use.",
            |row| amount(&row.sums.limits, "memory"),
        )
        .of("memory_allocatable"),
        Column::new(
            "memory_used",
            "MEM",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory in working sets.",
            |row| Cell::number(row.sums.used.map(|used| used.memory)),
        )
        .of("memory_allocatable"),
        Column::new(
            "cpu_mean",
            "CPU MEAN",
            Unit::Cores,
            Rank::Wide,
            "Cores that it used on average.",
            |row| past(row, |past| past.cpu_mean),
        ),
        Column::new(
            "cpu_p95",
            "CPU P95",
            Unit::Cores,
            Rank::Wide,
            "Cores that 95 of 100 samples don't exceed.",
            |row| past(row, |past| past.cpu_p95),
        ),
        Column::new(
            "cpu_most",
            "CPU MOST",
            Unit::Cores,
            Rank::Wide,
            "The most cores that it has used.",
            |row| past(row, |past| past.cpu_most),
        ),
        Column::new(
            "memory_most",
            "MEM MOST",
            Unit::Bytes,
            Rank::Wide,
            "The most bytes of memory that it has used.",
            |row| past(row, |past| past.memory_most),
        ),
        Column::new(
            "memory_allocatable",
            "MEM MAX",
            Unit::Bytes,
            Rank::Wide,
            "Bytes of memory that pods can have.",
            |row| amount(&row.node.status.allocatable, "memory"),
        ),
        Column::new(
            "extended",
            "EXTENDED",
            Unit::Text,
            Rank::Wide,
            "What is set aside of other resources, such as GPUs, and how much there is.",
            |row| Cell::texts(extended(row)),
        ),
        Column::new("requests", "REQUESTS", Unit::Numbers, Rank::Never, "All that is set aside.", |row| {
            all(&row.sums.requests)
        }),
        Column::new("limits", "LIMITS", Unit::Numbers, Rank::Never, "All limits of its pods.", |row| {
            all(&row.sums.limits)
        }),
        Column::new(
            "allocatable",
            "ALLOCATABLE",
            Unit::Numbers,
            Rank::Never,
            "All that pods can have.",
            |row| all(&row.node.status.allocatable),
        ),
        Column::new("capacity", "CAPACITY", Unit::Numbers, Rank::Never, "All that it has.", |row| {
            all(&row.node.status.capacity)
        }),
        Column::new(
            "conditions",
            "CONDITIONS",
            Unit::Text,
            Rank::Third,
            "Its conditions that are not as they should be, such as `MemoryPressure`.",
            |row| Cell::texts(wrong(&row.node)),
        ),
        Column::new("taints", "TAINTS", Unit::Text, Rank::Wide, "What keeps pods away.", |row| {
            Cell::texts(taints(&row.node))
        }),
        Column::new("version", "VERSION", Unit::Text, Rank::Third, "The kubelet's version.", |row| {
            Cell::text(&*row.node.status.node_info.kubelet_version)
        }),
        Column::new("created", "AGE", Unit::Time, Rank::Second, "When it was created.", |row| {
            time(row.node.metadata.creation_timestamp.set())
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
        let node = Arc::clone(&self.chosen[at]);
        let taken = self.taken.get(&Atom::new(&node.metadata.name));
        let (pods, mut sums) = taken.cloned().unwrap_or_default();
        sums.used = self.usage.node(&node.metadata.name, self.span);
        let problem = problem(&node, pods, &sums);
        Row { node, pods, sums, problem }
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

fn past(row: &Row, value: impl Fn(Past) -> f64) -> Cell {
    Cell::number(row.sums.used.and_then(|used| used.past).map(value))
}

fn status(node: &Node) -> String {
    let ready = node.status.conditions.iter().find(|condition| condition.r#type == "Ready");
    let word = match ready {
        None => "Unknown",
        Some(condition) if condition.status == "True" => "Ready",
        Some(_) => "NotReady",
    };
    if node.spec.unschedulable { format!("{word},SchedulingDisabled") } else { word.to_owned() }
}

/// Conditions that are not as they should be: all but `Ready` speak of something bad.
fn wrong(node: &Node) -> Vec<String> {
    let bad = node.status.conditions.iter().filter(|condition| match &*condition.r#type {
        "Ready" => condition.status != "True",
        _ => condition.status == "True",
    });
    let named = |name: &str| if name == "Ready" { "NotReady".to_owned() } else { name.to_owned() };
    bad.map(|condition| named(&condition.r#type)).collect()
}

fn taints(node: &Node) -> Vec<String> {
    let taint = |key: &str, value: &str, effect: &str| match value {
        "" => format!("{key}:{effect}"),
        value => format!("{key}={value}:{effect}"),
    };
    node.spec.taints.iter().map(|held| taint(&held.key, &held.value, &held.effect)).collect()
}

fn extended(row: &Row) -> Vec<String> {
    let others = row.node.status.allocatable.iter().filter(|(name, _)| name.contains('/'));
    let shown = |(name, whole): &(Atom, crate::wire::Quantity)| {
        let taken = amount(&row.sums.requests, name).as_number().unwrap_or_default();
        format!("{}={taken}/{}", &**name, number(*whole))
    };
    others.map(shown).collect()
}

fn problem(node: &Node, pods: usize, sums: &Sums) -> Option<Problem> {
    let ready = node.status.conditions.iter().find(|condition| condition.r#type == "Ready");
    let readiness = match ready.map(|condition| &*condition.status) {
        Some("True") => None,
        Some("False") => Problem::critical("is not ready"),
        _ => Problem::critical("its kubelet says nothing any more"),
    };
    let bad: Vec<String> = wrong(node).into_iter().filter(|name| name != "NotReady").collect();
    let pressure =
        (!bad.is_empty()).then(|| Problem::warning(format!("reports {}", bad.join(", ")))).flatten();
    let allocatable = |name: &str| node.status.allocatable.get(name).map_or(0.0, |amount| number(*amount));
    let (most, memory) = (allocatable("pods"), allocatable("memory"));
    let full = near(pods as f64, most)
        .then(|| Problem::notice(format!("has {pods} of the {most} pods that it takes")))
        .flatten();
    let used = sums
        .used
        .filter(|used| near(used.memory, memory))
        .and_then(|used| Problem::warning(format!("{} of its memory is used", percent(used.memory, memory))));
    let cordoned =
        node.spec.unschedulable.then(|| Problem::notice("takes no more pods (cordoned)")).flatten();
    Problem::worst([readiness, pressure, used, full, cordoned])
}
