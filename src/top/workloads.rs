//! What was deployed: how far it is rolled out, and what its pods take.

use super::{
    Cell, Facts, Held, Query, Rank, Unit, Uses, Wrong,
    listing::{Filter, Viewed, check_labels},
    owners::{Owners, STEPS},
    pods::{self, PROBLEM, SEVERITY, minutes, time},
    problem::Problem,
    status::Status,
    sums::{Sums, all, amount},
};
use crate::{
    resource::Resource as _,
    resources::pods::Pod,
    wire::{Atom, Timestamp},
};
use std::{collections::BTreeMap, sync::Arc};

type Column = super::cell::Column<Row>;

/// How long a rollout may take, in seconds, before someone should know.
const SLOW: i64 = 600;

pub(super) struct Workloads(Vec<Row>);

/// A kind of workload, and its namespace and name.
type Key = (Atom, Atom, Box<str>);

#[derive(Clone, Default)]
pub(super) struct Row {
    namespace: Atom,
    kind: Atom,
    name: Box<str>,
    /// What it says of itself; nothing for what isn't held, such as custom kinds.
    stated: Stated,
    pods: usize,
    troubled: usize,
    /// The worst problem of a pod.
    worst: Option<Problem>,
    restarts: i64,
    sums: Sums,
    created: Option<Timestamp>,
    problem: Option<Problem>,
}

/// What a workload says of itself.
#[derive(Clone, Default)]
struct Stated {
    desired: Option<i32>,
    ready: Option<i32>,
    updated: Option<i32>,
    available: Option<i32>,
    /// What it says in words that someone should look at.
    trouble: Option<Problem>,
    /// Whether it is to run, rather than to end.
    stays: bool,
}

impl Workloads {
    pub(super) fn new(facts: &Facts, query: &Query, now: Timestamp) -> Result<Self, Wrong> {
        let labels = [
            ("cronjobs", facts.cronjobs.as_ref().map(|held| &held.labels)),
            ("daemonsets", facts.daemonsets.as_ref().map(|held| &held.labels)),
            ("deployments", facts.deployments.as_ref().map(|held| &held.labels)),
            ("jobs", facts.jobs.as_ref().map(|held| &held.labels)),
            ("pods", facts.pods.as_ref().map(|held| &held.labels)),
            ("replicasets", facts.replicasets.as_ref().map(|held| &held.labels)),
            ("replicationcontrollers", facts.replicationcontrollers.as_ref().map(|held| &held.labels)),
            ("statefulsets", facts.statefulsets.as_ref().map(|held| &held.labels)),
        ];
        check_labels(query, labels)?;
        let owners = Owners::of(facts);
        let mut rows = BTreeMap::new();
        stated(facts, query, &mut rows)?;
        // Pods are counted with the workload that they belong to, whatever their own labels and names.
        let filter = Filter::new(query, "pods", &[])?;
        for pod in facts.pods.iter().flat_map(Held::iter) {
            let workload = owners.workload("Pod", &pod.metadata);
            let namespace = pod.metadata.namespace.clone();
            let key = (namespace, workload.kind.clone(), Box::from(&*workload.name));
            let row = match rows.get_mut(&key) {
                Some(row) => row,
                // What runs it isn't held, or it is one of its own: then the query is about the pod.
                None if held(facts, &key.1) || !filter.takes(&pod.metadata, |_| "") => continue,
                None => rows.entry(key.clone()).or_insert_with(|| Row {
                    namespace: key.0,
                    kind: key.1,
                    name: key.2,
                    ..Row::default()
                }),
            };
            row.add(pod, &*facts.usage, now);
        }
        let rows = rows.into_values().map(|mut row| {
            row.problem = problem(&row, now);
            row
        });
        Ok(Self(rows.collect()))
    }
}

/// Whether the objects of a kind of workload are held, so that one that isn't there was left out.
fn held(facts: &Facts, kind: &str) -> bool {
    match kind {
        "CronJob" => facts.cronjobs.is_some(),
        "DaemonSet" => facts.daemonsets.is_some(),
        "Deployment" => facts.deployments.is_some(),
        "Job" => facts.jobs.is_some(),
        "ReplicaSet" => facts.replicasets.is_some(),
        "ReplicationController" => facts.replicationcontrollers.is_some(),
        "StatefulSet" => facts.statefulsets.is_some(),
        _ => false,
    }
}

/// Adds a row for each object that was deployed and is chosen.
fn stated(facts: &Facts, query: &Query, rows: &mut BTreeMap<Key, Row>) -> Result<(), Wrong> {
    macro_rules! add {
        ($held:ident, $stated:expr) => {
            if let Some(held) = &facts.$held {
                let filter = Filter::new(query, stringify!($held), &[])?;
                for object in held.iter() {
                    add_one(&filter, object, $stated, rows);
                }
            }
        };
    }
    add!(cronjobs, |job| Stated {
        desired: None,
        ready: None,
        updated: None,
        available: None,
        trouble: job.spec.suspend.then(|| Problem::notice("is suspended")).flatten(),
        stays: false,
    });
    add!(daemonsets, |set| Stated {
        desired: Some(set.status.desired_number_scheduled),
        ready: Some(set.status.number_ready),
        updated: Some(set.status.updated_number_scheduled),
        available: Some(set.status.number_available),
        trouble: None,
        stays: true,
    });
    add!(deployments, |deployment| Stated {
        desired: Some(deployment.spec.replicas.unwrap_or(1)),
        ready: Some(deployment.status.ready_replicas),
        updated: Some(deployment.status.updated_replicas),
        available: Some(deployment.status.available_replicas),
        trouble: deployment
            .status
            .conditions
            .iter()
            .find(|condition| condition.r#type == "Progressing" && condition.status == "False")
            .and_then(|condition| Problem::critical(format!(
                "its rollout is stuck ({})",
                &*condition.reason
            ))),
        stays: true,
    });
    add!(jobs, |job| Stated {
        desired: Some(job.spec.completions.or(job.spec.parallelism).unwrap_or(1)),
        ready: Some(job.status.ready + job.status.succeeded),
        updated: None,
        available: None,
        trouble: job
            .status
            .conditions
            .iter()
            .find(|condition| condition.r#type == "Failed" && condition.status == "True")
            .and_then(|condition| Problem::warning(format!("has failed ({})", &*condition.reason))),
        stays: false,
    });
    add!(replicasets, |set| Stated {
        desired: Some(set.spec.replicas.unwrap_or(1)),
        ready: Some(set.status.ready_replicas),
        updated: None,
        available: None,
        trouble: None,
        stays: true,
    });
    add!(replicationcontrollers, |controller| Stated {
        desired: Some(controller.spec.replicas.unwrap_or(1)),
        ready: Some(controller.status.ready_replicas),
        updated: None,
        available: Some(controller.status.available_replicas),
        trouble: None,
        stays: true,
    });
    add!(statefulsets, |set| Stated {
        desired: Some(set.spec.replicas.unwrap_or(1)),
        ready: Some(set.status.ready_replicas),
        updated: Some(set.status.updated_replicas),
        available: Some(set.status.available_replicas),
        trouble: None,
        stays: true,
    });
    Ok(())
}

fn add_one<K: crate::resource::Resource>(
    filter: &Filter<'_>,
    object: &Arc<K>,
    stated: impl Fn(&K) -> Stated,
    rows: &mut BTreeMap<Key, Row>,
) {
    let metadata = object.metadata();
    let kind = K::NAMES.kind;
    // What stands between pods and what was deployed is a part of that.
    let part = STEPS.contains(&K::NAMES.plural) && metadata.controller().is_some();
    if part || !filter.takes(metadata, |_| "") {
        return;
    }
    let row = Row {
        namespace: metadata.namespace.clone(),
        kind: Atom::new(kind),
        name: metadata.name.clone(),
        stated: stated(object),
        created: metadata.creation_timestamp.set(),
        ..Row::default()
    };
    rows.insert((row.namespace.clone(), row.kind.clone(), row.name.clone()), row);
}

impl Row {
    fn add(&mut self, pod: &Pod, usage: &dyn Uses, now: Timestamp) {
        let status = Status::of(pod);
        let sums = pods::sums(pod, usage);
        self.pods += usize::from(!pod.has_ended());
        self.restarts += status.restarts;
        let problem = pods::problem(pod, &status, &sums, now);
        self.troubled += usize::from(problem.is_some());
        self.worst = Problem::worst([self.worst.take(), problem]);
        self.sums.add(&sums);
        if *self.kind == *Pod::NAMES.kind {
            self.created = pod.metadata.creation_timestamp.set();
            self.stated.ready = i32::try_from(usize::from(status.ready == status.containers)).ok();
            self.stated.desired = Some(1);
        }
    }
}

impl Viewed for Workloads {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("namespace", "NAMESPACE", Unit::Text, Rank::First, "The workload's namespace.", |row| {
            Cell::text(&*row.namespace)
        }),
        Column::new("kind", "KIND", Unit::Text, Rank::First, "Its kind.", |row| Cell::text(&*row.kind)),
        Column::new("name", "NAME", Unit::Text, Rank::First, "Its name.", |row| Cell::text(&*row.name)),
        Column::new(
            "ready",
            "READY",
            Unit::Count,
            Rank::First,
            "Pods that are ready; of a job also those that succeeded.",
            |row| count(row.stated.ready),
        )
        .of("desired"),
        Column::new("desired", "DESIRED", Unit::Count, Rank::Never, "Pods that there should be.", |row| {
            count(row.stated.desired)
        }),
        Column::new("updated", "UPDATED", Unit::Count, Rank::Second, "Pods of its newest template.", |row| {
            count(row.stated.updated)
        }),
        Column::new(
            "available",
            "AVAILABLE",
            Unit::Count,
            Rank::Wide,
            "Pods that have been ready long enough.",
            |row| count(row.stated.available),
        ),
        Column::new("pods", "PODS", Unit::Count, Rank::Third, "Its pods that have not ended.", |row| {
            Cell::count(row.pods)
        }),
        Column::new(
            "restarts",
            "RESTARTS",
            Unit::Count,
            Rank::First,
            "Restarts of their containers.",
            |row| Cell::count(row.restarts),
        ),
        Column::new(
            "cpu_requests",
            "CPU REQ",
            Unit::Cores,
            Rank::First,
            "Cores that are set aside for its pods.",
            |row| amount(&row.sums.requests, "cpu"),
        ),
        Column::new(
            "cpu_limits",
            "CPU LIM",
            Unit::Cores,
            Rank::Third,
            "Cores that its pods may use.",
            |row| amount(&row.sums.limits, "cpu"),
        ),
        Column::new("cpu_used", "CPU", Unit::Cores, Rank::First, "Cores that its pods use.", |row| {
            Cell::number(row.sums.used.map(|used| used.cpu))
        })
        .of("cpu_requests"),
        Column::new(
            "memory_requests",
            "MEM REQ",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory that are set aside for its pods.",
            |row| amount(&row.sums.requests, "memory"),
        ),
        Column::new(
            "memory_limits",
            "MEM LIM",
            Unit::Bytes,
            Rank::Third,
            "Bytes of memory that its pods may use.",
            |row| amount(&row.sums.limits, "memory"),
        ),
        Column::new(
            "memory_used",
            "MEM",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory in the working sets of its pods.",
            |row| Cell::number(row.sums.used.map(|used| used.memory)),
        )
        .of("memory_requests"),
        Column::new("requests", "REQUESTS", Unit::Numbers, Rank::Never, "All that is set aside.", |row| {
            all(&row.sums.requests)
        }),
        Column::new("limits", "LIMITS", Unit::Numbers, Rank::Never, "All limits of its pods.", |row| {
            all(&row.sums.limits)
        }),
        Column::new("created", "AGE", Unit::Time, Rank::Second, "When it was created.", |row| {
            time(row.created)
        }),
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
        self.0[at].clone()
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

fn count(number: Option<i32>) -> Cell {
    number.map_or(Cell::None, Cell::count)
}

fn problem(row: &Row, now: Timestamp) -> Option<Problem> {
    let age = row.created.map_or(0, |created| now.seconds() - created.seconds());
    let missing = match (row.stated.desired, row.stated.ready) {
        (Some(desired), Some(ready)) if row.stated.stays && ready < desired && age > SLOW => {
            let line = format!("{ready} of {desired} pods are ready");
            if ready == 0 { Problem::critical(line) } else { Problem::warning(line) }
        }
        _ => None,
    };
    let behind = match (row.stated.desired, row.stated.updated) {
        (Some(desired), Some(updated)) if updated < desired && age > SLOW => Problem::notice(format!(
            "{updated} of {desired} pods have the newest template, {} after it was created",
            minutes(age)
        )),
        _ => None,
    };
    let troubled = match &*row.kind {
        "Pod" => row.worst.clone(),
        _ => Problem::of_pods(row.troubled, row.pods, row.worst.as_ref()),
    };
    Problem::worst([row.stated.trouble.clone(), missing, troubled, behind])
}
