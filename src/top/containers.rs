//! Containers one by one.

use super::{
    Cell, Facts, Past, Query, Rank, Unit, Used, Uses, Wrong,
    listing::Viewed,
    owners::Owners,
    pods::{self, PROBLEM, SEVERITY, time},
    problem::{Problem, near, percent},
    status::{ended, is_sidecar},
    sums::named,
};
use crate::{
    resources::pods::{Container, ContainerStatus, Pod},
    wire::{Timestamp, Workload},
};
use std::{sync::Arc, time::Duration};

type Column = super::cell::Column<Row>;

pub(super) struct Containers {
    chosen: Vec<(Arc<Pod>, Arc<Workload>, Place)>,
    usage: Arc<dyn Uses>,
    span: Option<Duration>,
}

/// Where a container stands in the specification.
#[derive(Debug, Clone, Copy)]
enum Place {
    Init(usize),
    Main(usize),
}

pub(super) struct Row {
    pod: Arc<Pod>,
    workload: Arc<Workload>,
    place: Place,
    used: Option<Used>,
    problem: Option<Problem>,
}

impl Containers {
    pub(super) fn new(facts: &Facts, query: &Query, _: Timestamp) -> Result<Self, Wrong> {
        let owners = Owners::of(facts);
        let mut chosen = Vec::new();
        for pod in pods::chosen(facts, query)? {
            let workload = Arc::new(owners.workload("Pod", &pod.metadata));
            let init = (0..pod.spec.init_containers.len()).map(Place::Init);
            let all = init.chain((0..pod.spec.containers.len()).map(Place::Main));
            chosen.extend(all.map(|place| (Arc::clone(&pod), Arc::clone(&workload), place)));
        }
        Ok(Self { chosen, usage: Arc::clone(&facts.usage), span: query.span })
    }
}

impl Row {
    fn container(&self) -> &Container {
        match self.place {
            Place::Init(at) => &self.pod.spec.init_containers[at],
            Place::Main(at) => &self.pod.spec.containers[at],
        }
    }

    fn status(&self) -> Option<&ContainerStatus> {
        let all = match self.place {
            Place::Init(_) => &self.pod.status.init_container_statuses,
            Place::Main(_) => &self.pod.status.container_statuses,
        };
        let name = &self.container().name;
        all.iter().find(|status| status.name == *name)
    }

    fn part(&self) -> &'static str {
        match self.place {
            Place::Main(_) => "container",
            Place::Init(_) if is_sidecar(self.container()) => "sidecar",
            Place::Init(_) => "init",
        }
    }

    fn problem(&self) -> Option<Problem> {
        let status = self.status()?;
        let waiting = status.state.waiting.as_ref().map(|waiting| &*waiting.reason);
        let state = match waiting {
            Some("CrashLoopBackOff") => {
                Problem::critical(format!("crashes again and again: {} restarts", status.restart_count))
            }
            Some(reason @ ("ImagePullBackOff" | "ErrImagePull" | "InvalidImageName")) => {
                Problem::critical(format!("its image can't be pulled ({reason})"))
            }
            Some(reason) if reason.ends_with("Error") => {
                Problem::critical(format!("can't be started ({reason})"))
            }
            _ => status.state.terminated.as_ref().filter(|run| run.exit_code != 0).and_then(|run| {
                Problem::warning(format!("has ended ({}, exit code {})", ended(run), run.exit_code))
            }),
        };
        let limit = named(&self.container().resources.limits, "memory").as_number().unwrap_or_default();
        let full = self.used.filter(|used| near(used.memory, limit)).and_then(|used| {
            Problem::warning(format!("uses {} of the memory that it may have", percent(used.memory, limit)))
        });
        Problem::worst([state, full])
    }
}

impl Viewed for Containers {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("namespace", "NAMESPACE", Unit::Text, Rank::First, "The pod's namespace.", |row| {
            Cell::text(&*row.pod.metadata.namespace)
        }),
        Column::new("pod", "POD", Unit::Text, Rank::First, "The pod's name.", |row| {
            Cell::text(&*row.pod.metadata.name)
        }),
        Column::new("name", "NAME", Unit::Text, Rank::First, "The container's name.", |row| {
            Cell::text(&*row.container().name)
        }),
        Column::new(
            "part",
            "PART",
            Unit::Text,
            Rank::Third,
            "What it is in the pod: container, init or sidecar.",
            |row| Cell::text(row.part()),
        ),
        Column::new(
            "state",
            "STATE",
            Unit::Text,
            Rank::First,
            "What it does: Running, or why it waits or has ended.",
            |row| Cell::text(row.status().map(state).unwrap_or_default()),
        ),
        Column::new(
            "restarts",
            "RESTARTS",
            Unit::Count,
            Rank::First,
            "How often it was started again.",
            |row| row.status().map_or(Cell::None, |status| Cell::count(status.restart_count)),
        ),
        Column::new("last_reason", "REASON", Unit::Text, Rank::Second, "Why its run before ended.", |row| {
            let last = row.status().and_then(|status| status.last_state.terminated.as_deref());
            Cell::text(last.map(ended).unwrap_or_default())
        }),
        Column::new(
            "cpu_requests",
            "CPU REQ",
            Unit::Cores,
            Rank::Second,
            "Cores that are set aside for it.",
            |row| named(&row.container().resources.requests, "cpu"),
        ),
        Column::new("cpu_limits", "CPU LIM", Unit::Cores, Rank::Third, "Cores that it may use.", |row| {
            named(&row.container().resources.limits, "cpu")
        }),
        Column::new("cpu_used", "CPU", Unit::Cores, Rank::First, "Cores that it uses.", |row| {
            Cell::number(row.used.map(|used| used.cpu))
        })
        .of("cpu_requests"),
        Column::new(
            "memory_requests",
            "MEM REQ",
            Unit::Bytes,
            Rank::Second,
            "Bytes of memory that are set aside for it.",
            |row| named(&row.container().resources.requests, "memory"),
        ),
        Column::new(
            "memory_limits",
            "MEM LIM",
            Unit::Bytes,
            Rank::Second,
            "Bytes of memory that it may use.",
            |row| named(&row.container().resources.limits, "memory"),
        ),
        Column::new(
            "memory_used",
            "MEM",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory in its working set.",
            |row| Cell::number(row.used.map(|used| used.memory)),
        )
        .of("memory_limits"),
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
        Column::new("image", "IMAGE", Unit::Text, Rank::Wide, "Its image as the author names it.", |row| {
            Cell::text(&*row.container().image)
        }),
        Column::new("node", "NODE", Unit::Text, Rank::Third, "The node that it is on.", |row| {
            Cell::text(&*row.pod.spec.node_name)
        }),
        Column::new(
            "workload",
            "WORKLOAD",
            Unit::Text,
            Rank::Wide,
            "What was deployed so that it is there, its kind in front.",
            |row| Cell::text(pods::shown(&row.workload)),
        ),
        Column::new("started", "AGE", Unit::Time, Rank::Third, "When its run began.", |row| {
            let running = row.status().and_then(|status| status.state.running.as_ref());
            time(running.and_then(|running| running.started_at.set()))
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
        let (pod, workload, place) = &self.chosen[at];
        let (pod, workload) = (Arc::clone(pod), Arc::clone(workload));
        let mut row = Row { pod, workload, place: *place, used: None, problem: None };
        let Pod { metadata, spec, .. } = &*row.pod;
        let uses = self.usage.pod(&spec.node_name, &metadata.namespace, &metadata.name, self.span);
        let mut uses = uses.into_iter().flatten();
        row.used = uses.find(|(name, _)| **name == *row.container().name).map(|(_, used)| used);
        row.problem = row.problem();
        row
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

fn past(row: &Row, value: impl Fn(Past) -> f64) -> Cell {
    Cell::number(row.used.and_then(|used| used.past).map(value))
}

fn state(status: &ContainerStatus) -> String {
    let state = &status.state;
    match (&state.running, &state.waiting, &state.terminated) {
        (Some(_), ..) => "Running".to_owned(),
        (None, Some(waiting), _) => waiting.reason.or("Waiting").to_owned(),
        (None, None, Some(run)) => ended(run),
        // The API's default.
        (None, None, None) => "Waiting".to_owned(),
    }
}
