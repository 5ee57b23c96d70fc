//! What is worked out for the objects of a store.

use super::Relating;
use crate::{
    relations::{Known, Rules, Subject, Unknown, Versions},
    resource::Resource,
    store::{Reader, Writer},
    wire::Relations,
};
use kube_runtime::watcher::Event;
use parking_lot::RwLock;
use std::sync::Arc;
use tokio::sync::watch;

/// As many objects as are stored anew with one snapshot.
const RENEWED: usize = 1024;

/// What is worked out for the objects of a store.
pub(in super::super) struct Related<K> {
    relating: Arc<Relating>,
    rules: Rules,
    objects: Reader<K>,
    versions: watch::Receiver<Versions>,
    /// What was known when all objects were last looked through.
    seen: Versions,
}

impl<K: Resource> Related<K> {
    pub(in super::super) fn new(relating: &Arc<Relating>, rules: Rules, objects: Reader<K>) -> Self {
        let versions = relating.shared.versions.subscribe();
        Self { relating: Arc::clone(relating), rules, objects, versions, seen: Versions::default() }
    }

    /// Waits until nothing is missing of what can be known now.
    pub(in super::super) async fn settled(&self) {
        self.relating.settled().await;
    }

    /// Works it out for objects that are about to be stored.
    pub(in super::super) fn work_out(&self, events: &mut [Event<K>]) {
        let known = self.relating.shared.known.read();
        for event in events {
            if let Event::Apply(object) | Event::InitApply(object) = event {
                let relations =
                    relations(&known, &self.rules, object, &mut |it| self.relating.shared.ask_for(it));
                object.metadata_mut().relations = relations;
            }
        }
    }

    /// Waits until something is known that objects may have been stored without.
    pub(in super::super) async fn news(&mut self) {
        loop {
            let now = *self.versions.borrow_and_update();
            if self.rules.concern(self.seen, now) {
                return;
            }
            if self.versions.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Stores anew what is known otherwise now.
    pub(in super::super) fn renew(&mut self, writer: &mut Writer<K>) {
        self.seen = *self.versions.borrow_and_update();
        let shared = &self.relating.shared;
        renew(&shared.known, &self.rules, &self.objects, writer, &mut |it| shared.ask_for(it));
    }
}

/// Stores those objects anew of which something else is known than when they were stored.
pub(in super::super) fn renew<K: Resource>(
    known: &RwLock<Known>,
    rules: &Rules,
    objects: &Reader<K>,
    writer: &mut Writer<K>,
    unknown: &mut dyn FnMut(Unknown<'_>),
) {
    // Each chunk is let go once it was looked through, so that what is replaced can be freed.
    let chunks = objects.snapshot().map(|snapshot| snapshot.chunks.clone()).unwrap_or_default();
    let mut renewed = Vec::new();
    for chunk in chunks {
        let known = known.read();
        for object in chunk.objects() {
            let relations = relations(&known, rules, &**object, unknown);
            if relations != object.metadata().relations {
                let mut object = K::clone(object);
                object.metadata_mut().relations = relations;
                renewed.push(Event::Apply(object));
            }
        }
        drop(known);
        if renewed.len() >= RENEWED {
            writer.apply(renewed.drain(..));
        }
    }
    writer.apply(renewed);
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
