//! Pods: how they are doing, and what they take.

use super::{
    Cell, Facts, Query, Rank, Unit, Used, Uses, Wrong,
    listing::{Filter, Viewed, by_name, check_labels},
    owners::Owners,
    problem::{Problem, near, percent},
    status::Status,
    sums::{Sums, all, amount, named},
};
use crate::{
    resources::pods::Pod,
    wire::{Timestamp, Workload},
};
use std::sync::Arc;

type Column = super::cell::Column<Row>;

/// The fields that pods are selected by.
const FIELDS: &[&str] = &[
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.podIP",
];

/// How long a pod may take, in seconds, before someone should know.
const SLOW: i64 = 300;
/// How long a container's last end matters, in seconds.
const RECENT: i64 = 3600;

pub(super) struct Pods {
    chosen: Vec<(Arc<Pod>, Workload)>,
    usage: Arc<dyn Uses>,
    now: Timestamp,
}

pub(super) struct Row {
    pod: Arc<Pod>,
    workload: String,
    status: Status,
    sums: Sums,
    problem: Option<Problem>,
}

/// Chooses the pods that a query is about, in the order of their names.
pub(super) fn chosen(facts: &Facts, query: &Query) -> Result<Vec<Arc<Pod>>, Wrong> {
    let Some(held) = &facts.pods else { return Ok(Vec::new()) };
    let filter = Filter::new(query, "pods", FIELDS)?;
    check_labels(query, [("pods", Some(&held.labels))])?;
    let mut pods: Vec<Arc<Pod>> = held.iter().filter(|pod| takes(&filter, pod)).cloned().collect();
    by_name(&mut pods, |pod| &**pod);
    Ok(pods)
}

fn takes(filter: &Filter<'_>, pod: &Pod) -> bool {
    let address =
        if filter.reads("status.podIP") { pod.status.pod_ip.text().to_string() } else { String::new() };
    filter.takes(&pod.metadata, |path| match path {
        "spec.nodeName" => &pod.spec.node_name,
        "spec.restartPolicy" => &pod.spec.restart_policy,
        "spec.schedulerName" => &pod.spec.scheduler_name,
        "spec.serviceAccountName" => &pod.spec.service_account_name,
        "status.phase" => &pod.status.phase,
        "status.podIP" => &address,
        _ => "",
    })
}

/// What a pod counts for, and what it uses. One that has ended counts for nothing.
pub(super) fn sums(pod: &Pod, usage: &dyn Uses) -> Sums {
    if pod.has_ended() {
        return Sums::default();
    }
    Sums {
        requests: pod.effective_requests(),
        limits: pod.effective_limits(),
        used: usage.pod(&pod.spec.node_name, &pod.metadata.namespace, &pod.metadata.name, None).map(
            |containers| {
                let add = |sum: Used, (_, used): &(String, Used)| Used {
                    cpu: sum.cpu + used.cpu,
                    memory: sum.memory + used.memory,
                    past: None,
                };
                containers.iter().fold(Used { cpu: 0.0, memory: 0.0, past: None }, add)
            },
        ),
    }
}

/// Who runs it, as it is shown.
pub(super) fn shown(workload: &Workload) -> String {
    format!("{}/{}", &*workload.kind, &*workload.name)
}

impl Pods {
    pub(super) fn new(facts: &Facts, query: &Query, now: Timestamp) -> Result<Self, Wrong> {
        let owners = Owners::of(facts);
        let pods = chosen(facts, query)?;
        let workloads: Vec<Workload> = pods.iter().map(|pod| owners.workload("Pod", &pod.metadata)).collect();
        Ok(Self { chosen: pods.into_iter().zip(workloads).collect(), usage: Arc::clone(&facts.usage), now })
    }
}

impl Viewed for Pods {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new("namespace", "NAMESPACE", Unit::Text, Rank::First, "The pod's namespace.", |row| {
            Cell::text(&*row.pod.metadata.namespace)
        }),
        Column::new("name", "NAME", Unit::Text, Rank::First, "The pod's name.", |row| {
            Cell::text(&*row.pod.metadata.name)
        }),
        Column::new(
            "ready",
            "READY",
            Unit::Count,
            Rank::First,
            "Containers that are ready, sidecars among them.",
            |row| Cell::count(row.status.ready),
        )
        .of("containers"),
        Column::new(
            "containers",
            "CONTAINERS",
            Unit::Count,
            Rank::Never,
            "Containers that should be ready.",
            |row| Cell::count(row.status.containers),
        ),
        Column::new(
            "status",
            "STATUS",
            Unit::Text,
            Rank::First,
            "How it is doing, in the word of `kubectl get pods`.",
            |row| Cell::text(&*row.status.word),
        ),
        Column::new("restarts", "RESTARTS", Unit::Count, Rank::First, "Restarts of its containers.", |row| {
            Cell::count(row.status.restarts)
        }),
        Column::new(
            "last_restart",
            "LAST RESTART",
            Unit::Time,
            Rank::Third,
            "When the last run of a container ended that was followed by another.",
            |row| time(row.status.last_restart),
        ),
        Column::new("last_reason", "REASON", Unit::Text, Rank::Second, "Why that run ended.", |row| {
            Cell::text(&*row.status.last_reason)
        }),
        Column::new(
            "cpu_requests",
            "CPU REQ",
            Unit::Cores,
            Rank::First,
            "Cores that are set aside for it.",
            |row| named(&row.sums.requests, "cpu"),
        ),
        Column::new("cpu_limits", "CPU LIM", Unit::Cores, Rank::Second, "Cores that it may use.", |row| {
            named(&row.sums.limits, "cpu")
        }),
        Column::new("cpu_used", "CPU", Unit::Cores, Rank::First, "Cores that it uses.", |row| {
            Cell::number(row.sums.used.map(|used| used.cpu))
        })
        .of("cpu_requests"),
        Column::new(
            "memory_requests",
            "MEM REQ",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory that are set aside for it.",
            |row| named(&row.sums.requests, "memory"),
        ),
        Column::new(
            "memory_limits",
            "MEM LIM",
            Unit::Bytes,
            Rank::Second,
            "Bytes of memory that it may use.",
            |row| named(&row.sums.limits, "memory"),
        ),
        Column::new(
            "memory_used",
            "MEM",
            Unit::Bytes,
            Rank::First,
            "Bytes of memory in its working set.",
            |row| Cell::number(row.sums.used.map(|used| used.memory)),
        )
        .of("memory_limits"),
        Column::new(
            "requests",
            "REQUESTS",
            Unit::Numbers,
            Rank::Never,
            "All that is set aside for it.",
            |row| all(&row.sums.requests),
        ),
        Column::new("limits", "LIMITS", Unit::Numbers, Rank::Never, "All that limits it.", |row| {
            all(&row.sums.limits)
        }),
        Column::new("node", "NODE", Unit::Text, Rank::Second, "The node that it is on.", |row| {
            Cell::text(&*row.pod.spec.node_name)
        }),
        Column::new(
            "workload",
            "WORKLOAD",
            Unit::Text,
            Rank::Third,
            "What was deployed so that it is there, its kind in front.",
            |row| Cell::text(&*row.workload),
        ),
        Column::new("qos_class", "QOS", Unit::Text, Rank::Wide, "Its quality of service class.", |row| {
            Cell::text(&*row.pod.status.qos_class)
        }),
        Column::new(
            "priority_class",
            "PRIORITY",
            Unit::Text,
            Rank::Wide,
            "Its importance, by name.",
            |row| Cell::text(&*row.pod.spec.priority_class_name),
        ),
        Column::new("ip", "IP", Unit::Text, Rank::Wide, "Its first address.", |row| {
            Cell::text(row.pod.status.pod_ip.text().to_string())
        }),
        Column::new("created", "AGE", Unit::Time, Rank::Second, "When it was created.", |row| {
            time(row.pod.metadata.creation_timestamp.set())
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
        let (pod, workload) = &self.chosen[at];
        let status = Status::of(pod);
        let sums = sums(pod, &*self.usage);
        let problem = problem(pod, &status, &sums, self.now);
        Row { pod: Arc::clone(pod), workload: shown(workload), status, sums, problem }
    }

    fn problem(row: &Row) -> Option<&Problem> {
        row.problem.as_ref()
    }
}

/// What the two columns say that all views have.
pub(super) const SEVERITY: &str = "How bad its problem is: notice, warning or critical.";
pub(super) const PROBLEM: &str = "Why someone should look at it, in words.";

pub(super) fn time(at: Option<Timestamp>) -> Cell {
    Cell::number(at.map(|at| at.seconds() as f64))
}

/// Why someone should look at a pod.
pub(super) fn problem(pod: &Pod, status: &Status, sums: &Sums, now: Timestamp) -> Option<Problem> {
    let since = |at: Timestamp| now.seconds() - at.seconds();
    let age = since(pod.metadata.creation_timestamp);
    let word = status.word.strip_prefix("Init:").unwrap_or(&status.word);
    let restarts = || {
        let number =
            if status.restarts == 1 { "1 restart" } else { &format!("{} restarts", status.restarts) };
        match &*status.last_reason {
            "" => number.to_owned(),
            reason => format!("{number}, the last after {reason}"),
        }
    };
    let doing = match word {
        "CrashLoopBackOff" => Problem::critical(format!("crashes again and again: {}", restarts())),
        "ImagePullBackOff" | "ErrImagePull" | "InvalidImageName" | "ErrImageNeverPull" => {
            Problem::critical(format!("its image can't be pulled ({word})"))
        }
        "CreateContainerConfigError"
        | "CreateContainerError"
        | "RunContainerError"
        | "StartError"
        | "ContainerCannotRun" => Problem::critical(format!("a container can't be started ({word})")),
        "Evicted" => Problem::warning("was evicted from its node"),
        "OOMKilled" => Problem::critical("a container needed more memory than it may have"),
        "Terminating" => overdue(pod, now),
        "Unknown" => Problem::critical("its node says nothing any more"),
        "SchedulingGated" if age > SLOW => Problem::notice("waits behind a scheduling gate"),
        _ if &*pod.status.phase == "Failed" => Problem::warning(format!("has failed ({word})")),
        _ if &*pod.status.phase == "Pending" => pending(pod, word, age),
        _ if &*pod.status.phase == "Running" && status.ready < status.containers => unready(pod, status, now),
        _ => None,
    };
    let killed =
        status.last_restart.filter(|at| since(*at) < RECENT).and_then(|_| match &*status.last_reason {
            "OOMKilled" => {
                Problem::warning(format!("ran out of memory within the last hour: {}", restarts()))
            }
            "Completed" | "" => None,
            _ => Problem::notice(format!("restarted within the last hour: {}", restarts())),
        });
    let limit = amount(&sums.limits, "memory").as_number().unwrap_or_default();
    let full = sums.used.filter(|used| near(used.memory, limit)).and_then(|used| {
        Problem::warning(format!("uses {} of the memory that it may have", percent(used.memory, limit)))
    });
    Problem::worst([doing, full, killed])
}

fn pending(pod: &Pod, word: &str, age: i64) -> Option<Problem> {
    let mut conditions = pod.status.conditions.iter();
    let scheduled = conditions.find(|condition| condition.r#type == "PodScheduled");
    match scheduled {
        Some(condition) if condition.status == "False" && condition.reason == "Unschedulable" => {
            Problem::critical("no node can take it")
        }
        _ if age > SLOW => Problem::warning(format!("is not running after {} ({word})", minutes(age))),
        _ => None,
    }
}

fn unready(pod: &Pod, status: &Status, now: Timestamp) -> Option<Problem> {
    let mut conditions = pod.status.conditions.iter();
    let ready = conditions.find(|condition| condition.r#type == "Ready" && condition.status != "True")?;
    let age = now.seconds() - ready.last_transition_time.seconds();
    let missing = status.containers - status.ready;
    (age > SLOW)
        .then(|| {
            Problem::warning(format!(
                "{missing} of {} containers not ready for {}",
                status.containers,
                minutes(age)
            ))
        })
        .flatten()
}

/// A pod that should be gone by now.
fn overdue(pod: &Pod, now: Timestamp) -> Option<Problem> {
    let late = now.seconds() - pod.metadata.deletion_timestamp?.seconds();
    (late > SLOW).then(|| Problem::warning(format!("should be gone since {}", minutes(late)))).flatten()
}

/// A time span for people.
pub(super) fn minutes(seconds: i64) -> String {
    if seconds < 7200 {
        format!("{} minutes", seconds / 60)
    } else if seconds < 172_800 {
        format!("{} hours", seconds / 3600)
    } else {
        format!("{} days", seconds / 86_400)
    }
}
