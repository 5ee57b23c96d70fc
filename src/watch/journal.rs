//! The log lines of an informer.

use super::{failure::Failure, request::Request};
use std::time::{Duration, Instant};
use tracing::{Span, debug, info, info_span, warn};

/// Says in the log what happens to one kind, without saying it again and again.
#[derive(Debug)]
pub(super) struct Journal {
    span: Span,
    every: Duration,
    /// When the current trouble began.
    trouble: Option<Instant>,
    said_failure: Option<Instant>,
    said_malformed: Option<Instant>,
    said_unsharded: Option<Instant>,
}

impl Journal {
    pub(super) fn new(request: &Request, every: Duration) -> Self {
        let kind = request.plural.as_str();
        // A field without a value is left out.
        let span = info_span!("watch", kind, namespace = request.namespace);
        Self { span, every, trouble: None, said_failure: None, said_malformed: None, said_unsharded: None }
    }

    /// Something failed that will be tried again.
    pub(super) fn failed(&mut self, doing: &str, failure: &Failure, wait: Duration) {
        let first = self.trouble.is_none();
        self.trouble.get_or_insert_with(Instant::now);
        if first && self.said_failure.is_none() || due(&mut self.said_failure, self.every) {
            self.said_failure = Some(Instant::now());
            let retry = format!("{:.1}s", wait.as_secs_f64());
            let hint = hint(failure);
            self.span.in_scope(|| warn!(error = %failure, retry, "{doing} failed{hint}, it is tried again."));
        }
    }

    /// A list or a watch works.
    pub(super) fn works(&mut self) {
        if let Some(since) = self.trouble.take() {
            // A trouble that was too short to be told of needs no end either.
            if self.said_failure.is_some_and(|said| said >= since) {
                let after = format!("{:.1}s", since.elapsed().as_secs_f64());
                self.span.in_scope(|| info!(after, "Reading works again."));
            }
        }
    }

    /// The server sends everything where it was asked for a share.
    pub(super) fn unsharded(&mut self) {
        if due(&mut self.said_unsharded, self.every) {
            self.span.in_scope(|| {
                warn!("The server ignores the shard selector, so that other shards' objects are dropped here; its feature gate ShardedListAndWatch is off.");
            });
        }
    }

    /// The whole set was read.
    pub(super) fn complete(&self, took: Duration) {
        let took = format!("{:.3}s", took.as_secs_f64());
        self.span.in_scope(|| debug!(took, "The whole set was read."));
    }

    /// Everything is read again.
    pub(super) fn relist(&self, failure: &Failure) {
        self.span.in_scope(|| debug!(reason = %failure, "The watch cannot be resumed, all is read again."));
    }

    /// Sets are read in pages from now on.
    pub(super) fn pages(&self, failure: &Failure) {
        self.span.in_scope(|| debug!(reason = %failure, "No streaming list here, the set is read in pages."));
    }

    /// An object was skipped.
    pub(super) fn malformed(&mut self, object: &str, error: &dyn std::fmt::Display) {
        if due(&mut self.said_malformed, self.every) {
            self.span.in_scope(|| warn!(object, error = %error, "A malformed object was skipped."));
        }
    }
}

/// What somebody may do about it.
fn hint(failure: &Failure) -> &'static str {
    match failure.code() {
        Some(401) => " since the credentials are not accepted",
        Some(403) => ": the account needs the verbs list and watch for it",
        _ => "",
    }
}

/// True where `said` is as long ago as `every` or never was; it then becomes now.
fn due(said: &mut Option<Instant>, every: Duration) -> bool {
    let due = said.is_none_or(|said| said.elapsed() >= every);
    if due {
        *said = Some(Instant::now());
    }
    due
}
