//! What goes wrong on request, steered while the server runs.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster::Cluster;
use super::keys::key;
use super::kinds::Kind;
use super::status::ApiError;

/// The requests that are remembered.
const REQUESTS: usize = 10_000;

/// Switches for what goes wrong; every one can be turned at any time, from any thread.
#[derive(Debug)]
pub struct Faults {
    cluster: Arc<Cluster>,
    state: Mutex<State>,
    turned: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    connections: CancellationToken,
    answers: HashMap<String, Answer>,
    stalled: Vec<String>,
    compacted: HashMap<String, Compaction>,
    streaming_lists: StreamingLists,
    kubelets: HashMap<String, KubeletFault>,
    requests: VecDeque<String>,
}

/// An error that requests for a kind are answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status, such as 403, 404, 410, 429 or 500.
    pub status: u16,
    /// Seconds of the `Retry-After` header.
    pub retry_after: Option<u32>,
    /// How many requests are answered so; all until [`Faults::clear`] when `None`.
    pub times: Option<u32>,
}

impl Answer {
    /// This status until it is cleared.
    pub fn status(status: u16) -> Self {
        Self { status, retry_after: None, times: None }
    }

    /// This status for the next requests only.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// With a `Retry-After` header.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

/// How a watch learns that the history it needs is gone. Real servers do both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compaction {
    /// Running watches end silently; resuming is answered with the HTTP status 410.
    Status,
    /// Running watches end with an `ERROR` event of code 410, and so does every attempt to resume.
    Event,
}

/// How the server treats `sendInitialEvents=true`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamingLists {
    /// It sends the initial events and the bookmark that ends them.
    #[default]
    Served,
    /// It refuses with this status: 422 where the feature is switched off, 400 with odd proxies.
    Refused(u16),
    /// It ignores the option as old servers do: a plain watch, without the bookmark that ends a list.
    Ignored,
}

/// What is wrong with a kubelet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubeletFault {
    /// It never answers.
    Silent,
    /// It answers with this HTTP status.
    Status(u16),
    /// It answers this.
    Says(String),
    /// It never stops answering.
    Endless,
}

impl Faults {
    pub(super) fn new(cluster: Arc<Cluster>) -> Self {
        Self { cluster, state: Mutex::default(), turned: watch::Sender::new(()) }
    }

    /// Cuts every open connection; new ones are accepted.
    pub fn kill_connections(&self) {
        std::mem::take(&mut self.state.lock().connections).cancel();
    }

    /// Answers lists, watches and gets of a kind (its plural name) with an error.
    pub fn answer(&self, plural: &str, answer: Answer) {
        self.state.lock().answers.insert(plural.to_owned(), answer);
    }

    /// Keeps the watches of a kind open without a byte more, whatever happens and however long they are.
    pub fn stall(&self, plural: &str) {
        self.state.lock().stalled.push(plural.to_owned());
        self.turned.send_replace(());
    }

    /// Forgets the history of a kind, so that no watch can be resumed and no paged list be continued.
    pub fn expire(&self, plural: &str, compaction: Compaction) {
        let Some(kind) = Kind::plural(plural) else { return };
        self.state.lock().compacted.insert(plural.to_owned(), compaction);
        self.cluster.forget(kind);
    }

    /// Sets how streaming lists of all kinds are treated from the next request on.
    pub fn streaming_lists(&self, treatment: StreamingLists) {
        self.state.lock().streaming_lists = treatment;
    }

    /// Makes an existing object malformed, in lists and as an event; whether it exists.
    pub fn corrupt(&self, plural: &str, namespace: &str, name: &str) -> bool {
        Kind::plural(plural).is_some_and(|kind| self.cluster.corrupt(kind, &key(namespace, name)))
    }

    /// Makes a kubelet go wrong, by the name of its node.
    pub fn kubelet(&self, node: &str, fault: KubeletFault) {
        self.state.lock().kubelets.insert(node.to_owned(), fault);
    }

    /// Ends all errors, stalls and treatments; corrupt objects and lost history stay.
    pub fn clear(&self) {
        let mut state = self.state.lock();
        state.answers.clear();
        state.stalled.clear();
        state.kubelets.clear();
        state.streaming_lists = StreamingLists::Served;
        drop(state);
        self.turned.send_replace(());
    }

    /// The latest requests, oldest first: method, path and query.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().requests.iter().cloned().collect()
    }

    pub(super) fn record(&self, request: String) {
        let mut state = self.state.lock();
        if state.requests.len() == REQUESTS {
            state.requests.pop_front();
        }
        state.requests.push_back(request);
    }

    pub(super) fn connection(&self) -> CancellationToken {
        self.state.lock().connections.clone()
    }

    /// The error that this request is answered with.
    pub(super) fn next_answer(&self, kind: &Kind) -> Option<ApiError> {
        let mut state = self.state.lock();
        let answer = state.answers.get_mut(kind.plural)?;
        if let Some(times) = &mut answer.times {
            *times = times.checked_sub(1)?;
        }
        let message = format!("{} are out of order on request", kind.plural);
        let mut error = ApiError::new(answer.status, message);
        error.retry_after = answer.retry_after;
        Some(error)
    }

    pub(super) fn kubelet_fault(&self, node: &str) -> Option<KubeletFault> {
        self.state.lock().kubelets.get(node).cloned()
    }

    pub(super) fn is_stalled(&self, kind: &Kind) -> bool {
        self.state.lock().stalled.iter().any(|plural| plural == kind.plural)
    }

    pub(super) fn compaction(&self, kind: &Kind) -> Compaction {
        self.state.lock().compacted.get(kind.plural).copied().unwrap_or(Compaction::Status)
    }

    pub(super) fn streaming_list_treatment(&self) -> StreamingLists {
        self.state.lock().streaming_lists
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.turned.subscribe()
    }
}
