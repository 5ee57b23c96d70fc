//! What is said by objects that others refer to.

use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

/// What is read together, such as the `ReplicaSet`s of a namespace: a number of the reader's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(pub u32);

/// Values by what others refer to them with.
#[derive(Debug)]
pub(super) struct Held<Q, V> {
    entries: HashMap<Q, Entry<V>, foldhash::fast::RandomState>,
    /// What was asked for in vain.
    missed: Mutex<HashSet<Q, foldhash::fast::RandomState>>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    source: Source,
    /// Whether the list that is being read has not brought it so far.
    unlisted: bool,
    vanished: bool,
    /// Whether it was asked for since the last sweep.
    used: AtomicBool,
}

impl<Q, V> Default for Held<Q, V> {
    fn default() -> Self {
        Self { entries: HashMap::default(), missed: Mutex::default() }
    }
}

impl<Q: Hash + Eq + Clone, V: PartialEq> Held<Q, V> {
    /// The value, where it is known. Where not, it is noted that somebody wants it.
    pub(super) fn get(&self, key: &Q) -> Option<&V> {
        if let Some(entry) = self.entries.get(key) {
            if !entry.used.load(Relaxed) {
                entry.used.store(true, Relaxed);
            }
            return Some(&entry.value);
        }
        let mut missed = self.missed.lock();
        if !missed.contains(key) {
            missed.insert(key.clone());
        }
        None
    }

    pub(super) fn begin(&mut self, source: Source) {
        let of_source = self.entries.values_mut().filter(|entry| entry.source == source);
        of_source.for_each(|entry| entry.unlisted = true);
    }

    /// True where that is news for somebody who has asked before.
    pub(super) fn put(&mut self, source: Source, key: Q, value: V) -> bool {
        let known = self.entries.get_mut(&key);
        let (news, used) = match &known {
            Some(entry) => (entry.value != value, entry.used.load(Relaxed)),
            None => (self.missed.get_mut().remove(&key), false),
        };
        let entry = Entry { value, source, unlisted: false, vanished: false, used: AtomicBool::new(used) };
        match known {
            Some(known) => *known = entry,
            None => _ = self.entries.insert(key, entry),
        }
        news
    }

    pub(super) fn vanish(&mut self, key: &Q) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.vanished = true;
        }
    }

    pub(super) fn finish(&mut self, source: Source) {
        let of_source = self.entries.values_mut().filter(|entry| entry.source == source);
        of_source.for_each(|entry| entry.vanished |= entry.unlisted);
        self.entries.shrink_to_fit();
    }

    /// Forgets what has vanished and was not asked for since the last sweep.
    pub(super) fn sweep(&mut self) {
        self.entries.retain(|_, entry| !entry.vanished || entry.used.load(Relaxed));
        self.entries.values().for_each(|entry| entry.used.store(false, Relaxed));
        self.entries.shrink_to_fit();
        self.missed.get_mut().clear();
    }
}
