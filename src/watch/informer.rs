//! The stream of what happens to the objects of one request.

use super::{
    backoff::{Backoff, Tuning},
    client::Lane,
    clients::{Clients, Seat},
    encoding::{self, Events, Media, Page, Watched},
    failure::Failure,
    journal::Journal,
    probe,
    request::{Question, Request},
    response,
    status::Status,
};
use crate::wire::{Context, Representation};
use futures::Stream;
use kube::client::Body;
use kube_runtime::watcher::Event;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

mod reader;
mod recovery;

use reader::Reader;

/// Follows the objects of a request for ever, mending every failure itself.
///
/// A set begins with `Init`, brings its objects as `InitApply` and is whole at `InitDone`, from
/// where `Apply` and `Delete` follow. Where the watch cannot be resumed, another `Init` begins the
/// set anew; until its `InitDone` the one before stays right, and where it breaks in the middle
/// there is just another `Init`. Between `Init` and `InitDone` an object may come more than once,
/// of which the last counts, or be taken out of the set again by a `Delete`, since a streaming list
/// goes on while objects change. An empty set is also what a kind ends as that the server no
/// longer serves.
///
/// Events that arrived together are ready together, so that `ready_chunks` makes batches of them.
pub fn informer<K: Watched>(
    clients: &Clients,
    request: Request,
    context: Context,
    status: Arc<Status>,
    tuning: Tuning,
) -> impl Stream<Item = Event<K>> + Send + use<K> {
    let mut run = Box::new(Run::new(clients, request, context, status, tuning));
    async_stream::stream! {
        loop {
            while let Some(event) = run.next() {
                yield event;
            }
            run.advance().await;
        }
    }
}

/// An informer at work: what it has in hand, and what it is to do next.
struct Run<K> {
    seat: Seat,
    request: Request,
    tuning: Tuning,
    reader: Reader,
    /// What the next request is for.
    goal: Goal,
    /// The answer that is being read.
    open: Option<Open>,
    /// Events to be yielded before those of the answer.
    due: VecDeque<Event<K>>,
    /// What ended the last answer.
    failure: Option<Failure>,
    backoff: Backoff,
    slow: Backoff,
    relists: Backoff,
    /// Whether all is read again since no watch has worked.
    relisted: bool,
    /// Whether the server is thought to know streaming lists.
    streaming: bool,
    /// Whether the current watch has shown that it works.
    proven: bool,
    /// Streaming lists in a row that broke.
    cuts: u32,
    absence: Absence,
    /// When the last list was asked for.
    asked: Instant,
    /// Which cluster the resourceVersion is from.
    cluster: u64,
}

/// Whether the server doesn't serve such objects.
#[derive(Default)]
struct Absence {
    /// As far as is known, so that there is nothing to ask for.
    assumed: bool,
    /// Answers in a row that say so.
    answers: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Goal {
    StreamingList,
    /// The page after this token.
    Page(Option<String>),
    /// The list in one piece.
    Whole,
    Watch,
}

enum Open {
    Events {
        body: Body,
        events: Box<dyn Events>,
        /// Whether the end mark of the initial events is still to come.
        initial: bool,
        /// How long it may be silent.
        silence: Duration,
    },
    Page {
        body: Body,
        page: Box<dyn Page>,
    },
}

impl<K: Watched> Run<K> {
    fn new(
        clients: &Clients,
        request: Request,
        context: Context,
        status: Arc<Status>,
        tuning: Tuning,
    ) -> Self {
        let journal = Journal::new(&request, tuning.log_every);
        Self {
            seat: clients.seat(),
            reader: Reader {
                context,
                shard: request.shard,
                status,
                journal,
                version: String::new(),
                listed: 0,
                paged: 0,
                limit: request.limit.unwrap_or(u64::MAX),
                heard: false,
            },
            goal: if request.limit.is_some() { Goal::Page(None) } else { Goal::StreamingList },
            open: None,
            due: VecDeque::new(),
            failure: None,
            backoff: Backoff::new(tuning.backoff),
            slow: Backoff::new(tuning.slow),
            relists: Backoff::new(tuning.backoff),
            relisted: false,
            // A stream can't be limited.
            streaming: request.limit.is_none(),
            proven: false,
            cuts: 0,
            absence: Absence::default(),
            asked: Instant::now(),
            cluster: 0,
            request,
            tuning,
        }
    }

    /// The next event of what has arrived.
    fn next(&mut self) -> Option<Event<K>> {
        if let Some(event) = self.due.pop_front() {
            return Some(event);
        }
        if self.failure.is_some() {
            return None;
        }
        let event = match &mut self.open {
            None => Ok(None),
            Some(Open::Events { events, initial, .. }) => self.reader.event(&mut **events, initial),
            Some(Open::Page { page, .. }) => self.reader.item(&mut **page),
        };
        match event {
            Ok(event) => {
                if matches!(event, Some(Event::InitDone)) {
                    self.complete();
                    if self.lists_apart() {
                        // The watch goes on from the end mark over a shared connection.
                        self.open = None;
                    } else {
                        self.reader.status.count(|c| &c.watches);
                    }
                }
                event
            }
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// Does whatever brings more: mends, asks or reads. There may be thousands of informers, nearly all of
    /// which read, so that all else takes memory only while it is done.
    async fn advance(&mut self) {
        if let Some(failure) = self.failure.take() {
            Box::pin(self.recover(failure)).await;
            // Another server may answer now.
            return Box::pin(self.probe()).await;
        }
        if self.absence.assumed {
            return Box::pin(self.wait_until_served()).await;
        }
        let result = if self.open.is_some() { self.read().await } else { Box::pin(self.ask()).await };
        self.failure = result.err();
    }

    async fn ask(&mut self) -> Result<(), Failure> {
        let current = self.seat.current();
        if std::mem::replace(&mut self.cluster, current.cluster) != current.cluster {
            return Err(Failure::Moved);
        }
        let timeout = rand::random_range(self.tuning.watch.clone());
        let begins_set = matches!(self.goal, Goal::StreamingList | Goal::Page(None) | Goal::Whole);
        if begins_set {
            self.asked = Instant::now();
            self.reader.paged = 0;
        }
        self.reader.listed = self.reader.paged;
        let question = match &self.goal {
            Goal::StreamingList => Question::StreamingList { timeout },
            Goal::Page(token) => {
                let limit = self.tuning.page.min(self.reader.limit - self.reader.paged);
                Question::Page { limit: Some(limit), token: token.as_deref() }
            }
            Goal::Whole => Question::Page { limit: self.request.limit, token: None },
            Goal::Watch => Question::Watch { version: &self.reader.version, timeout },
        };
        self.reader.status.count(|c| &c.requests);
        let apart = self.goal != Goal::Watch && self.lists_apart();
        let lane = if apart { Lane::Own } else { self.seat.lane() };
        let representation = self.request.representation;
        let media = Media::of(representation);
        let body = response::ask(&current.client, &self.request, question, media, lane, &self.tuning).await?;
        self.reader.status.heard();
        self.proven = false;
        self.reader.heard = false;
        if begins_set {
            self.due.push_back(Event::Init);
            self.reader.status.reading();
        } else if self.goal == Goal::Watch {
            self.reader.status.count(|c| &c.watches);
        }
        let limit = self.tuning.frame;
        self.open = Some(match self.goal {
            Goal::Page(_) | Goal::Whole => Open::Page { body, page: encoding::page(representation, limit) },
            Goal::StreamingList | Goal::Watch => Open::Events {
                body,
                events: encoding::events(representation, limit),
                initial: self.goal == Goal::StreamingList,
                silence: timeout + self.tuning.margin,
            },
        });
        Ok(())
    }

    /// Says where the server sends what is not ours. The reader drops it in any case.
    async fn probe(&mut self) {
        let sharded = self.request.shard.selector().is_some();
        if sharded && !self.absence.assumed && self.request.representation == Representation::Object {
            let clients = &self.seat.clients;
            // A failure will be that of the request that follows, too.
            if let Ok(false) = probe::places_objects(clients, &self.request, &self.tuning).await {
                self.reader.journal.unsharded();
            }
        }
    }

    /// Whether lists have a connection of their own. They may be long where they are of the whole
    /// cluster, and there are few of those.
    fn lists_apart(&self) -> bool {
        self.request.namespace.is_none()
    }

    async fn read(&mut self) -> Result<(), Failure> {
        if self.reader.heard && !self.proven {
            self.prove();
        }
        let bytes = match &mut self.open {
            None => return Ok(()),
            Some(Open::Page { body, page }) => {
                let bytes = response::piece(body, self.tuning.silence).await?;
                if let Some(bytes) = &bytes {
                    page.push(bytes);
                }
                bytes
            }
            Some(Open::Events { body, events, initial: true, .. }) => {
                let bytes = response::piece(body, self.tuning.silence).await?.ok_or(Failure::Cut)?;
                events.push(&bytes);
                Some(bytes)
            }
            Some(Open::Events { body, events, silence, .. }) => {
                let limit = if self.proven { *silence } else { self.tuning.proven };
                let bytes = tokio::select! {
                    bytes = response::piece(body, limit) => bytes,
                    () = self.seat.changed() => {
                        self.open = None;
                        return Ok(());
                    }
                };
                match bytes {
                    // A quiet watch that stays open is a good one.
                    Err(Failure::Silent(_)) if !self.proven => {
                        self.prove();
                        return Ok(());
                    }
                    Ok(None) if !self.proven => return Err(Failure::Brief),
                    bytes => {
                        let bytes = bytes?;
                        if let Some(bytes) = &bytes {
                            events.push(bytes);
                        }
                        bytes
                    }
                }
            }
        };
        if bytes.is_some() {
            self.reader.status.heard();
            return Ok(());
        }
        match self.open.take() {
            Some(Open::Page { page, .. }) => {
                let metadata = page.finish().ok_or(Failure::Cut)?;
                if metadata.r#continue.is_empty() || self.reader.listed == self.reader.limit {
                    metadata.resource_version.as_ref().clone_into(&mut self.reader.version);
                    self.due.push_back(Event::InitDone);
                    self.complete();
                } else {
                    self.reader.paged = self.reader.listed;
                    self.goal = Goal::Page(Some(metadata.r#continue.into()));
                }
            }
            // The server ended the watch in time; the next one goes on where it was.
            Some(Open::Events { .. }) | None => {}
        }
        Ok(())
    }

    /// The set is whole.
    fn complete(&mut self) {
        self.goal = Goal::Watch;
        self.cuts = 0;
        self.absence = Absence::default();
        self.seat.clients.discovery().found(&self.request);
        self.slow.reset();
        self.reader.status.count(|c| &c.lists);
        self.reader.status.listed(self.reader.listed);
        self.reader.status.completed();
        self.reader.journal.complete(self.asked.elapsed());
        self.reader.journal.works();
    }

    /// The watch works.
    fn prove(&mut self) {
        self.proven = true;
        self.relisted = false;
        for backoff in [&mut self.backoff, &mut self.slow, &mut self.relists] {
            backoff.reset();
        }
        self.reader.status.completed();
        self.reader.journal.works();
    }
}
