//! The writing end of a store.

use super::{Snapshot, objects::Objects, relist::Relist};
use crate::wire::{LocalObject, sweep};
use arc_swap::ArcSwapOption;
use kube_runtime::watcher::Event;
use std::{fmt, ops::Range, sync::Arc};

/// Takes the events of a kind. There is one for each store.
pub struct Writer<K> {
    published: Arc<ArcSwapOption<Snapshot<K>>>,
    objects: Objects<K>,
    /// The set that a relist is building.
    next: Option<Relist<K>>,
    /// Whether anybody is shown the resource version of an object.
    versions_matter: bool,
    /// True once a relist was complete.
    complete: bool,
}

impl<K> Writer<K> {
    pub(super) fn new(published: Arc<ArcSwapOption<Snapshot<K>>>) -> Self {
        Self { published, objects: Objects::default(), next: None, versions_matter: true, complete: false }
    }

    /// Keeps an object as it is when only its resource version changes.
    #[must_use]
    pub fn without_versions(self) -> Self {
        Self { versions_matter: false, ..self }
    }
}

impl<K: LocalObject + PartialEq> Writer<K> {
    /// Applies events and then publishes what they add up to, once.
    ///
    /// Nothing is published before the first relist is complete, and what a relist brings becomes
    /// visible at its end only. Its objects that are no newer than those already held are dropped
    /// in favour of them: both must have been decoded with the same context.
    pub fn apply(&mut self, events: impl IntoIterator<Item = Event<K>>) {
        let mut changed = false;
        for event in events {
            match event {
                Event::Init => self.next = Some(Relist::of(&self.objects)),
                Event::InitApply(object) => self.list(object),
                Event::InitDone => {
                    self.objects = self.next.take().map(Relist::finish).unwrap_or_default();
                    (self.complete, changed) = (true, true);
                    // What the old set alone held is freed with the last reader that sees it, so
                    // the pools are swept before the next relist at the latest.
                    self.publish();
                    sweep();
                }
                Event::Apply(object) => changed |= self.put(object),
                Event::Delete(object) => {
                    if let Some(next) = &mut self.next {
                        next.remove(object.metadata());
                    }
                    changed |= self.objects.remove(object.metadata()).is_some();
                    self.objects.compact();
                }
            }
        }
        if changed && self.complete {
            self.publish();
        }
    }

    /// The number of chunks that there are, or will be at the end of the list that is being read.
    pub fn chunks(&self) -> usize {
        self.objects.chunks().max(self.next.as_ref().map_or(0, Relist::chunks))
    }

    /// Gives another state to objects of some chunks, those of a list that is being read among them, where
    /// `renewed` has one, and publishes it. Nothing comes or goes.
    pub fn renew(&mut self, chunks: Range<usize>, renewed: &mut dyn FnMut(&K) -> Option<K>) {
        let changed = self.objects.renew(chunks.clone(), renewed);
        if let Some(next) = &mut self.next {
            next.renew(chunks, renewed);
        }
        if changed && self.complete {
            self.publish();
        }
    }

    /// Whether a list was complete.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Takes an object of a list.
    fn list(&mut self, mut object: K) {
        let next = self.next.get_or_insert_with(|| Relist::of(&self.objects));
        match next.find(object.metadata()) {
            Some((slot, known))
                if known.metadata().resource_version.is(object.metadata().resource_version)
                    || is_the_same::<K>(known, &mut object, self.versions_matter) =>
            {
                next.keep(slot);
            }
            _ => next.insert(Arc::new(object)),
        }
    }

    /// Takes an object that has changed or is new. False where that makes no difference.
    fn put(&mut self, mut object: K) -> bool {
        let known = self.objects.find(object.metadata());
        let slot = known.map(|(slot, _)| slot);
        if let Some((_, known)) = known
            && is_the_same::<K>(known, &mut object, self.versions_matter)
        {
            if let Some(next) = &mut self.next {
                next.insert(Arc::clone(known));
            }
            return false;
        }
        let object = Arc::new(object);
        if let Some(next) = &mut self.next {
            next.insert(Arc::clone(&object));
        }
        match slot {
            Some(slot) => self.objects.replace(slot, object),
            None => _ = self.objects.insert(object),
        }
        true
    }

    fn publish(&self) {
        self.published.store(Some(Arc::new(self.objects.snapshot())));
    }
}

/// Whether nothing that is kept of an object has changed, its version aside where that doesn't matter.
fn is_the_same<K: LocalObject + PartialEq>(known: &K, object: &mut K, versions_matter: bool) -> bool {
    let version = object.metadata().resource_version;
    if !versions_matter {
        object.metadata_mut().resource_version = known.metadata().resource_version;
    }
    let same = known == object;
    object.metadata_mut().resource_version = version;
    same
}

impl<K> fmt::Debug for Writer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("complete", &self.complete).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        store::{CHUNK_SIZE, Reader, store},
        wire::{Atom, Context, ObjectMeta, decode_json},
    };
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    crate::wire! {
        /// The least object.
        pub struct Thing {
            /// Its metadata.
            metadata: ObjectMeta = 1,
            /// Something that changes.
            state: Atom = 2,
        }
    }
    crate::local_object!(Thing);

    fn thing(id: u32, version: u32) -> Thing {
        let json = format!(
            r#"{{"metadata": {{"name": "t{id}", "uid": "{id:08}-0000-0000-0000-000000000000", "resourceVersion": "{version}"}}, "state": "{version}"}}"#
        );
        decode_json(json.as_bytes(), &Context::default()).unwrap()
    }

    fn seen(reader: &Reader<Thing>) -> Option<BTreeMap<String, String>> {
        let snapshot = reader.snapshot()?;
        let objects: BTreeMap<_, _> =
            snapshot.iter().map(|t| (t.metadata.name.to_string(), t.state.to_string())).collect();
        assert_eq!(objects.len(), snapshot.objects, "an object is there twice");
        assert_eq!(snapshot.bytes, snapshot.iter().map(|t| t.heap_size()).sum::<usize>());
        Some(objects)
    }

    #[test]
    fn a_relist_is_swapped_in_whole() {
        let (mut writer, reader) = store();
        writer.apply([Event::Init, Event::InitApply(thing(1, 1)), Event::InitApply(thing(2, 2))]);
        assert!(reader.snapshot().is_none(), "half a kind is visible");
        writer.apply([Event::InitDone]);
        let first = reader.snapshot().unwrap();
        assert_eq!(first.objects, 2);

        writer.apply([Event::Init, Event::InitApply(thing(2, 2))]);
        assert_eq!(seen(&reader).unwrap().len(), 2, "a relist shows before its end");
        // It breaks, and another begins.
        writer.apply([Event::Init, Event::InitApply(thing(2, 2)), Event::InitApply(thing(3, 3))]);
        assert_eq!(seen(&reader).unwrap().len(), 2);
        writer.apply([Event::InitDone]);
        assert_eq!(seen(&reader).unwrap().into_keys().collect::<Vec<_>>(), ["t2", "t3"]);

        let kept = |s: &Snapshot<Thing>| Arc::clone(s.iter().find(|t| &*t.metadata.name == "t2").unwrap());
        assert!(
            Arc::ptr_eq(&kept(&first), &kept(&reader.snapshot().unwrap())),
            "an unchanged object is replaced"
        );
    }

    #[test]
    fn an_object_changed_during_a_relist_stays_changed() {
        let (mut writer, reader) = store();
        writer.apply([Event::Init, Event::InitApply(thing(1, 1)), Event::InitDone]);
        writer.apply([Event::Init, Event::InitApply(thing(1, 1)), Event::InitApply(thing(2, 2))]);
        writer.apply([Event::Apply(thing(1, 5)), Event::Delete(thing(2, 6))]);
        assert_eq!(seen(&reader).unwrap()["t1"], "5");
        writer.apply([Event::InitDone]);
        assert_eq!(seen(&reader).unwrap(), [("t1".into(), "5".into())].into());
    }

    /// The object in the slot that comes first.
    fn first(reader: &Reader<Thing>) -> Arc<Thing> {
        Arc::clone(reader.snapshot().unwrap().iter().next().unwrap())
    }

    #[test]
    fn a_change_of_nothing_that_is_kept_makes_no_snapshot() {
        let noisy = |version: u32, state: &str| -> Thing {
            let json = format!(
                r#"{{"metadata": {{"name": "t", "uid": "t", "resourceVersion": "{version}", "selfLink": "{version}"}}, "state": "{state}"}}"#
            );
            decode_json(json.as_bytes(), &Context::default()).unwrap()
        };
        for versions_matter in [false, true] {
            let (writer, reader) = store();
            let mut writer = if versions_matter { writer } else { writer.without_versions() };
            writer.apply([Event::Init, Event::InitApply(noisy(1, "a")), Event::InitDone]);
            let before = reader.snapshot().unwrap();
            let stays = || !versions_matter && Arc::ptr_eq(&before, &reader.snapshot().unwrap());
            writer.apply([Event::Apply(noisy(2, "a"))]);
            assert_eq!(stays(), !versions_matter);
            let object = first(&reader);
            writer.apply([Event::Init, Event::InitApply(noisy(3, "a")), Event::InitDone]);
            assert_eq!(Arc::ptr_eq(&object, &first(&reader)), !versions_matter, "listed once more");
            writer.apply([Event::Apply(noisy(4, "b"))]);
            assert_eq!(&*first(&reader).state, "b");
            assert_eq!(first(&reader).metadata.resource_version.number(), Some(4));
            writer.apply([Event::Init, Event::Apply(noisy(5, "b")), Event::InitDone]);
            assert_eq!(reader.snapshot().unwrap().objects, 1, "what changes during a list is in it");
        }
    }

    #[test]
    fn a_relist_leaves_the_chunks_of_what_has_not_changed() {
        let (mut writer, reader) = store();
        let list = |version: &dyn Fn(u32) -> u32, ids: std::ops::Range<u32>| {
            let objects: Vec<_> = ids.rev().map(|id| Event::InitApply(thing(id, version(id)))).collect();
            std::iter::once(Event::Init).chain(objects).chain([Event::InitDone])
        };
        writer.apply(list(&|_| 1, 0..300));
        let before = reader.snapshot().unwrap();
        writer.apply(list(&|_| 1, 0..300));
        let same = |snapshot: &Snapshot<Thing>| {
            snapshot.chunks.iter().zip(&before.chunks).filter(|(a, b)| Arc::ptr_eq(a, b)).count()
        };
        assert_eq!(same(&reader.snapshot().unwrap()), before.chunks.len());
        // One has changed, some are gone, and some are new.
        writer.apply(list(&|id| if id == 140 { 2 } else { 1 }, 10..320));
        let after = reader.snapshot().unwrap();
        assert_eq!(after.objects, 310);
        assert_eq!(same(&after), before.chunks.len() - 2, "the last chunk, and that of what has changed");
    }

    #[test]
    fn renewing_changes_what_is_there_and_what_is_being_listed_and_nothing_else() {
        let (mut writer, reader) = store();
        let list = (0..200).map(|id| Event::InitApply(thing(id, 1)));
        writer.apply(std::iter::once(Event::Init).chain(list).chain([Event::InitDone]));
        // A list has begun that lacks t1, and has brought t150 and one that is new.
        writer.apply([Event::Init, Event::InitApply(thing(150, 1)), Event::InitApply(thing(300, 1))]);
        let before = reader.snapshot().unwrap();
        let mut renew = |thing: &Thing| {
            let renewed = ["t1", "t150", "t300"].contains(&&*thing.metadata.name);
            renewed.then(|| Thing { state: Atom::new("renewed"), ..thing.clone() })
        };
        let chunks = writer.chunks();
        assert_eq!(chunks, 200_usize.div_ceil(CHUNK_SIZE));
        writer.renew(0..chunks + 5, &mut renew);
        let now = seen(&reader).unwrap();
        assert_eq!((now.len(), &*now["t1"], &*now["t150"], &*now["t2"]), (200, "renewed", "renewed", "1"));
        let same = before
            .chunks
            .iter()
            .zip(&reader.snapshot().unwrap().chunks)
            .filter(|(a, b)| Arc::ptr_eq(a, b))
            .count();
        assert_eq!(same, chunks - 2, "chunks without a change are shared");
        writer.apply([Event::InitDone]);
        let listed =
            [("t150", "renewed"), ("t300", "renewed")].map(|(name, state)| (name.into(), state.into()));
        assert_eq!(seen(&reader).unwrap(), listed.into());
    }

    #[test]
    fn objects_without_uid_are_told_apart_by_name() {
        let named = |namespace: &str, name: &str| -> Thing {
            let json = format!(r#"{{"metadata": {{"name": "{name}", "namespace": "{namespace}"}}}}"#);
            decode_json(json.as_bytes(), &Context::default()).unwrap()
        };
        let (mut writer, reader) = store();
        writer.apply([Event::Init, Event::InitDone]);
        writer
            .apply([("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")].map(|(n, m)| Event::Apply(named(n, m))));
        assert_eq!(reader.snapshot().unwrap().objects, 3);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Apply(u32),
        Delete(u32),
        Relist(Vec<u32>),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            10 => (0..400_u32).prop_map(Step::Apply),
            8 => (0..400_u32).prop_map(Step::Delete),
            1 => prop::collection::vec(0..400_u32, 0..300).prop_map(Step::Relist),
        ]
    }

    proptest! {
        /// Whatever happens, readers see what a plain map would hold, and old snapshots stay as
        /// they were.
        #[test]
        fn agrees_with_a_map(batches in prop::collection::vec(prop::collection::vec(step(), 0..60), 0..12)) {
            let (mut writer, reader) = store();
            writer.apply([Event::Init, Event::InitDone]);
            let mut model = BTreeMap::new();
            let mut version = 0;
            for batch in batches {
                let before = (reader.snapshot().unwrap(), seen(&reader).unwrap());
                let mut events = Vec::new();
                for step in batch {
                    version += 1;
                    match step {
                        Step::Apply(id) => {
                            model.insert(format!("t{id}"), version.to_string());
                            events.push(Event::Apply(thing(id, version)));
                        }
                        Step::Delete(id) => {
                            model.remove(&format!("t{id}"));
                            events.push(Event::Delete(thing(id, version)));
                        }
                        Step::Relist(ids) => {
                            model = ids.iter().map(|id| (format!("t{id}"), version.to_string())).collect();
                            events.push(Event::Init);
                            events.extend(ids.iter().map(|&id| Event::InitApply(thing(id, version))));
                            events.push(Event::InitDone);
                        }
                    }
                }
                writer.apply(events);
                prop_assert_eq!(&seen(&reader).unwrap(), &model);
                let old: BTreeMap<_, _> = before.0.iter().map(|t| (t.metadata.name.to_string(), t.state.to_string())).collect();
                prop_assert_eq!(old, before.1);
                let chunks = reader.snapshot().unwrap().chunks.len();
                prop_assert!(chunks <= 2 + 3 * model.len().div_ceil(CHUNK_SIZE), "{} chunks for {} objects", chunks, model.len());
            }
        }
    }
}
