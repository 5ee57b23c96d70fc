//! How a pod is doing, in the words of `kubectl get pods`.
//!
//! The rules are those of `printPod` in Kubernetes' `pkg/printers/internalversion/printers.go`.

use crate::{
    resources::pods::{Container, ContainerStatus, Pod, Terminated},
    wire::Timestamp,
};

/// How a pod is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    /// One word, such as `Running` or `CrashLoopBackOff`.
    pub(super) word: String,
    /// Containers that are ready, sidecars among them.
    pub(super) ready: usize,
    /// Containers that should be.
    pub(super) containers: usize,
    /// Restarts of the containers that count by now.
    pub(super) restarts: i64,
    /// When the last run of one of them ended.
    pub(super) last_restart: Option<Timestamp>,
    /// Why.
    pub(super) last_reason: String,
}

#[derive(Default)]
struct Restarts {
    number: i64,
    last: Option<(Timestamp, String)>,
}

impl Restarts {
    fn count(&mut self, status: &ContainerStatus) {
        self.number += i64::from(status.restart_count);
        if let Some(run) = &status.last_state.terminated
            && self.last.as_ref().is_none_or(|(last, _)| last.seconds() < run.finished_at.seconds())
        {
            self.last = Some((run.finished_at, ended(run)));
        }
    }
}

impl Status {
    pub(super) fn of(pod: &Pod) -> Self {
        let status = &pod.status;
        let mut word = if status.reason.is_empty() { &status.phase } else { &status.reason }.to_string();
        let gated = |reason: &str| reason == "SchedulingGated";
        if status.conditions.iter().any(|c| c.r#type == "PodScheduled" && gated(&c.reason)) {
            "SchedulingGated".clone_into(&mut word);
        }
        let sidecars = pod.spec.init_containers.iter().filter(|container| is_sidecar(container));
        let containers = pod.spec.containers.len() + sidecars.count();
        let mut ready = 0;
        let mut init = Restarts::default();
        let mut main = Restarts::default();
        let mut initializing = false;
        for (at, held) in status.init_container_statuses.iter().enumerate() {
            init.count(held);
            let sidecar = pod.spec.init_containers.iter().any(|c| c.name == held.name && is_sidecar(c));
            if sidecar {
                main.count(held);
            }
            match (&held.state.terminated, &held.state.waiting) {
                (Some(run), _) if run.exit_code == 0 => continue,
                _ if sidecar && held.started == Some(true) => {
                    ready += usize::from(held.ready);
                    continue;
                }
                (Some(run), _) => word = format!("Init:{}", ended(run)),
                (None, Some(waiting)) if !matches!(&*waiting.reason, "" | "PodInitializing") => {
                    word = format!("Init:{}", &*waiting.reason);
                }
                _ => word = format!("Init:{at}/{}", pod.spec.init_containers.len()),
            }
            initializing = true;
            break;
        }
        let is_true = |name: &str| status.conditions.iter().any(|c| c.r#type == name && c.status == "True");
        let restarts = if !initializing || is_true("Initialized") {
            let (mut running, mut error) = (false, String::new());
            for held in status.container_statuses.iter().rev() {
                main.count(held);
                match (&held.state.waiting, &held.state.terminated) {
                    (Some(waiting), _) if !waiting.reason.is_empty() => word = waiting.reason.to_string(),
                    (_, Some(run)) => {
                        word = ended(run);
                        if run.exit_code != 0 {
                            error.clone_from(&word);
                        }
                    }
                    _ if held.ready && held.state.running.is_some() => {
                        running = true;
                        ready += 1;
                    }
                    _ => {}
                }
            }
            if word == "Completed" {
                if running && is_true("Ready") {
                    "Running".clone_into(&mut word);
                } else if !error.is_empty() {
                    word = error;
                } else if running {
                    "NotReady".clone_into(&mut word);
                }
            }
            main
        } else {
            init
        };
        if pod.metadata.deletion_timestamp.is_some() {
            if status.reason == "NodeLost" {
                "Unknown".clone_into(&mut word);
            } else if !pod.has_ended() {
                "Terminating".clone_into(&mut word);
            }
        }
        let (last_restart, last_reason) =
            restarts.last.map_or((None, String::new()), |(at, why)| (at.set(), why));
        Self { word, ready, containers, restarts: restarts.number, last_restart, last_reason }
    }
}

/// How a run ended, in a word.
pub(super) fn ended(run: &Terminated) -> String {
    if !run.reason.is_empty() {
        run.reason.to_string()
    } else if run.signal != 0 {
        format!("Signal:{}", run.signal)
    } else {
        format!("ExitCode:{}", run.exit_code)
    }
}

/// Whether an init container goes on running beside the others.
pub(super) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy == "Always"
}
