//! A kind as a scrape sees it, whatever its type.

use super::{
    cache::{Cache, Found, Served, Wanted},
    pool::Desk,
    segments::{Room, Segments},
};
use crate::{
    exposition::{AnyFamily, Selection},
    resource::Resource,
    store::{CHUNK_SIZE, Chunk, Reader},
};
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A kind that can be scraped.
pub trait Source: Send + Sync {
    /// The kind's plural name.
    fn resource(&self) -> &'static str;

    /// What there is now; `None` while the kind has not been read whole.
    fn snapshot(&self) -> Option<Arc<dyn Block>>;

    /// Drops the compressed text that nobody has asked for while this was called five times.
    fn drop_idle(&self);

    /// Drops all compressed text.
    fn forget_compressed(&self);
}

/// The objects of a kind at one point in time, ready to be rendered.
pub trait Block: Send + Sync {
    /// The kind's plural name.
    fn resource(&self) -> &'static str;

    /// The number of objects.
    fn objects(&self) -> usize;

    /// The number of families that are served.
    fn families(&self) -> usize;

    /// The number of chunks.
    fn chunks(&self) -> usize;

    /// Appends the HELP and TYPE lines of a family.
    fn write_header(&self, family: usize, out: &mut Vec<u8>);

    /// Appends the samples of a family for a run of chunks and returns their number.
    fn render(&self, family: usize, chunks: Range<usize>, out: &mut Vec<u8>) -> usize;

    /// The name of a family.
    fn family(&self, family: usize) -> &'static str;

    /// Tells, for each object of a run of chunks, its namespace and how many samples and bytes of
    /// them a family has for it.
    fn count(&self, family: usize, chunks: Range<usize>, tell: &mut dyn FnMut(&str, usize, usize));

    /// The same objects with fewer families, those that `shown` holds for by place and name, and of
    /// the objects those that belong to one of the namespaces, all where there are none.
    fn narrowed(&self, shown: &dyn Fn(usize, &str) -> bool, namespaces: &[String]) -> Arc<dyn Block>;

    /// The families by their places in [`Segments`], in ascending order; `None` where segments can't
    /// be kept, since not all objects of each chunk are shown.
    fn segmented(&self) -> Option<&[usize]>;

    /// The segments of the HELP and TYPE lines.
    fn headers(&self, desk: &mut Desk, room: &Arc<Room>) -> &Segments;

    /// The segments of a chunk.
    fn segments(&self, chunk: usize, wanted: &mut Wanted<'_>) -> Found;
}

/// The objects of a kind that are read together, such as those of one namespace.
#[derive(Debug)]
pub struct Part<K> {
    /// The objects.
    pub objects: Reader<K>,
    /// Set once the scrape need not wait any longer for objects that can't be read.
    pub excused: Arc<AtomicBool>,
}

/// Serves a kind from its stores.
pub struct KindSource<K: Resource> {
    parts: Vec<(Part<K>, Arc<Cache<K>>)>,
    served: Arc<Served<K>>,
    /// All places in the table of what is served.
    families: Arc<[usize]>,
}

impl<K: Resource> KindSource<K> {
    /// Serves those families of the kind that `served` holds for.
    pub fn new(
        parts: Vec<Part<K>>,
        selection: Arc<Selection>,
        served: impl Fn(&'static dyn AnyFamily<K>) -> bool,
    ) -> Self {
        let parts = parts.into_iter().map(|part| (part, Arc::new(Cache::new()))).collect();
        let served: Box<[_]> = K::FAMILIES.iter().copied().filter(|family| served(*family)).collect();
        let families = (0..served.len()).collect();
        Self { parts, served: Arc::new(Served::new(served, selection)), families }
    }
}

impl<K: Resource> Source for KindSource<K> {
    fn resource(&self) -> &'static str {
        K::NAMES.plural
    }

    fn snapshot(&self) -> Option<Arc<dyn Block>> {
        let mut block = KindBlock {
            chunks: Vec::new(),
            caches: Vec::new(),
            objects: 0,
            families: Arc::clone(&self.families),
            served: Arc::clone(&self.served),
        };
        let mut read = false;
        for (part, cache) in &self.parts {
            match part.objects.snapshot() {
                Some(snapshot) => {
                    cache.truncate(snapshot.chunks.len());
                    block.caches.push((block.chunks.len(), Arc::clone(cache)));
                    block.chunks.extend(snapshot.chunks.iter().cloned().map(Shown::all));
                    block.objects += snapshot.objects;
                    read = true;
                }
                None if part.excused.load(Ordering::Relaxed) => {}
                None => return None,
            }
        }
        read.then(|| Arc::new(block) as Arc<dyn Block>)
    }

    fn drop_idle(&self) {
        self.parts.iter().for_each(|(_, cache)| cache.look());
    }

    fn forget_compressed(&self) {
        self.parts.iter().for_each(|(_, cache)| cache.truncate(0));
    }
}

struct KindBlock<K: Resource> {
    chunks: Vec<Shown<K>>,
    /// What is kept of the chunks from these places on; nothing where objects are left out.
    caches: Vec<(usize, Arc<Cache<K>>)>,
    objects: usize,
    /// The families that are shown, by their places in the table of what is served.
    families: Arc<[usize]>,
    served: Arc<Served<K>>,
}

impl<K: Resource> Block for KindBlock<K> {
    fn resource(&self) -> &'static str {
        K::NAMES.plural
    }

    fn objects(&self) -> usize {
        self.objects
    }

    fn families(&self) -> usize {
        self.families.len()
    }

    fn chunks(&self) -> usize {
        self.chunks.len()
    }

    fn write_header(&self, family: usize, out: &mut Vec<u8>) {
        self.at(family).description().write_header(out);
    }

    fn render(&self, family: usize, chunks: Range<usize>, out: &mut Vec<u8>) -> usize {
        let (family, selection) = (self.at(family), &*self.served.selection);
        let mut samples = 0;
        self.each(chunks, |object, identity| {
            samples += family.render(object, identity, selection, out);
        });
        samples
    }

    fn family(&self, family: usize) -> &'static str {
        self.at(family).description().name
    }

    fn count(&self, family: usize, chunks: Range<usize>, tell: &mut dyn FnMut(&str, usize, usize)) {
        let family = self.at(family);
        let mut text = Vec::new();
        self.each(chunks, |object, identity| {
            text.clear();
            let samples = family.render(object, identity, &self.served.selection, &mut text);
            tell(namespace(object), samples, text.len());
        });
    }

    fn narrowed(&self, shown: &dyn Fn(usize, &str) -> bool, namespaces: &[String]) -> Arc<dyn Block> {
        let families = self.families.iter().enumerate();
        let families = families.filter(|(at, _)| shown(*at, self.family(*at)));
        let mut block = Self {
            chunks: self.chunks.clone(),
            caches: self.caches.clone(),
            objects: self.objects,
            families: families.map(|(_, family)| *family).collect(),
            served: Arc::clone(&self.served),
        };
        if !namespaces.is_empty() {
            block.caches.clear();
            block.chunks.iter_mut().for_each(|shown| shown.narrow(namespaces));
            block.chunks.retain(|shown| shown.objects != 0);
            block.objects = block.chunks.iter().map(|shown| shown.objects.count_ones() as usize).sum();
        }
        Arc::new(block)
    }

    fn segmented(&self) -> Option<&[usize]> {
        (!self.caches.is_empty()).then_some(&self.families)
    }

    fn headers(&self, desk: &mut Desk, room: &Arc<Room>) -> &Segments {
        self.served.headers(desk, room)
    }

    fn segments(&self, chunk: usize, wanted: &mut Wanted<'_>) -> Found {
        let part = self.caches.partition_point(|(start, _)| *start <= chunk) - 1;
        let (start, cache) = &self.caches[part];
        cache.find(chunk - start, &self.chunks[chunk].chunk, &self.served, wanted)
    }
}

impl<K: Resource> KindBlock<K> {
    fn at(&self, family: usize) -> &'static dyn AnyFamily<K> {
        self.served.families[self.families[family]]
    }

    /// Does something with each object that is shown and its identity labels.
    #[inline]
    fn each(&self, chunks: Range<usize>, mut act: impl FnMut(&K, &[u8])) {
        for Shown { chunk, objects } in &self.chunks[chunks] {
            let identities = chunk.identities(K::write_identity);
            for (at, (object, identity)) in chunk.objects().zip(identities.iter()).enumerate() {
                if objects & (1 << at) != 0 {
                    act(object, identity);
                }
            }
        }
    }
}

/// The namespace that an object belongs to, empty where there is none. A namespace belongs to itself.
fn namespace<K: Resource>(object: &K) -> &str {
    let metadata = object.metadata();
    if K::NAMES.kind == "Namespace" { &metadata.name } else { &metadata.namespace }
}

/// A chunk, and which of its objects are shown.
struct Shown<K> {
    chunk: Arc<Chunk<K>>,
    /// A bit for each object, the lowest for the first one.
    objects: u64,
}

const _: () = assert!(CHUNK_SIZE <= u64::BITS as usize, "a chunk's objects have a bit each");

impl<K> Shown<K> {
    fn all(chunk: Arc<Chunk<K>>) -> Self {
        Self { chunk, objects: u64::MAX }
    }
}

impl<K: Resource> Shown<K> {
    /// Leaves out what belongs to none of the namespaces.
    fn narrow(&mut self, namespaces: &[String]) {
        let belongs = |object: &K| namespaces.iter().any(|wanted| wanted == namespace(object));
        let objects = self.chunk.objects().enumerate();
        let belonging =
            objects.filter(|(_, object)| belongs(object)).fold(0, |bits, (at, _)| bits | (1 << at));
        self.objects &= belonging;
    }
}

impl<K> Clone for Shown<K> {
    fn clone(&self) -> Self {
        Self { chunk: Arc::clone(&self.chunk), objects: self.objects }
    }
}
