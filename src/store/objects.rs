//! A set of objects that can be changed and published.

use super::{
    Snapshot,
    chunk::{CHUNK_SIZE, Chunk},
};
use crate::wire::{LocalObject, ObjectMeta};
use hashbrown::HashTable;
use std::{
    hash::BuildHasher,
    sync::{Arc, LazyLock},
};

static HASHER: LazyLock<foldhash::fast::RandomState> = LazyLock::new(foldhash::fast::RandomState::default);

/// Objects in chunks, with an index that finds the slot of each.
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

impl<K: LocalObject> Objects<K> {
    /// The object with the same identity.
    pub(super) fn get(&self, meta: &ObjectMeta) -> Option<&Arc<K>> {
        let slot = *self.index.find(hash(meta), |&slot| self.holds(slot, meta))?;
        self.at(slot)
    }

    /// Adds an object, or replaces the one with the same identity.
    pub(super) fn insert(&mut self, object: Arc<K>) {
        let hash = hash(object.metadata());
        self.bytes += object.heap_size();
        if let Some(&slot) = self.index.find(hash, |&slot| self.holds(slot, object.metadata())) {
            self.set(slot, Some(object));
            return;
        }
        let slot = self.free.pop().unwrap_or_else(|| self.next_slot());
        self.set(slot, Some(object));
        let chunks = &self.chunks;
        self.index.insert_unique(hash, slot, |&slot| hash_at(chunks, slot));
    }

    /// Removes the object with this identity, if there is one.
    pub(super) fn remove(&mut self, meta: &ObjectMeta) {
        let chunks = &self.chunks;
        if let Ok(entry) = self.index.find_entry(hash(meta), |&slot| holds(chunks, slot, meta)) {
            let (slot, _) = entry.remove();
            self.set(slot, None);
            self.free.push(slot);
            if self.free.len() > CHUNK_SIZE.max(self.index.len()) {
                self.compact();
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
    fn compact(&mut self) {
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
        u32::try_from(last * CHUNK_SIZE + taken).expect("no cluster has four billion objects of a kind")
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

fn place(slot: u32) -> (usize, usize) {
    (slot as usize / CHUNK_SIZE, slot as usize % CHUNK_SIZE)
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
