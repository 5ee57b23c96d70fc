//! Watches: initial events, changes and bookmarks in one long answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::answer::{self, Body, CHUNK};
use super::cluster::{Change, Cluster};
use super::faults::{Compaction, Faults, StreamingLists};
use super::keys::{Keys, key};
use super::kinds::Kind;
use super::list::refuse_future;
use super::media::Media;
use super::object::Stored;
use super::request::{Query, Target};
use super::selector::Selector;
use super::status::ApiError;
use super::writer::Writer;

/// How long a watch lasts when the client sets no limit.
const LONGEST: Duration = Duration::from_mins(30);

/// Changes that are taken from the history at a time.
const BATCH: usize = 1024;

/// Where a watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// With what exists, as `ADDED` events.
    Initial {
        /// Whether a bookmark says when these are complete.
        marked: bool,
    },
    /// After a version.
    After(u64),
    /// With an error, since the version is forgotten.
    Expired(u64),
}

/// A watch that is being sent.
struct Watch {
    cluster: Arc<Cluster>,
    faults: Arc<Faults>,
    kind: &'static Kind,
    keys: Keys,
    selector: Selector,
    writer: Writer,
    bookmarks: Option<Duration>,
    deadline: Instant,
    sender: mpsc::Sender<Bytes>,
    chunk: Vec<u8>,
}

/// The client is gone, or the watch has to end.
struct Ended;

/// Answers a watch; `bookmarks` is the time between bookmarks, for clients that allow them.
pub(super) fn watch(
    cluster: &Arc<Cluster>,
    faults: &Arc<Faults>,
    target: &Target,
    query: &Query,
    media: Media,
    bookmarks: Duration,
) -> Result<Response<Body>, ApiError> {
    let kind = target.kind();
    let start = start(cluster, faults, kind, query)?;
    let timeout = query.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
    let (sender, body) = answer::stream();
    let keys = match &target.name {
        Some(name) => Keys::one(&key(target.namespace.as_deref().unwrap_or_default(), name)),
        None => Keys::of(target.namespace.as_deref()),
    };
    let watch = Watch {
        cluster: Arc::clone(cluster),
        faults: Arc::clone(faults),
        kind,
        keys,
        selector: query.selector(kind)?,
        writer: Writer::new(kind, media, query.rows()?),
        bookmarks: query.flag("allowWatchBookmarks").then_some(bookmarks),
        deadline: Instant::now() + timeout.map_or(LONGEST, Duration::from_secs),
        sender,
        chunk: Vec::new(),
    };
    tokio::spawn(async move {
        let Err(Ended) = watch.run(start).await;
    });
    Ok(answer::ok(media.stream_content_type(), body))
}

fn start(cluster: &Cluster, faults: &Faults, kind: &Kind, query: &Query) -> Result<Start, ApiError> {
    let version = query.number("resourceVersion")?.filter(|version| *version > 0);
    if let Some(version) = version {
        refuse_future(cluster, version)?;
    }
    let treatment = faults.streaming_list_treatment();
    let asks = !query.text("sendInitialEvents").is_empty();
    if asks && treatment != StreamingLists::Ignored {
        if let StreamingLists::Refused(status) = treatment {
            return Err(ApiError::new(status, "sendInitialEvents is forbidden: the feature is switched off"));
        }
        if query.text("resourceVersionMatch") != "NotOlderThan" {
            let message = "resourceVersionMatch: sendInitialEvents requires setting it to NotOlderThan";
            return Err(ApiError::new(422, message));
        }
        return Ok(if query.flag("sendInitialEvents") {
            Start::Initial { marked: query.flag("allowWatchBookmarks") }
        } else {
            Start::After(version.unwrap_or_else(|| cluster.version()))
        });
    }
    let Some(version) = version else { return Ok(Start::Initial { marked: false }) };
    if cluster.changes(kind, version, 0).is_ok() {
        return Ok(Start::After(version));
    }
    match faults.compaction(kind) {
        Compaction::Status => Err(ApiError::expired(version)),
        Compaction::Event => Ok(Start::Expired(version)),
    }
}

impl Watch {
    async fn run(mut self, start: Start) -> Result<std::convert::Infallible, Ended> {
        self.wait_while_stalled().await?;
        let version = match start {
            Start::Initial { marked } => self.send_initial(marked).await?,
            Start::After(version) => version,
            Start::Expired(version) => return self.send_expired(version).await,
        };
        self.send_changes(version).await
    }

    async fn send_initial(&mut self, marked: bool) -> Result<u64, Ended> {
        let snapshot = self.cluster.snapshot(self.kind, &self.keys);
        self.chunk.reserve(CHUNK.min(16 * 1024 * snapshot.objects.len()));
        for object in &snapshot.objects {
            if self.selector.matches(object) {
                self.writer.event("ADDED", object, &mut self.chunk);
                self.flush_when_full().await?;
            }
        }
        if marked {
            self.writer.bookmark(snapshot.version, true, &mut self.chunk);
        }
        self.flush().await?;
        Ok(snapshot.version)
    }

    async fn send_changes(&mut self, mut version: u64) -> Result<std::convert::Infallible, Ended> {
        let mut committed = self.cluster.subscribe();
        let mut turned = self.faults.subscribe();
        let every = self.bookmarks.unwrap_or(LONGEST);
        let mut bookmarks = interval_at(Instant::now() + every, every);
        bookmarks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.wait_while_stalled().await?;
            committed.mark_unchanged();
            let Ok((complete, changes)) = self.cluster.changes(self.kind, version, BATCH) else {
                return match self.faults.compaction(self.kind) {
                    Compaction::Status => Err(Ended),
                    Compaction::Event => self.send_expired(version).await,
                };
            };
            let more = changes.len() == BATCH;
            version = complete;
            for change in &changes {
                if let Some(event) = self.event_of(change) {
                    self.writer.event(event, &change.object, &mut self.chunk);
                    self.flush_when_full().await?;
                }
            }
            self.flush().await?;
            if more {
                continue;
            }
            tokio::select! {
                _ = committed.changed() => {}
                _ = turned.changed() => {}
                _ = bookmarks.tick(), if self.bookmarks.is_some() => {
                    self.writer.bookmark(version, false, &mut self.chunk);
                    self.flush().await?;
                }
                () = sleep_until(self.deadline) => return Err(Ended),
                () = self.sender.closed() => return Err(Ended),
            }
        }
    }

    /// What a change is to this watch: an object that begins to match is new, one that ceases to is gone.
    fn event_of(&self, change: &Change) -> Option<&'static str> {
        let matches = |object: &Stored| self.selector.matches(object);
        if !self.keys.contains(change.object.key()) {
            return None;
        }
        let before = change.previous.as_deref().is_some_and(matches);
        let now = !change.deleted && matches(&change.object);
        match (before, now) {
            (false, true) => Some("ADDED"),
            (true, true) => Some("MODIFIED"),
            (true, false) => Some("DELETED"),
            (false, false) => None,
        }
    }

    async fn send_expired(&mut self, version: u64) -> Result<std::convert::Infallible, Ended> {
        self.writer.error(&ApiError::expired(version), &mut self.chunk);
        self.flush().await?;
        Err(Ended)
    }

    async fn wait_while_stalled(&self) -> Result<(), Ended> {
        let mut turned = self.faults.subscribe();
        while self.faults.is_stalled(self.kind) {
            tokio::select! {
                _ = turned.changed() => {}
                () = self.sender.closed() => return Err(Ended),
            }
        }
        Ok(())
    }

    async fn flush_when_full(&mut self) -> Result<(), Ended> {
        if self.chunk.len() >= CHUNK {
            self.flush().await?;
            self.chunk.reserve(CHUNK + CHUNK / 8);
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::take(&mut self.chunk));
        self.sender.send(chunk).await.map_err(|_| Ended)
    }
}
