//! When the first answer may be given, and whether the process still does its work.

use crate::{
    server::Health,
    watch::{State, Status},
};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long a kind that fails holds up the rest, which another configuration may say otherwise.
#[derive(Debug, Clone)]
pub(super) struct Patience(Arc<Mutex<Duration>>);

impl Patience {
    pub(super) fn new(patience: Duration) -> Self {
        Self(Arc::new(Mutex::new(patience)))
    }

    pub(super) fn get(&self) -> Duration {
        *self.0.lock()
    }

    pub(super) fn set(&self, patience: Duration) {
        *self.0.lock() = patience;
    }
}

/// Decides when the metrics may be shown: once every kind is settled and at least one was read.
/// From then on whatever is whole is shown, for ever.
pub(super) struct Gate {
    /// Those that are read at the moment.
    kinds: Box<dyn Fn() -> Vec<Arc<Awaited>> + Send + Sync>,
    patience: Patience,
    open: AtomicBool,
    /// False once a task has ended that should run for ever.
    alive: Arc<AtomicBool>,
}

/// A kind that is waited for.
pub(super) struct Awaited {
    /// The plural name, or what else is read.
    pub(super) resource: &'static str,
    /// Whether it is for the sake of others that this is read.
    pub(super) auxiliary: bool,
    /// What is read separately.
    pub(super) parts: Vec<AwaitedPart>,
}

/// Objects that are read together.
pub(super) struct AwaitedPart {
    /// Where they are; `None` for everywhere.
    pub(super) namespace: Option<String>,
    /// How reading them goes.
    pub(super) status: Arc<Status>,
    /// Whether readers can see them.
    pub(super) published: Box<dyn Fn() -> bool + Send + Sync>,
    /// Set once nobody waits for them any longer.
    pub(super) excused: Arc<AtomicBool>,
}

impl Awaited {
    /// Whether nothing gets lost when this takes the place of another: everything is there, or was
    /// not there before and is not to be had.
    pub(super) fn may_replace(&self, other: &Self, patience: Duration) -> bool {
        self.parts.iter().all(|part| {
            let mut before = other.parts.iter().filter(|before| before.namespace == part.namespace);
            (part.published)() || (part.is_settled(patience) && !before.any(|before| (before.published)()))
        })
    }

    /// From now on the kind is shown without what of it can't be read.
    pub(super) fn excuse_unread(&self) {
        for part in self.parts.iter().filter(|part| !(part.published)()) {
            part.excused.store(true, Ordering::Relaxed);
        }
    }
}

impl AwaitedPart {
    pub(super) fn is_settled(&self, patience: Duration) -> bool {
        (self.published)() || (!self.status.was_complete() && self.status.is_settled(patience))
    }
}

impl Gate {
    pub(super) fn new(
        kinds: impl Fn() -> Vec<Arc<Awaited>> + Send + Sync + 'static,
        patience: Patience,
        alive: Arc<AtomicBool>,
    ) -> Self {
        Self { kinds: Box::new(kinds), patience, open: AtomicBool::new(false), alive }
    }

    /// What is missing, in words.
    fn missing(kinds: &[Arc<Awaited>]) -> String {
        let mut kinds: Vec<String> = parts(kinds)
            .filter(|(_, part)| !(part.published)())
            .map(|(resource, part)| format!("{resource} ({})", in_words(&part.status.state())))
            .collect();
        kinds.dedup();
        format!("Not ready: waiting for {}.", kinds.join(", "))
    }
}

fn parts(kinds: &[Arc<Awaited>]) -> impl Iterator<Item = (&'static str, &AwaitedPart)> {
    kinds.iter().flat_map(|kind| kind.parts.iter().map(|part| (kind.resource, part)))
}

impl Health for Gate {
    fn ready(&self) -> Result<(), String> {
        if self.open.load(Ordering::Acquire) {
            return Ok(());
        }
        let kinds = (self.kinds)();
        let settled = parts(&kinds).all(|(_, part)| part.is_settled(self.patience.get()));
        let mut served = kinds.iter().filter(|kind| !kind.auxiliary).flat_map(|kind| &kind.parts);
        if !settled || !served.any(|part| (part.published)()) {
            return Err(Self::missing(&kinds));
        }
        let mut unread: Vec<_> = parts(&kinds).filter(|(_, part)| !(part.published)()).collect();
        for kind in &kinds {
            kind.excuse_unread();
        }
        if self.open.swap(true, Ordering::AcqRel) {
            // Another request opened it at the same time, and says so.
            return Ok(());
        }
        // Of a kind that is not served the log has a line already.
        unread.retain(|(_, part)| !matches!(part.status.state(), State::NotFound(_)));
        // Of a kind that is read by namespaces one line is enough; its informers name them.
        unread.dedup_by_key(|(resource, _)| *resource);
        for (resource, part) in unread {
            tracing::warn!(
                resource,
                reason = in_words(&part.status.state()),
                "Metrics are served without a kind that can't be read; it joins when it can."
            );
        }
        tracing::info!("Metrics are served.");
        Ok(())
    }

    fn alive(&self) -> Result<(), String> {
        if self.alive.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err("A task has ended that never should.".to_owned())
        }
    }
}

fn in_words(state: &State) -> &'static str {
    match state {
        State::Reading => "being read",
        State::Complete => "read",
        State::Forbidden(_) => "forbidden",
        State::NotFound(_) => "not served",
        State::Failing { .. } => "failing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(published: &Arc<AtomicBool>) -> AwaitedPart {
        let published = Arc::clone(published);
        AwaitedPart {
            namespace: None,
            status: Arc::default(),
            published: Box::new(move || published.load(Ordering::Relaxed)),
            excused: Arc::default(),
        }
    }

    #[test]
    fn all_kinds_are_waited_for_and_missed_by_name() {
        let (pods, nodes): (Arc<AtomicBool>, Arc<AtomicBool>) = Default::default();
        let kinds = vec![
            Arc::new(Awaited { resource: "nodes", auxiliary: false, parts: vec![part(&nodes)] }),
            Arc::new(Awaited { resource: "pods", auxiliary: false, parts: vec![part(&pods)] }),
        ];
        let gate = Gate::new(
            move || kinds.clone(),
            Patience::new(Duration::from_mins(1)),
            Arc::new(AtomicBool::new(true)),
        );
        nodes.store(true, Ordering::Relaxed);
        assert_eq!(gate.ready().unwrap_err(), "Not ready: waiting for pods (being read).");
        pods.store(true, Ordering::Relaxed);
        assert_eq!(gate.ready(), Ok(()));
    }

    #[test]
    fn a_new_set_takes_over_once_nothing_gets_lost() {
        let set = |parts: &[(&str, &Arc<AtomicBool>)]| Awaited {
            resource: "pods",
            auxiliary: false,
            parts: parts
                .iter()
                .map(|(namespace, published)| AwaitedPart {
                    namespace: Some((*namespace).to_owned()),
                    ..part(published)
                })
                .collect(),
        };
        let (there, missing, late): (Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicBool>) = Default::default();
        there.store(true, Ordering::Relaxed);
        let before = set(&[("a", &there), ("b", &missing)]);
        let after = set(&[("a", &late), ("b", &missing), ("c", &missing)]);
        // What is to be had is waited for, however long it takes; what isn't, as long as the patience.
        assert!(!after.may_replace(&before, Duration::ZERO));
        late.store(true, Ordering::Relaxed);
        assert!(after.may_replace(&before, Duration::ZERO));
        assert!(!after.may_replace(&before, Duration::from_mins(1)));
        missing.store(true, Ordering::Relaxed);
        assert!(after.may_replace(&before, Duration::from_mins(1)));
    }

    #[test]
    fn a_task_that_ended_is_told() {
        let alive = Arc::new(AtomicBool::new(true));
        let gate = Gate::new(Vec::new, Patience::new(Duration::ZERO), Arc::clone(&alive));
        assert_eq!(gate.alive(), Ok(()));
        alive.store(false, Ordering::Relaxed);
        assert!(gate.alive().is_err());
    }
}
