//! Segments that are kept with the chunks that they were made of.
//!
//! Rendering is a pure function of one object, so that the segments of a chunk hold as long as the
//! chunk does, and those of its families whose text is the same in the chunk that takes its place
//! are taken over.

use super::{
    pool::Desk,
    segments::{Making, Room, Segments},
};
use crate::{
    exposition::{AnyFamily, Selection},
    resource::Resource,
    store::Chunk,
};
use parking_lot::Mutex;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

/// What is served of a kind, and the segments of it that are kept.
pub(super) struct Served<K: Resource> {
    pub(super) families: Box<[&'static dyn AnyFamily<K>]>,
    pub(super) selection: Arc<Selection>,
    headers: OnceLock<Segments>,
}

/// The segments of a list of chunks, by the chunks' places in it.
pub(super) struct Cache<K> {
    places: Mutex<Vec<Arc<Place<K>>>>,
    /// How often it was looked whether anybody asks, since somebody did.
    idle: AtomicU32,
}

/// What nobody has asked for is dropped when this is looked for the fifth time.
const IDLE: u32 = 5;

type Place<K> = Mutex<Option<Kept<K>>>;

struct Kept<K> {
    chunk: Arc<Chunk<K>>,
    segments: Arc<Segments>,
}

/// Where segments may come from.
pub struct Wanted<'w> {
    /// Families by their places in the table of what is served, in ascending order.
    pub(super) families: &'w [usize],
    pub(super) desk: &'w mut Desk,
    pub(super) room: &'w Arc<Room>,
    /// Whether to wait while another scrape makes them.
    pub(super) patient: bool,
}

/// The segments of a chunk, of all families that were wanted.
pub enum Found {
    /// Here they are.
    Segments {
        /// All of them.
        segments: Arc<Segments>,
        /// How many of them that were wanted are made anew.
        made: usize,
    },
    /// Another scrape is making them.
    Busy,
    /// There is no room for them.
    Full,
}

impl<K: Resource> Served<K> {
    pub(super) fn new(families: Box<[&'static dyn AnyFamily<K>]>, selection: Arc<Selection>) -> Self {
        Self { families, selection, headers: OnceLock::new() }
    }

    /// The HELP and TYPE lines of all families.
    pub(super) fn headers(&self, desk: &mut Desk, room: &Arc<Room>) -> &Segments {
        self.headers.get_or_init(|| {
            let Desk { compressor, text, segments, .. } = desk;
            let mut making = Making::new(segments, self.families.len());
            for family in &self.families {
                text.clear();
                family.description().write_header(text);
                making.compress(text, 0, compressor);
            }
            making.finish(room)
        })
    }

    /// The segments of a chunk, given those of its past. Returns the number of those that had to be
    /// made.
    fn segments(
        &self,
        chunk: &Chunk<K>,
        past: Option<&Kept<K>>,
        wanted: &mut Wanted<'_>,
    ) -> (Segments, usize) {
        let Wanted { families, desk, room, .. } = wanted;
        let Desk { compressor, text, past_text, segments } = &mut **desk;
        let moved: Vec<_> = past.map(|past| Moved::between(&past.chunk, chunk)).unwrap_or_default();
        let mut wanted = families.iter().copied().peekable();
        let mut making = Making::new(segments, self.families.len());
        let mut made = 0;
        chunk.with_identities(K::write_identity, |identities| {
            for (place, family) in self.families.iter().enumerate() {
                let is_wanted = wanted.next_if_eq(&place).is_some();
                let known = past.and_then(|past| past.segments.get(place));
                let known = known.filter(|_| {
                    moved.iter().all(|moved| moved.is_the_same(*family, &self.selection, past_text, text))
                });
                match known {
                    Some(segment) => making.keep(segment),
                    None if is_wanted => {
                        text.clear();
                        let mut samples = 0;
                        for (object, identity) in chunk.objects().zip(identities.iter()) {
                            samples += family.render(object, identity, &self.selection, text);
                        }
                        making.compress(text, samples, compressor);
                        made += usize::from(samples > 0);
                    }
                    None => making.skip(),
                }
            }
        });
        (making.finish(room), made)
    }
}

/// What has changed of a chunk in one of its slots, with the identity labels.
struct Moved<'c, K> {
    past: Option<(&'c K, Vec<u8>)>,
    now: Option<(&'c K, Vec<u8>)>,
}

impl<'c, K: Resource> Moved<'c, K> {
    fn between(past: &'c Chunk<K>, now: &'c Chunk<K>) -> Vec<Self> {
        let labelled = |object: &'c K| {
            let mut identity = Vec::new();
            object.write_identity(&mut identity);
            (object, identity)
        };
        now.moved(past).map(|(past, now)| Self { past: past.map(labelled), now: now.map(labelled) }).collect()
    }

    /// Whether a family has the same samples for what was there and what is.
    fn is_the_same(
        &self,
        family: &dyn AnyFamily<K>,
        selection: &Selection,
        past: &mut Vec<u8>,
        now: &mut Vec<u8>,
    ) -> bool {
        for (object, out) in [(&self.past, &mut *past), (&self.now, &mut *now)] {
            out.clear();
            if let Some((object, identity)) = object {
                family.render(object, identity, selection, out);
            }
        }
        past == now
    }
}

impl<K: Resource> Cache<K> {
    pub(super) fn new() -> Self {
        Self { places: Mutex::default(), idle: AtomicU32::new(0) }
    }

    /// Drops what is kept for places beyond so many chunks.
    pub(super) fn truncate(&self, chunks: usize) {
        let beyond = {
            let mut places = self.places.lock();
            let length = places.len();
            places.split_off(chunks.min(length))
        };
        drop(beyond);
    }

    /// Looks whether anybody still asks. What is kept holds on to objects that were replaced since,
    /// which would be ever more.
    pub(super) fn look(&self) {
        if self.idle.fetch_add(1, Ordering::Relaxed) + 1 >= IDLE {
            self.truncate(0);
        }
    }

    /// The segments of the chunk at a place, made if need be.
    pub(super) fn find(
        &self,
        at: usize,
        chunk: &Arc<Chunk<K>>,
        served: &Served<K>,
        wanted: &mut Wanted<'_>,
    ) -> Found {
        self.idle.store(0, Ordering::Relaxed);
        let place = self.place(at);
        let mut kept = if wanted.patient {
            place.lock()
        } else {
            let Some(kept) = place.try_lock() else { return Found::Busy };
            kept
        };
        if let Some(Kept { chunk: known, segments }) = &*kept
            && Arc::ptr_eq(known, chunk)
            && wanted.families.iter().all(|&family| segments.get(family).is_some())
        {
            return Found::Segments { segments: Arc::clone(segments), made: 0 };
        }
        let past = kept.take();
        // What lacks families only stays as it is where there is no room for them.
        let stays = past.as_ref().is_some_and(|past| Arc::ptr_eq(&past.chunk, chunk));
        let freed = past.as_ref().filter(|_| !stays).map_or(0, |past| past.segments.size());
        if !wanted.room.is_left(freed) {
            *kept = past.filter(|_| stays);
            return Found::Full;
        }
        let (segments, made) = served.segments(chunk, past.as_ref(), wanted);
        let segments = Arc::new(segments);
        *kept = Some(Kept { chunk: Arc::clone(chunk), segments: Arc::clone(&segments) });
        Found::Segments { segments, made }
    }

    fn place(&self, at: usize) -> Arc<Place<K>> {
        let mut places = self.places.lock();
        if places.len() <= at {
            places.resize_with(at + 1, Arc::default);
        }
        Arc::clone(&places[at])
    }
}
