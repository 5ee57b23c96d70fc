//! A set of objects that can be changed and published.

use super::{
    Snapshot,
    chunk::{CHUNK_SIZE, Chunk},
};
use crate::wire::{LocalObject, ObjectMeta};
use hashbrown::HashTable;
use std::{
    hash::BuildHasher,
    ops::Range,
    sync::{Arc, LazyLock},
};

static HASHER: LazyLock<foldhash::fast::RandomState> = LazyLock::new(foldhash::fast::RandomState::default);

/// Objects in chunks, with an index that finds the slot of each. A copy shares the chunks until one of
/// the two changes them.
pub(super) struct Objects<K> {
    chunks: Vec<Arc<Chunk<K>>>,
    /// Slots that hold an object, counted through all chunks. The key is read from the object.
    index: HashTable<u32>,
    /// Slots that became free and are not at the end.
    free: Vec<u32>,
    bytes: usize,
}

impl<K> Default for Objects<K> {
    fn default() -> Self {
        Self { chunks: Vec::new(), index: HashTable::new(), free: Vec::new(), bytes: 0 }
    }
}

impl<K> Clone for Objects<K> {
    fn clone(&self) -> Self {
        let Self { chunks, index, free, bytes } = self;
        Self { chunks: chunks.clone(), index: index.clone(), free: free.clone(), bytes: *bytes }
    }
}

impl<K: LocalObject> Objects<K> {
    /// The object with the same identity.
    pub(super) fn find(&self, meta: &ObjectMeta) -> Option<(u32, &Arc<K>)> {
        let slot = *self.index.find(hash(meta), |&slot| self.holds(slot, meta))?;
        Some((slot, self.at(slot)?))
    }

    /// Adds an object, or replaces the one with the same identity, and returns its slot.
    pub(super) fn insert(&mut self, object: Arc<K>) -> u32 {
        if let Some((slot, _)) = self.find(object.metadata()) {
            self.replace(slot, object);
            return slot;
        }
        let hash = hash(object.metadata());
        let slot = self.free.pop().unwrap_or_else(|| self.next_slot());
        self.replace(slot, object);
        let chunks = &self.chunks;
        self.index.insert_unique(hash, slot, |&slot| hash_at(chunks, slot));
        slot
    }

    /// Puts another state of an object in the place of the one that is there.
    pub(super) fn replace(&mut self, slot: u32, object: Arc<K>) {
        self.bytes += object.heap_size();
        self.set(slot, Some(object));
    }

    /// The number of chunks.
    pub(super) fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Puts other states in the places of objects of some chunks, where `renewed` has one. True where
    /// it has.
    pub(super) fn renew(&mut self, chunks: Range<usize>, renewed: &mut dyn FnMut(&K) -> Option<K>) -> bool {
        let mut changed = false;
        for chunk in chunks.start..chunks.end.min(self.chunks.len()) {
            for slot in 0..self.chunks[chunk].len() {
                let slot = number(chunk, slot);
                if let Some(object) = self.at(slot).and_then(|object| renewed(object)) {
                    self.replace(slot, Arc::new(object));
                    changed = true;
                }
            }
        }
        changed
    }

    /// Removes the object with this identity, if there is one, and returns the slot that it had.
    pub(super) fn remove(&mut self, meta: &ObjectMeta) -> Option<u32> {
        let (slot, _) = self.find(meta)?;
        self.vacate(slot);
        Some(slot)
    }

    /// Removes all objects but those in slots that have a bit in their chunk's word.
    pub(super) fn retain(&mut self, slots: &[u64]) {
        for chunk in 0..self.chunks.len() {
            let kept = slots.get(chunk).copied().unwrap_or_default();
            for slot in (0..CHUNK_SIZE).filter(|slot| kept >> slot & 1 == 0) {
                let slot = number(chunk, slot);
                if self.at(slot).is_some() {
                    self.vacate(slot);
                }
            }
        }
    }

    /// What there is at this point in time.
    pub(super) fn snapshot(&self) -> Snapshot<K> {
        Snapshot { chunks: self.chunks.clone(), objects: self.index.len(), bytes: self.bytes }
    }

    /// Gives back the room that growing left over.
    pub(super) fn shrink(&mut self) {
        let chunks = &self.chunks;
        self.index.shrink_to_fit(|&slot| hash_at(chunks, slot));
        self.chunks.shrink_to_fit();
    }

    /// Moves all objects together once more slots are free than taken.
    pub(super) fn compact(&mut self) {
        if self.free.len() <= CHUNK_SIZE.max(self.index.len()) {
            return;
        }
        let mut compacted = Self::default();
        for chunk in &self.chunks {
            for object in chunk.objects() {
                compacted.insert(Arc::clone(object));
            }
        }
        *self = compacted;
    }

    fn next_slot(&mut self) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.is_full()) {
            self.chunks.push(Arc::new(Chunk::new()));
        }
        let last = self.chunks.len() - 1;
        let taken = self.chunks[last].len();
        number(last, taken)
    }

    fn vacate(&mut self, slot: u32) {
        if let Some(hash) = self.at(slot).map(|object| hash(object.metadata()))
            && let Ok(entry) = self.index.find_entry(hash, |&known| known == slot)
        {
            entry.remove();
            self.set(slot, None);
            self.free.push(slot);
        }
    }

    fn set(&mut self, slot: u32, object: Option<Arc<K>>) {
        let (chunk, slot) = place(slot);
        let old = Arc::make_mut(&mut self.chunks[chunk]).set(slot, object);
        self.bytes -= old.map_or(0, |old| old.heap_size());
    }

    fn at(&self, slot: u32) -> Option<&Arc<K>> {
        let (chunk, slot) = place(slot);
        self.chunks[chunk].get(slot)
    }

    fn holds(&self, slot: u32, meta: &ObjectMeta) -> bool {
        holds(&self.chunks, slot, meta)
    }
}

/// Where a slot is: its chunk, and which of the chunk's it is.
pub(super) fn place(slot: u32) -> (usize, usize) {
    (slot as usize / CHUNK_SIZE, slot as usize % CHUNK_SIZE)
}

fn number(chunk: usize, slot: usize) -> u32 {
    u32::try_from(chunk * CHUNK_SIZE + slot).expect("no cluster has four billion objects of a kind")
}

fn holds<K: LocalObject>(chunks: &[Arc<Chunk<K>>], slot: u32, meta: &ObjectMeta) -> bool {
    let (chunk, slot) = place(slot);
    chunks[chunk].get(slot).is_some_and(|object| same(object.metadata(), meta))
}

fn hash_at<K: LocalObject>(chunks: &[Arc<Chunk<K>>], slot: u32) -> u64 {
    let (chunk, slot) = place(slot);
    chunks[chunk].get(slot).map_or(0, |object| hash(object.metadata()))
}

/// Objects are told apart by UID and, where a file has none, by namespace and name.
fn same(a: &ObjectMeta, b: &ObjectMeta) -> bool {
    a.uid == b.uid && (!a.uid.is_empty() || (a.namespace == b.namespace && a.name == b.name))
}

fn hash(meta: &ObjectMeta) -> u64 {
    if meta.uid.is_empty() {
        HASHER.hash_one((&meta.namespace, &meta.name))
    } else {
        HASHER.hash_one(&meta.uid)
    }
}
