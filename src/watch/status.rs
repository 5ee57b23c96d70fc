//! How an informer is doing, for self metrics and readiness.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// What an informer is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Reads the whole set, for the first time or again.
    #[default]
    Reading,
    /// The set is whole and followed.
    Complete,
    /// The server refuses it with this text.
    Forbidden(Arc<str>),
    /// The server does not serve such objects, and says so with this text.
    NotFound(Arc<str>),
    /// Something else fails again and again.
    Failing {
        /// Since the first failure after the last success.
        since: Instant,
        /// What went wrong last.
        error: Arc<str>,
    },
}

/// How an informer is doing. Written by the informer, read by anybody at any time.
#[derive(Debug)]
pub struct Status {
    started: Instant,
    state: watch::Sender<State>,
    complete: AtomicBool,
    last_event: AtomicU64,
    counters: Counters,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) lists: AtomicU64,
    pub(super) listed: AtomicU64,
    pub(super) list_errors: AtomicU64,
    pub(super) watches: AtomicU64,
    pub(super) watch_errors: AtomicU64,
    pub(super) relists: AtomicU64,
    pub(super) decode_errors: AtomicU64,
    pub(super) unknown_events: AtomicU64,
    pub(super) requests: AtomicU64,
}

/// What an informer has done since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole sets read, as a streaming list or in pages.
    pub lists: u64,
    /// Objects of the last list that came in pages, those of other shards included.
    pub listed: u64,
    /// Attempts at it that failed.
    pub list_errors: u64,
    /// Watches that began, after a list or resumed.
    pub watches: u64,
    /// Watches that failed, or failed to begin. The end that the server was asked for is none.
    pub watch_errors: u64,
    /// Times that everything had to be read again since the watch could not be resumed.
    pub relists: u64,
    /// Objects and events that could not be decoded and were skipped.
    pub decode_errors: u64,
    /// Events of a type that is not known.
    pub unknown_events: u64,
    /// HTTP requests sent.
    pub requests: u64,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            state: watch::Sender::default(),
            complete: AtomicBool::default(),
            last_event: AtomicU64::default(),
            counters: Counters::default(),
        }
    }
}

impl Status {
    /// What the informer is about.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Tells of every change of the state.
    pub fn subscribe(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// True once the whole set was read, whatever happened later. The end of it was then at least
    /// handed to the stream's reader, who may still be at work on it.
    pub fn was_complete(&self) -> bool {
        self.complete.load(Relaxed)
    }

    /// True where there is nothing to wait for: the set was read, may not be read, doesn't exist,
    /// or could not be read in as long as `limit`.
    pub fn is_settled(&self, limit: Duration) -> bool {
        self.was_complete()
            || match &*self.state.borrow() {
                State::Complete | State::Forbidden(_) | State::NotFound(_) => true,
                // A server may also accept, and then say nothing or too little.
                State::Failing { .. } | State::Reading => self.started.elapsed() >= limit,
            }
    }

    /// When the server was last heard of, in seconds since 1970; `None` before the first time.
    pub fn last_event(&self) -> Option<f64> {
        let millis = self.last_event.load(Relaxed);
        (millis > 0).then(|| millis as f64 / 1e3)
    }

    /// What it has done so far.
    pub fn counts(&self) -> Counts {
        let c = &self.counters;
        Counts {
            lists: c.lists.load(Relaxed),
            listed: c.listed.load(Relaxed),
            list_errors: c.list_errors.load(Relaxed),
            watches: c.watches.load(Relaxed),
            watch_errors: c.watch_errors.load(Relaxed),
            relists: c.relists.load(Relaxed),
            decode_errors: c.decode_errors.load(Relaxed),
            unknown_events: c.unknown_events.load(Relaxed),
            requests: c.requests.load(Relaxed),
        }
    }

    pub(super) fn count(&self, which: impl FnOnce(&Counters) -> &AtomicU64) {
        which(&self.counters).fetch_add(1, Relaxed);
    }

    pub(super) fn listed(&self, objects: u64) {
        self.counters.listed.store(objects, Relaxed);
    }

    pub(super) fn heard(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.last_event.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The set begins to be read. A failure is only forgotten when it is whole.
    pub(super) fn reading(&self) {
        self.state.send_if_modified(|state| {
            let resting = *state == State::Complete;
            if resting {
                *state = State::Reading;
            }
            resting
        });
    }

    /// The set is whole, or followed again.
    pub(super) fn completed(&self) {
        self.complete.store(true, Relaxed);
        self.set(State::Complete);
    }

    pub(super) fn forbidden(&self, error: &str) {
        self.set(State::Forbidden(error.into()));
    }

    pub(super) fn not_found(&self, error: &str) {
        self.set(State::NotFound(error.into()));
    }

    pub(super) fn failed(&self, error: &str) {
        let since = match &*self.state.borrow() {
            State::Failing { since, .. } => *since,
            _ => Instant::now(),
        };
        self.set(State::Failing { since, error: error.into() });
    }

    fn set(&self, new: State) {
        self.state.send_if_modified(|state| {
            let changed = *state != new;
            *state = new;
            changed
        });
    }
}
