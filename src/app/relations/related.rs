//! What is worked out for the objects of a store.

use super::Relating;
use crate::{
    relations::{Known, Rules, Subject, Unknown, Versions},
    resource::Resource,
    store::Writer,
    wire::Relations,
};
use kube_runtime::watcher::Event;
use std::sync::Arc;
use tokio::{
    sync::watch,
    task::yield_now,
    time::{Duration, Instant, sleep_until},
};

/// As many chunks as are looked through before others have a turn.
const CHUNKS: usize = 16;
/// The shortest time between two times that all objects are looked through.
const PAUSE: Duration = Duration::from_millis(250);
/// At most this share of the time goes into it.
const SHARE: u32 = 10;

/// What there is to know of other objects, `None` while nobody asks; another one after another choice.
pub(in super::super) type Newest = watch::Receiver<Option<Arc<Relating>>>;

/// What is worked out for the objects of a store.
pub(in super::super) struct Related {
    relating: Arc<Relating>,
    newest: Newest,
    rules: Rules,
    versions: watch::Receiver<Versions>,
    /// What was known when all objects were last looked through.
    seen: Versions,
    /// When they may be looked through again.
    next: Instant,
}

impl Related {
    /// `None` where there is nothing to be worked out.
    pub(in super::super) fn new(newest: &Newest, rules: Rules) -> Option<Self> {
        let relating = newest.borrow().clone().filter(|_| !rules.is_empty())?;
        let versions = relating.shared.versions.subscribe();
        let (newest, seen, next) = (newest.clone(), Versions::default(), Instant::now());
        Some(Self { relating, newest, rules, versions, seen, next })
    }

    /// Waits until everything is known that can be.
    pub(in super::super) async fn settled(&self) {
        self.relating.settled().await;
    }

    /// Works it out for objects that are about to be stored.
    pub(in super::super) fn work_out<K: Resource>(&self, events: &mut [Event<K>]) {
        let shared = &self.relating.shared;
        let known = shared.known.read();
        for event in events {
            if let Event::Apply(object) | Event::InitApply(object) = event {
                let relations = relations(&known, &self.rules, object, &mut |it| shared.ask_for(it));
                object.metadata_mut().relations = relations;
            }
        }
    }

    /// Waits until something is known that objects may have been stored without.
    pub(in super::super) async fn news(&mut self) {
        loop {
            let newest = self.newest.borrow().clone();
            if let Some(newest) = newest.filter(|newest| !Arc::ptr_eq(newest, &self.relating)) {
                newest.settled().await;
                self.versions = newest.shared.versions.subscribe();
                self.relating = newest;
                return;
            }
            let now = *self.versions.borrow_and_update();
            if self.rules.concern(self.seen, now) {
                return sleep_until(self.next).await;
            }
            tokio::select! {
                Ok(()) = self.versions.changed() => {}
                Ok(()) = self.newest.changed() => {}
                else => std::future::pending().await,
            }
        }
    }

    /// Stores those objects anew of which something else is known than when they were stored.
    pub(in super::super) async fn renew<K: Resource>(&mut self, writer: &mut Writer<K>) {
        let begin = Instant::now();
        self.seen = *self.versions.borrow_and_update();
        let shared = &self.relating.shared;
        for chunk in (0..writer.chunks()).step_by(CHUNKS) {
            {
                let known = shared.known.read();
                writer.renew(chunk..chunk + CHUNKS, &mut |object| {
                    renewed(&known, &self.rules, object, &mut |it| shared.ask_for(it))
                });
            }
            yield_now().await;
        }
        self.next = Instant::now() + PAUSE.max(begin.elapsed() * SHARE);
    }

    /// Makes the first list of objects ready to be shown: with all that is known once the kinds of owners
    /// that it has met were read as well.
    pub(in super::super) async fn finish<K: Resource>(&mut self, writer: &mut Writer<K>) {
        loop {
            self.settled().await;
            self.renew(writer).await;
            if self.relating.is_settled() {
                return;
            }
        }
    }
}

/// The object with what is known of it now, unless it has that already.
pub(in super::super) fn renewed<K: Resource>(
    known: &Known,
    rules: &Rules,
    object: &K,
    unknown: &mut dyn FnMut(Unknown<'_>),
) -> Option<K> {
    let relations = relations(known, rules, object, unknown);
    (relations != object.metadata().relations).then(|| {
        let mut object = object.clone();
        object.metadata_mut().relations = relations;
        object
    })
}

fn relations<K: Resource>(
    known: &Known,
    rules: &Rules,
    object: &K,
    unknown: &mut dyn FnMut(Unknown<'_>),
) -> Relations {
    let subject =
        Subject { kind: K::NAMES.kind, metadata: object.metadata(), node: object.node().unwrap_or_default() };
    known.relations(rules, subject, unknown)
}
