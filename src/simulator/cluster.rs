//! The state: objects by kind, one counter of versions, and a bounded history for watches and pages.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::codec::{CodecError, Object};
use super::keys::{Keys, key};
use super::kinds::{KINDS, Kind};
use super::object::Stored;

/// Changes of one kind that are remembered at least.
const HISTORY: usize = 10_000;

/// The whole cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    state: RwLock<State>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    version: u64,
    shelves: Vec<Shelf>,
}

/// The objects of one kind.
#[derive(Debug, Default)]
struct Shelf {
    objects: BTreeMap<Box<str>, Arc<Stored>>,
    history: VecDeque<Change>,
    /// The last version that the history no longer reaches: changes after it are all there.
    forgotten: u64,
}

/// What happened to one object.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The object after the change, or as it was when it was deleted.
    pub(super) object: Arc<Stored>,
    /// The object before the change.
    pub(super) previous: Option<Arc<Stored>>,
    /// Whether the object is gone.
    pub(super) deleted: bool,
}

/// A version is older than the history.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expired;

/// Objects of one kind at one version.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The version of the cluster.
    pub(super) version: u64,
    /// The objects, by key.
    pub(super) objects: Vec<Arc<Stored>>,
}

impl Cluster {
    /// An empty cluster whose next object gets the version after `version`.
    pub(super) fn new(version: u64) -> Self {
        let shelf = || Shelf { forgotten: version, ..Shelf::default() };
        let shelves = KINDS.iter().map(|_| shelf()).collect();
        Self { state: RwLock::new(State { version, shelves }), changed: watch::Sender::new(version) }
    }

    /// Puts the objects that the cluster starts with; they are older than any history.
    pub(super) fn fill(&self, kind: &Kind, objects: Vec<Stored>) {
        let mut state = self.state.write();
        let newest = objects.iter().map(|object| object.version).max().unwrap_or_default();
        state.version = state.version.max(newest);
        let objects = objects.into_iter().map(|object| (object.key().into(), Arc::new(object))).collect();
        state.shelves[kind.index()].objects = objects;
        let version = state.version;
        for shelf in &mut state.shelves {
            shelf.forgotten = version;
        }
    }

    /// Creates or replaces an object; identity and creation time are kept or made up.
    pub(super) fn put(&self, kind: &Kind, mut object: Object) -> Result<Arc<Stored>, CodecError> {
        let mut state = self.state.write();
        let version = state.version + 1;
        let shelf = &state.shelves[kind.index()];
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
        let previous = shelf.objects.get(key(&text("namespace"), &text("name")).as_str()).cloned();
        let before = previous.as_ref().map_or(Value::Null, |previous| previous.metadata_json());
        if metadata["uid"].is_null() {
            metadata["uid"] = match &before["uid"] {
                Value::Null => Value::String(format!("00000000-0000-4000-8000-{version:012x}")),
                uid => uid.clone(),
            };
        }
        if metadata["creationTimestamp"].is_null() {
            metadata["creationTimestamp"] = match &before["creationTimestamp"] {
                Value::Null => Value::String(format!("{:.0}", Timestamp::now())),
                created => created.clone(),
            };
        }
        let object = Arc::new(Stored::new(kind, object, version)?);
        state.commit(kind, Change { object: Arc::clone(&object), previous, deleted: false });
        drop(state);
        self.changed.send_replace(version);
        Ok(object)
    }

    /// Removes an object and returns its last state.
    pub(super) fn remove(&self, kind: &Kind, key: &str) -> Option<Arc<Stored>> {
        let mut state = self.state.write();
        let version = state.version + 1;
        let previous = state.shelves[kind.index()].objects.get(key).cloned()?;
        // The object of the event carries the version of its deletion.
        let object = previous.decode(kind).and_then(|object| Stored::new(kind, object, version));
        let object = object.or_else(|_| previous.corrupted(kind, version)).ok().map(Arc::new)?;
        state.commit(kind, Change { object: Arc::clone(&object), previous: Some(previous), deleted: true });
        drop(state);
        self.changed.send_replace(version);
        Some(object)
    }

    /// Makes the stored bytes of an object malformed; whether it exists.
    pub(super) fn corrupt(&self, kind: &Kind, key: &str) -> bool {
        let mut state = self.state.write();
        let version = state.version + 1;
        let Some(previous) = state.shelves[kind.index()].objects.get(key).cloned() else { return false };
        let Ok(object) = previous.corrupted(kind, version) else { return false };
        state.commit(kind, Change { object: Arc::new(object), previous: Some(previous), deleted: false });
        drop(state);
        self.changed.send_replace(version);
        true
    }

    /// An object.
    pub(super) fn get(&self, kind: &Kind, key: &str) -> Option<Arc<Stored>> {
        self.state.read().shelves[kind.index()].objects.get(key).cloned()
    }

    /// The current objects whose keys lie in a range.
    pub(super) fn snapshot(&self, kind: &Kind, keys: &Keys) -> Snapshot {
        let state = self.state.read();
        let objects = &state.shelves[kind.index()].objects;
        let range = objects.range::<str, _>(keys.bounds());
        Snapshot { version: state.version, objects: range.map(|(_, object)| Arc::clone(object)).collect() }
    }

    /// The first objects of a range as they were at a version: what happened since is undone.
    pub(super) fn page(
        &self,
        kind: &Kind,
        keys: &Keys,
        version: u64,
        limit: usize,
    ) -> Result<Snapshot, Expired> {
        let state = self.state.read();
        let shelf = &state.shelves[kind.index()];
        // Backwards, so that the oldest change after the version has the last word on what was before.
        let mut undone: BTreeMap<&str, Option<&Arc<Stored>>> = BTreeMap::new();
        for change in shelf.since(version)?.rev() {
            if keys.contains(change.object.key()) {
                undone.insert(change.object.key(), change.previous.as_ref());
            }
        }
        let current = shelf.objects.range::<str, _>(keys.bounds());
        let mut unchanged = current.filter(|(key, _)| !undone.contains_key(&***key)).peekable();
        let mut restored = undone.iter().filter_map(|(key, object)| Some((*key, (*object)?))).peekable();
        let mut objects = Vec::new();
        while objects.len() < limit {
            let next = match (unchanged.peek(), restored.peek()) {
                (Some((a, _)), Some((b, _))) if &***a < *b => unchanged.next().map(|(_, object)| object),
                (_, Some(_)) => restored.next().map(|(_, object)| object),
                (_, None) => unchanged.next().map(|(_, object)| object),
            };
            let Some(object) = next else { break };
            objects.push(Arc::clone(object));
        }
        Ok(Snapshot { version, objects })
    }

    /// The changes of a kind after a version, at most `limit`, and the version up to which nothing is missing.
    pub(super) fn changes(
        &self,
        kind: &Kind,
        since: u64,
        limit: usize,
    ) -> Result<(u64, Vec<Change>), Expired> {
        let state = self.state.read();
        let mut left = state.shelves[kind.index()].since(since)?;
        let changes: Vec<_> = left.by_ref().take(limit).cloned().collect();
        let complete = if left.next().is_none() {
            state.version
        } else {
            changes.last().map_or(since, |change| change.object.version)
        };
        Ok((complete, changes))
    }

    /// The newest version.
    pub(super) fn version(&self) -> u64 {
        self.state.read().version
    }

    /// The object at a position in the order of keys.
    pub(super) fn nth(&self, kind: &Kind, position: usize) -> Option<Arc<Stored>> {
        self.state.read().shelves[kind.index()].objects.values().nth(position).cloned()
    }

    /// The number of objects of a kind.
    pub(super) fn count(&self, kind: &Kind) -> usize {
        self.state.read().shelves[kind.index()].objects.len()
    }

    /// Forgets the history of a kind, as a compaction does; versions before the current one are gone.
    pub(super) fn forget(&self, kind: &Kind) {
        let mut state = self.state.write();
        // Even whoever has seen everything is cut off: the version moves on with nothing to show for it.
        state.version += 1;
        let version = state.version;
        let shelf = &mut state.shelves[kind.index()];
        shelf.history.clear();
        shelf.forgotten = version;
        drop(state);
        self.changed.send_replace(version);
    }

    /// Tells of every new version.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

impl State {
    fn commit(&mut self, kind: &Kind, change: Change) {
        self.version = change.object.version;
        let shelf = &mut self.shelves[kind.index()];
        if change.deleted {
            shelf.objects.remove(change.object.key());
        } else {
            shelf.objects.insert(change.object.key().into(), Arc::clone(&change.object));
        }
        shelf.history.push_back(change);
        if shelf.history.len() > HISTORY
            && let Some(oldest) = shelf.history.pop_front()
        {
            shelf.forgotten = oldest.object.version;
        }
    }
}

impl Shelf {
    fn since(&self, version: u64) -> Result<impl DoubleEndedIterator<Item = &Change>, Expired> {
        if version < self.forgotten {
            return Err(Expired);
        }
        let first = self.history.partition_point(|change| change.object.version <= version);
        Ok(self.history.range(first..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(cluster: &Cluster, name: &str, phase: &str) -> u64 {
        let object = json!({"metadata": {"namespace": "a", "name": name}, "status": {"phase": phase}});
        let Value::Object(object) = object else { unreachable!() };
        cluster.put(pods(), object).unwrap().version
    }

    fn pods() -> &'static Kind {
        Kind::plural("pods").unwrap()
    }

    fn names(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.objects.iter().map(|object| object.name()).collect()
    }

    #[test]
    fn the_past_is_rebuilt_from_the_history() {
        let cluster = Cluster::new(100);
        put(&cluster, "x", "Pending");
        let then = put(&cluster, "y", "Pending");
        put(&cluster, "x", "Running");
        put(&cluster, "z", "Pending");
        cluster.remove(pods(), "a/y").unwrap();
        let all = Keys::of(None);
        let past = cluster.page(pods(), &all, then, 10).unwrap();
        assert_eq!(names(&past), ["x", "y"]);
        assert_eq!(names(&cluster.page(pods(), &all, then, 1).unwrap()), ["x"]);
        assert_eq!(past.objects[0].text(&[3, 1]), "Pending");
        assert_eq!(names(&cluster.snapshot(pods(), &all)), ["x", "z"]);
        assert_eq!(cluster.page(pods(), &all, 99, 10).unwrap_err(), Expired);
    }

    #[test]
    fn changes_follow_a_version_until_they_are_forgotten() {
        let cluster = Cluster::new(0);
        let first = put(&cluster, "x", "Pending");
        put(&cluster, "x", "Running");
        cluster.remove(pods(), "a/x").unwrap();
        let (complete, changes) = cluster.changes(pods(), first, 10).unwrap();
        assert_eq!((complete, changes.len()), (3, 2));
        assert!(changes[1].deleted);
        assert_eq!(changes[1].object.version, 3);
        let (complete, changes) = cluster.changes(pods(), first, 1).unwrap();
        assert_eq!((complete, changes.len()), (2, 1));
        cluster.forget(pods());
        assert_eq!(cluster.changes(pods(), 3, 10).unwrap_err(), Expired);
        assert!(cluster.changes(Kind::plural("nodes").unwrap(), 0, 10).is_ok());
    }

    #[test]
    fn identity_survives_a_replacement() {
        let cluster = Cluster::new(0);
        put(&cluster, "x", "Pending");
        let before = cluster.get(pods(), "a/x").unwrap().metadata_json();
        put(&cluster, "x", "Running");
        let after = cluster.get(pods(), "a/x").unwrap().metadata_json();
        assert_eq!(before["uid"], after["uid"]);
        assert_eq!(before["creationTimestamp"], after["creationTimestamp"]);
        assert_ne!(before["resourceVersion"], after["resourceVersion"]);
    }
}
