//! A handful of objects that are copied and rendered together.

use std::sync::{Arc, OnceLock};

/// The number of slots in a chunk. Smaller ones cost more memory and compress worse, larger ones
/// cost more for each change.
pub const CHUNK_SIZE: usize = 64;

/// Up to [`CHUNK_SIZE`] objects. A chunk that readers may see never changes.
#[derive(Debug)]
pub struct Chunk<K> {
    slots: Vec<Option<Arc<K>>>,
    identities: OnceLock<Identities>,
}

impl<K> Chunk<K> {
    /// The objects in the order of their slots.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<K>> {
        self.slots.iter().flatten()
    }

    /// The slots that held something else in an earlier state of the chunk: what they held, and what
    /// they hold.
    pub fn moved<'c>(&'c self, past: &'c Self) -> impl Iterator<Item = (Option<&'c K>, Option<&'c K>)> {
        let slots = (0..self.len().max(past.len())).map(|slot| (past.get(slot), self.get(slot)));
        slots
            .filter(|(past, now)| past.map(Arc::as_ptr) != now.map(Arc::as_ptr))
            .map(|(past, now)| (past.map(|object| &**object), now.map(|object| &**object)))
    }

    /// What `write` writes for each object, kept from the first call on.
    pub fn identities(&self, write: impl Fn(&K, &mut Vec<u8>)) -> &Identities {
        self.identities.get_or_init(|| self.write_identities(write))
    }

    /// The same without keeping it, for one who won't ask again.
    pub fn with_identities<R>(
        &self,
        write: impl Fn(&K, &mut Vec<u8>),
        read: impl FnOnce(&Identities) -> R,
    ) -> R {
        match self.identities.get() {
            Some(kept) => read(kept),
            None => read(&self.write_identities(write)),
        }
    }

    fn write_identities(&self, write: impl Fn(&K, &mut Vec<u8>)) -> Identities {
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(self.slots.len()));
        for object in self.objects() {
            write(object, &mut bytes);
            ends.push(u32::try_from(bytes.len()).expect("64 names and namespaces are below 4 GiB"));
        }
        Identities { bytes: bytes.into(), ends: ends.into() }
    }

    pub(super) fn new() -> Self {
        Self { slots: Vec::with_capacity(CHUNK_SIZE), identities: OnceLock::new() }
    }

    pub(super) fn get(&self, slot: usize) -> Option<&Arc<K>> {
        self.slots.get(slot)?.as_ref()
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.slots.len() == CHUNK_SIZE
    }

    /// Puts an object, or nothing, into a slot, the next new one included, and returns what was
    /// there.
    pub(super) fn set(&mut self, slot: usize, object: Option<Arc<K>>) -> Option<Arc<K>> {
        self.identities.take();
        if slot == self.slots.len() {
            self.slots.push(object);
            return None;
        }
        std::mem::replace(&mut self.slots[slot], object)
    }
}

/// A copy that is about to change: what was rendered for the original is left behind.
impl<K> Clone for Chunk<K> {
    fn clone(&self) -> Self {
        let mut slots = Vec::with_capacity(CHUNK_SIZE);
        slots.extend(self.slots.iter().cloned());
        Self { slots, identities: OnceLock::new() }
    }
}

/// The identity labels of a chunk's objects, rendered once.
#[derive(Debug)]
pub struct Identities {
    bytes: Box<[u8]>,
    ends: Box<[u32]>,
}

impl Identities {
    /// The rendered labels of each object, in the order of [`Chunk::objects`].
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let range = start..end as usize;
            start = range.end;
            &self.bytes[range]
        })
    }
}
