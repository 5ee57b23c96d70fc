//! Reading what other objects say of those that are exported.

mod follower;
mod needed;
mod related;

pub(super) use needed::kinds;
pub(super) use related::{Newest, Related, renewed};

use super::{
    health::{Awaited, AwaitedPart, Patience},
    kinds::Reading,
    tasks,
};
use crate::{
    catalog::KINDS,
    config::Needs,
    relations::{Known, Says, Source, Unknown, Versions},
    watch::Status,
    wire::{Atom, ObjectMeta},
};
use follower::Follower;
use kube_runtime::watcher::Event;
use needed::{OWNERS, followings_of};
use parking_lot::{Mutex, RwLock};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};
use tokio_util::task::AbortOnDropHandle;

/// How often it is looked whether all has been read.
const LOOK: Duration = Duration::from_millis(20);

crate::wire! {
    /// `metav1.PartialObjectMetadata`.
    pub struct Partial {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
    }
}
crate::local_object!(Partial);

/// What is known of other objects, and the reading of them, which ends when this is dropped.
pub(super) struct Relating {
    shared: Arc<Shared>,
    /// What is read from the start.
    awaited: Vec<Arc<Awaited>>,
    patience: Patience,
    started: Instant,
    _task: AbortOnDropHandle<()>,
}

struct Shared {
    known: RwLock<Known>,
    versions: watch::Sender<Versions>,
    /// What is read, and whether it was read whole.
    followed: Mutex<Vec<Followed>>,
    /// The kinds of owners that are read or looked for.
    met: Mutex<HashSet<Met>>,
    /// Those among them that have just been met.
    sender: mpsc::UnboundedSender<Met>,
    /// How many those are.
    looked_for: AtomicUsize,
}

#[derive(Clone)]
struct Followed {
    status: Arc<Status>,
    read: Arc<AtomicBool>,
}

/// A kind of owners: `apiVersion` and `kind`.
type Met = (Atom, Atom);

impl Relating {
    /// Starts to read what is needed for objects of a scope.
    pub(super) fn start(needs: &Needs, reading: &Reading, patience: Patience) -> Self {
        let (sender, met) = mpsc::unbounded_channel();
        let known = KINDS.iter().map(|kind| kind.names).filter(|names| OWNERS.contains(&names.plural));
        let shared = Arc::new(Shared {
            known: RwLock::default(),
            versions: watch::Sender::default(),
            followed: Mutex::default(),
            met: Mutex::new(known.map(|it| (Atom::new(&it.api_version()), Atom::new(it.kind))).collect()),
            sender,
            looked_for: AtomicUsize::new(0),
        });
        let mut awaited: Vec<Awaited> = Vec::new();
        let mut followings = JoinSet::new();
        let Reading { clients, tuning, alive } = reading.clone();
        let mut follower = Follower { shared: Arc::clone(&shared), clients, tuning, sources: 0 };
        for following in followings_of(needs) {
            let (resource, namespace) = (following.resource, following.request.namespace.clone());
            let Followed { status, read } = follower.follow(following, &mut followings);
            let published = Box::new(move || read.load(Ordering::Relaxed));
            let part = AwaitedPart { namespace, status, published, excused: Arc::default() };
            match awaited.last_mut() {
                Some(last) if last.resource == resource => last.parts.push(part),
                _ => awaited.push(Awaited { resource, auxiliary: true, parts: vec![part] }),
            }
        }
        let scope = needs.scope.clone();
        let task = tasks::spawn(async move { follower.run(followings, met, scope).await }, &alive);
        let awaited = awaited.into_iter().map(Arc::new).collect();
        Self { shared, awaited, patience, started: Instant::now(), _task: task }
    }

    /// What readiness waits for.
    pub(super) fn awaited(&self) -> &[Arc<Awaited>] {
        &self.awaited
    }

    /// Whether everything was read that is read so far, or can't be.
    fn is_settled(&self) -> bool {
        let patience = self.patience.get();
        let shared = &self.shared;
        let looked_for = shared.looked_for.load(Ordering::Acquire);
        (looked_for == 0 || self.started.elapsed() > patience)
            && shared
                .followed
                .lock()
                .iter()
                .all(|followed| followed.read.load(Ordering::Relaxed) || followed.status.is_settled(patience))
    }

    /// Waits until it is.
    async fn settled(&self) {
        while !self.is_settled() {
            sleep(LOOK).await;
        }
    }
}

impl Shared {
    fn learn(&self, says: Says, source: Source, events: Vec<Event<Partial>>) {
        self.change(|known| {
            for event in events {
                match event {
                    Event::Init => known.begin(says, source),
                    Event::InitApply(object) | Event::Apply(object) => {
                        known.put(says, source, object.metadata);
                    }
                    Event::InitDone => known.finish(says, source),
                    Event::Delete(object) => known.vanish(says, &object.metadata),
                }
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        let now = {
            let mut known = self.known.write();
            change(&mut known);
            known.versions()
        };
        self.versions.send_if_modified(|versions| std::mem::replace(versions, now) != now);
    }

    /// Asks for the kind of an owner of which nothing is known, unless it is read already.
    fn ask_for(&self, Unknown { owner, .. }: Unknown<'_>) {
        let met = (owner.api_version.clone(), owner.kind.clone());
        let mut known = self.met.lock();
        if known.insert(met.clone()) {
            self.looked_for.fetch_add(1, Ordering::AcqRel);
            // Whoever receives it lives as long as somebody is to be told.
            let _ = self.sender.send(met);
        }
    }
}
