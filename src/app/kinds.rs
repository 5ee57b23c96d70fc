//! Starting to read kinds, each into its stores.

use super::health::{Awaited, AwaitedPart};
use crate::{
    catalog::{self, Kind, Visitor},
    config::Choice,
    resource::{Names, Resource},
    scrape::{KindSource, Part, Source},
    store::{Reader, Writer, store},
    telemetry::{KindReport, KindState},
    watch::{Clients, Request, State, Status, Tuning, informer},
    wire::Context,
};
use futures::{Stream, StreamExt as _};
use kube_runtime::watcher::Event;
use std::{
    pin::pin,
    sync::{Arc, atomic::AtomicBool},
};
use tokio::task::JoinSet;

/// As many events as become visible with one snapshot.
const BATCH: usize = 256;

/// A kind that is being read.
pub(super) struct Running {
    /// What is scraped.
    pub(super) source: Arc<dyn Source>,
    /// What readiness waits for.
    pub(super) awaited: Awaited,
    /// What telemetry asks.
    pub(super) report: Box<dyn Fn() -> KindReport + Send + Sync>,
}

/// Reads all chosen kinds. Dropping `tasks` ends it.
pub(super) fn start(
    clients: &Clients,
    choice: &Choice,
    tuning: &Tuning,
    tasks: &mut JoinSet<()>,
) -> Vec<Running> {
    let mut start = Start { clients, choice, tuning, tasks };
    let plurals = choice.kinds.iter().map(|kind: &Kind| kind.names.plural);
    plurals.filter_map(|plural| catalog::visit(plural, &mut start)).collect()
}

struct Start<'a> {
    clients: &'a Clients,
    choice: &'a Choice,
    tuning: &'a Tuning,
    tasks: &'a mut JoinSet<()>,
}

impl Visitor for Start<'_> {
    type Output = Running;

    fn visit<K: Resource>(&mut self) -> Running {
        let parts: Vec<Opened<K>> = self.scopes(K::NAMES).into_iter().map(|scope| self.open(scope)).collect();
        let awaited =
            Awaited { resource: K::NAMES.plural, parts: parts.iter().map(Opened::awaited).collect() };
        let scraped = parts.iter().map(Opened::scraped).collect();
        let selection = Arc::new(self.choice.selection::<K>());
        let source = KindSource::new(scraped, selection, |family| self.choice.serves(family.description()));
        let limit = self.choice.scope.limit;
        Running { source: Arc::new(source), awaited, report: Box::new(move || report(&parts, limit)) }
    }
}

impl Start<'_> {
    /// The namespaces that a kind is read from, `None` for all of them at once.
    fn scopes(&self, names: Names) -> Vec<Option<String>> {
        let namespaces = &self.choice.scope.namespaces;
        if names.namespaced && !namespaces.is_empty() {
            namespaces.iter().cloned().map(Some).collect()
        } else {
            vec![None]
        }
    }

    fn open<K: Resource>(&mut self, namespace: Option<String>) -> Opened<K> {
        let (writer, objects) = store::<K>();
        let status = Arc::new(Status::default());
        let request = Request {
            group: K::NAMES.group.to_owned(),
            version: K::NAMES.version.to_owned(),
            plural: K::NAMES.plural.to_owned(),
            namespace,
            field_selector: self.choice.scope.field_selector(K::NAMES),
            representation: K::REPRESENTATION,
            shard: self.choice.scope.shard,
            limit: self.choice.scope.limit,
            cached: self.choice.scope.cached,
        };
        let context: Context = K::context(&self.choice.selection::<K>());
        let events = informer::<K>(self.clients, request, context, Arc::clone(&status), self.tuning.clone());
        self.tasks.spawn(feed(events, writer));
        Opened { objects, status, excused: Arc::default() }
    }
}

/// Hands events to the store, in batches of those that are there.
async fn feed<K: Resource>(events: impl Stream<Item = Event<K>>, mut writer: Writer<K>) {
    let mut batches = pin!(events.ready_chunks(BATCH));
    while let Some(batch) = batches.next().await {
        writer.apply(batch);
    }
}

/// One store of a kind.
struct Opened<K> {
    objects: Reader<K>,
    status: Arc<Status>,
    excused: Arc<AtomicBool>,
}

impl<K: Resource> Opened<K> {
    fn scraped(&self) -> Part<K> {
        Part { objects: self.objects.clone(), excused: Arc::clone(&self.excused) }
    }

    fn awaited(&self) -> AwaitedPart {
        let objects = self.objects.clone();
        AwaitedPart {
            status: Arc::clone(&self.status),
            published: Box::new(move || objects.snapshot().is_some()),
            excused: Arc::clone(&self.excused),
        }
    }
}

fn report<K: Resource>(parts: &[Opened<K>], limit: Option<u64>) -> KindReport {
    let mut report = KindReport {
        resource: K::NAMES.plural,
        go_type: format!("*{}.{}", K::NAMES.version, K::NAMES.kind),
        state: KindState::Complete,
        complete: true,
        objects: 0,
        bytes: 0,
        last_event: None,
        lists: (0, 0),
        watches: (0, 0),
        relists: 0,
        decode_errors: 0,
        listed: None,
    };
    for part in parts {
        let counts = part.status.counts();
        report.state = report.state.max(kind_state(&part.status.state()));
        report.lists.0 += counts.lists;
        report.lists.1 += counts.list_errors;
        report.watches.0 += counts.watches;
        report.watches.1 += counts.watch_errors;
        report.relists += counts.relists;
        report.decode_errors += counts.decode_errors;
        if let Some(limit) = limit.filter(|_| counts.lists > 0) {
            // The fullest list shows whether the limit was reached.
            let fullest = report.listed.map_or(0, |(listed, _)| listed).max(counts.listed);
            report.listed = Some((fullest, limit));
        }
        report.last_event =
            [report.last_event, part.status.last_event()].into_iter().flatten().reduce(f64::max);
        match part.objects.snapshot() {
            Some(snapshot) => {
                report.objects += snapshot.objects;
                report.bytes += snapshot.bytes;
            }
            None => report.complete = false,
        }
    }
    report
}

fn kind_state(state: &State) -> KindState {
    match state {
        State::Reading => KindState::Reading,
        State::Complete => KindState::Complete,
        State::Forbidden(_) => KindState::Forbidden,
        State::NotFound(_) => KindState::NotFound,
        State::Failing { .. } => KindState::Failing,
    }
}
