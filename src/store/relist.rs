//! A list in the making, beside the set that it will replace.

use super::objects::{Objects, place};
use crate::wire::{LocalObject, ObjectMeta};
use std::{ops::Range, sync::Arc};

/// The set as it was when the list began, with what the list has brought so far. What stays the same
/// stays in its chunk, so that a list that brings nothing new copies nothing.
pub(super) struct Relist<K> {
    objects: Objects<K>,
    /// A word for each chunk with a bit for each of its slots: which of them were listed.
    listed: Vec<u64>,
}

impl<K: LocalObject> Relist<K> {
    /// Begins a list of what was known as this.
    pub(super) fn of(objects: &Objects<K>) -> Self {
        Self { objects: objects.clone(), listed: Vec::new() }
    }

    /// The object with the same identity.
    pub(super) fn find(&self, meta: &ObjectMeta) -> Option<(u32, &Arc<K>)> {
        self.objects.find(meta)
    }

    /// Takes an object that was listed, or has changed meanwhile.
    pub(super) fn insert(&mut self, object: Arc<K>) {
        let slot = self.objects.insert(object);
        self.keep(slot);
    }

    /// Keeps what a slot holds.
    pub(super) fn keep(&mut self, slot: u32) {
        let (chunk, bit) = place(slot);
        if self.listed.len() <= chunk {
            self.listed.resize(chunk + 1, 0);
        }
        self.listed[chunk] |= 1 << bit;
    }

    /// Takes out an object that is gone.
    pub(super) fn remove(&mut self, meta: &ObjectMeta) {
        if let Some(slot) = self.objects.remove(meta) {
            let (chunk, bit) = place(slot);
            if let Some(listed) = self.listed.get_mut(chunk) {
                *listed &= !(1 << bit);
            }
        }
    }

    /// The number of chunks.
    pub(super) fn chunks(&self) -> usize {
        self.objects.chunks()
    }

    /// Gives another state to objects.
    pub(super) fn renew(&mut self, chunks: Range<usize>, renewed: &mut dyn FnMut(&K) -> Option<K>) {
        self.objects.renew(chunks, renewed);
    }

    /// What there is at the end of the list.
    pub(super) fn finish(self) -> Objects<K> {
        let Self { mut objects, listed } = self;
        objects.retain(&listed);
        objects.compact();
        objects.shrink();
        objects
    }
}
