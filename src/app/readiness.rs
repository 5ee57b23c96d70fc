//! When the first answer may be given.

use crate::{
    server::Readiness,
    watch::{State, Status},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Decides when the metrics may be shown: once every kind is settled and at least one was read.
/// From then on whatever is whole is shown, for ever.
pub(super) struct Gate {
    kinds: Vec<Awaited>,
    /// How long a kind that fails holds up the rest.
    patience: Duration,
    open: AtomicBool,
}

/// A kind that is waited for.
pub(super) struct Awaited {
    /// The plural name.
    pub(super) resource: &'static str,
    /// What is read separately.
    pub(super) parts: Vec<AwaitedPart>,
}

/// Objects that are read together.
pub(super) struct AwaitedPart {
    /// How reading them goes.
    pub(super) status: Arc<Status>,
    /// Whether readers can see them.
    pub(super) published: Box<dyn Fn() -> bool + Send + Sync>,
    /// Set once nobody waits for them any longer.
    pub(super) excused: Arc<AtomicBool>,
}

impl AwaitedPart {
    fn is_settled(&self, patience: Duration) -> bool {
        (self.published)() || (!self.status.was_complete() && self.status.is_settled(patience))
    }
}

impl Gate {
    pub(super) fn new(kinds: Vec<Awaited>, patience: Duration) -> Self {
        Self { kinds, patience, open: AtomicBool::new(false) }
    }

    fn parts(&self) -> impl Iterator<Item = (&'static str, &AwaitedPart)> {
        self.kinds.iter().flat_map(|kind| kind.parts.iter().map(|part| (kind.resource, part)))
    }

    /// What is missing, in words.
    fn missing(&self) -> String {
        let mut kinds: Vec<String> = self
            .parts()
            .filter(|(_, part)| !(part.published)())
            .map(|(resource, part)| format!("{resource} ({})", in_words(&part.status.state())))
            .collect();
        kinds.dedup();
        format!("Not ready: waiting for {}.", kinds.join(", "))
    }
}

impl Readiness for Gate {
    fn check(&self) -> Result<(), String> {
        if self.open.load(Ordering::Acquire) {
            return Ok(());
        }
        let settled = self.parts().all(|(_, part)| part.is_settled(self.patience));
        if !settled || !self.parts().any(|(_, part)| (part.published)()) {
            return Err(self.missing());
        }
        let mut unread: Vec<_> = self.parts().filter(|(_, part)| !(part.published)()).collect();
        for (_, part) in &unread {
            part.excused.store(true, Ordering::Relaxed);
        }
        if self.open.swap(true, Ordering::AcqRel) {
            // Another request opened it at the same time, and says so.
            return Ok(());
        }
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
