//! Starting to read a kind, into its stores.

mod feed;
mod report;

use super::{
    health::{Awaited, AwaitedPart},
    relations::{Newest, Related},
    tasks,
};
use crate::{
    catalog::{self, Visitor},
    config::Choice,
    relations::Rules,
    resource::Resource,
    scrape::{KindSource, Part, Source},
    store::{Reader, Snapshot, store},
    telemetry::KindReport,
    watch::{Clients, Request, Status, Tuning, informer},
    wire::Context,
};
use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio_util::task::AbortOnDropHandle;

/// A kind that is being read, until this is dropped.
pub(super) trait Running: Any + Send + Sync {
    /// What its stores hold.
    fn setup(&self) -> &Setup;

    /// What is scraped: the families that a choice has, from the stores as they are.
    fn source(&self, choice: &Choice) -> Arc<dyn Source>;

    /// Whether two choices have the same source, given the same stores.
    fn shows_alike(&self, one: &Choice, other: &Choice) -> bool;

    /// What readiness waits for.
    fn awaited(&self) -> &Arc<Awaited>;

    /// What telemetry asks.
    fn report(&self) -> KindReport;
}

/// What decides on the contents of a kind's stores. Where it is the same for two choices, both are
/// served from the same stores.
#[derive(Debug, PartialEq)]
pub(super) struct Setup {
    requests: Vec<Request>,
    context: Context,
    rules: Rules,
}

impl Setup {
    /// What is asked first.
    pub(super) fn request(&self) -> &Request {
        self.requests.first().expect("a kind is read from one namespace at least, or from all")
    }
}

/// How kinds are read.
#[derive(Clone)]
pub(super) struct Reading {
    /// From whom.
    pub(super) clients: Clients,
    /// With what patience.
    pub(super) tuning: Tuning,
    /// Becomes false when a task ends, which none should.
    pub(super) alive: Arc<AtomicBool>,
}

/// What the stores of a kind would hold; `None` for an unknown one.
pub(super) fn setup(plural: &str, choice: &Choice) -> Option<Setup> {
    catalog::visit(plural, &mut Describe { choice })
}

/// Starts to read a kind, with what is known of other objects where the choice needs that; `None` for an
/// unknown one.
pub(super) fn open(
    plural: &str,
    choice: &Choice,
    reading: &Reading,
    relating: &Newest,
) -> Option<Arc<dyn Running>> {
    catalog::visit(plural, &mut Open { choice, reading, relating })
}

/// The objects of a kind as they are now, with what was kept of them; `None` until they were read whole.
pub(super) fn snapshots<K: Resource>(running: &dyn Running) -> Option<(Vec<Arc<Snapshot<K>>>, &Context)> {
    let read: &Read<K> = (running as &dyn Any).downcast_ref()?;
    let mut held = Vec::new();
    for part in &read.parts {
        match part.objects.snapshot() {
            Some(snapshot) => held.push(snapshot),
            None if part.excused.load(Ordering::Relaxed) => {}
            None => return None,
        }
    }
    (!held.is_empty()).then_some((held, &read.setup.context))
}

struct Describe<'a> {
    choice: &'a Choice,
}

impl Visitor for Describe<'_> {
    type Output = Setup;

    fn visit<K: Resource>(&mut self) -> Setup {
        let scope = &self.choice.scope;
        let request = |namespace| Request {
            group: K::NAMES.group.to_owned(),
            version: K::NAMES.version.to_owned(),
            plural: K::NAMES.plural.to_owned(),
            namespace,
            field_selector: scope.field_selector(K::NAMES),
            label_selector: None,
            representation: K::REPRESENTATION,
            shard: scope.shard,
            limit: scope.limit,
            cached: scope.cached,
        };
        let requests = scope.places(K::NAMES.namespaced).into_iter().map(request).collect();
        let rules = self.choice.rules::<K>();
        let context = self.choice.context::<K>();
        Setup { requests, context, rules }
    }
}

struct Open<'a> {
    choice: &'a Choice,
    reading: &'a Reading,
    relating: &'a Newest,
}

impl Visitor for Open<'_> {
    type Output = Arc<dyn Running>;

    fn visit<K: Resource>(&mut self) -> Arc<dyn Running> {
        let setup = Describe { choice: self.choice }.visit::<K>();
        let related = || Related::new(self.relating, setup.rules.clone());
        let open = |request: &Request| Opened::<K>::new(request, &setup.context, self.reading, related());
        let parts: Vec<Opened<K>> = setup.requests.iter().map(open).collect();
        let awaited = parts.iter().map(Opened::awaited).collect();
        let awaited = Arc::new(Awaited { resource: K::NAMES.plural, auxiliary: false, parts: awaited });
        Arc::new(Read { setup, parts, awaited })
    }
}

/// The stores of a kind.
struct Read<K> {
    setup: Setup,
    parts: Vec<Opened<K>>,
    awaited: Arc<Awaited>,
}

impl<K: Resource> Running for Read<K> {
    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn source(&self, choice: &Choice) -> Arc<dyn Source> {
        let parts = self.parts.iter().map(Opened::scraped).collect();
        let selection = Arc::new(choice.selection::<K>());
        Arc::new(KindSource::new(parts, selection, |family| choice.serves(family.description())))
    }

    fn shows_alike(&self, one: &Choice, other: &Choice) -> bool {
        let mut families = K::FAMILIES.iter().map(|family| family.description());
        one.selection::<K>() == other.selection::<K>()
            && families.all(|family| one.serves(family) == other.serves(family))
    }

    fn awaited(&self) -> &Arc<Awaited> {
        &self.awaited
    }

    fn report(&self) -> KindReport {
        report::report(&self.parts, self.setup.request().limit)
    }
}

/// One store of a kind.
struct Opened<K> {
    namespace: Option<String>,
    objects: Reader<K>,
    status: Arc<Status>,
    excused: Arc<AtomicBool>,
    _task: AbortOnDropHandle<()>,
}

impl<K: Resource> Opened<K> {
    fn new(request: &Request, context: &Context, reading: &Reading, related: Option<Related>) -> Self {
        let (writer, objects) = store::<K>();
        let writer = if K::shows_version() { writer } else { writer.without_versions() };
        let status = Arc::new(Status::default());
        let Reading { clients, tuning, alive } = reading;
        let (request, namespace) = (request.clone(), request.namespace.clone());
        let events = informer::<K>(clients, request, context.clone(), Arc::clone(&status), tuning.clone());
        let task = tasks::spawn(feed::feed(events, writer, related), alive);
        Self { namespace, objects, status, excused: Arc::default(), _task: task }
    }

    fn scraped(&self) -> Part<K> {
        Part { objects: self.objects.clone(), excused: Arc::clone(&self.excused) }
    }

    fn awaited(&self) -> AwaitedPart {
        let objects = self.objects.clone();
        AwaitedPart {
            namespace: self.namespace.clone(),
            status: Arc::clone(&self.status),
            published: Box::new(move || objects.snapshot().is_some()),
            excused: Arc::clone(&self.excused),
        }
    }
}
