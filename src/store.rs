//! The objects of one kind: one writer, any number of readers, whole snapshots.
//!
//! Objects live in chunks, which are copied when one of their objects changes. A batch of events
//! becomes visible with one atomic swap of pointers, and so does a relist, which is built beside
//! the set that it replaces. Readers take no lock and see one point in time.

mod chunk;
mod objects;
mod relist;
mod writer;

pub use chunk::{CHUNK_SIZE, Chunk, Identities};
pub use writer::Writer;

use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// An empty store: the end that writes and the end that reads.
pub fn store<K>() -> (Writer<K>, Reader<K>) {
    let published = Arc::new(ArcSwapOption::empty());
    (Writer::new(Arc::clone(&published)), Reader { published })
}

/// All objects at one point in time.
#[derive(Debug)]
pub struct Snapshot<K> {
    /// The objects, in chunks none of which is empty for long.
    pub chunks: Vec<Arc<Chunk<K>>>,
    /// The number of objects.
    pub objects: usize,
    /// Bytes that the objects hold besides what they share with others.
    pub bytes: usize,
}

impl<K> Snapshot<K> {
    /// The objects one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<K>> {
        self.chunks.iter().flat_map(|chunk| chunk.objects())
    }
}

/// The reading end of a store.
#[derive(Debug)]
pub struct Reader<K> {
    published: Arc<ArcSwapOption<Snapshot<K>>>,
}

impl<K> Reader<K> {
    /// The current snapshot; `None` until the objects were read for the first time.
    pub fn snapshot(&self) -> Option<Arc<Snapshot<K>>> {
        self.published.load_full()
    }
}

impl<K> Clone for Reader<K> {
    fn clone(&self) -> Self {
        Self { published: Arc::clone(&self.published) }
    }
}
