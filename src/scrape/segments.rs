//! Compressed pieces of the exposition that are kept for the scrapes to come.

use super::gzip::{Checksum, Compressor};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many bytes kept segments may take all together, and how many they take.
#[derive(Debug, Default)]
pub struct Room {
    limit: AtomicUsize,
    taken: AtomicUsize,
}

impl Room {
    /// Changes how many bytes there may be, and returns how many it were. None of those that there are
    /// is dropped here.
    pub(super) fn limit(&self, bytes: usize) -> usize {
        self.limit.swap(bytes, Ordering::Relaxed)
    }

    /// True where nothing may be kept.
    pub(super) fn is_closed(&self) -> bool {
        self.limit.load(Ordering::Relaxed) == 0
    }

    /// Whether there is room left, given how many of the bytes are about to become free.
    pub(super) fn is_left(&self, besides: usize) -> bool {
        self.taken() < self.limit.load(Ordering::Relaxed).saturating_add(besides)
    }

    /// Bytes that segments take.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Segments of one family after the other, such as those of a chunk, in one allocation. A family is
/// known by its place in the table of its kind.
#[derive(Debug)]
pub struct Segments {
    bytes: Box<[u8]>,
    table: Box<[Entry]>,
    room: Arc<Room>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where the segment ends.
    end: u32,
    /// `None` for a segment that was not asked for.
    samples: Option<u32>,
    checksum: Checksum,
}

/// What there is of one family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'s> {
    /// Raw deflate that can be joined to others; empty where there are no samples.
    pub(super) bytes: &'s [u8],
    pub(super) samples: u32,
    pub(super) checksum: Checksum,
}

impl Segments {
    /// The segment of a family, unless it was not asked for.
    #[inline]
    pub(super) fn get(&self, family: usize) -> Option<Segment<'_>> {
        let Entry { end, samples, checksum } = self.table[family];
        let start = family.checked_sub(1).map_or(0, |before| self.table[before].end);
        Some(Segment { bytes: &self.bytes[start as usize..end as usize], samples: samples?, checksum })
    }

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.table)
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.size(), Ordering::Relaxed);
    }
}

/// Segments in the making, family by family.
pub(super) struct Making<'b> {
    bytes: &'b mut Vec<u8>,
    table: Vec<Entry>,
}

impl<'b> Making<'b> {
    /// Uses a buffer until they are made.
    pub(super) fn new(bytes: &'b mut Vec<u8>, families: usize) -> Self {
        bytes.clear();
        Self { bytes, table: Vec::with_capacity(families) }
    }

    /// Takes over a segment as it is.
    pub(super) fn keep(&mut self, segment: Segment<'_>) {
        self.bytes.extend_from_slice(segment.bytes);
        self.end(Some(segment.samples), segment.checksum);
    }

    /// Compresses a family's text.
    pub(super) fn compress(&mut self, text: &[u8], samples: usize, compressor: &mut Compressor) {
        let checksum =
            if text.is_empty() { Checksum::default() } else { compressor.segment(text, self.bytes) };
        let samples = u32::try_from(samples).expect("64 objects have fewer than 2^32 samples");
        self.end(Some(samples), checksum);
    }

    /// Leaves a family out.
    pub(super) fn skip(&mut self) {
        self.end(None, Checksum::default());
    }

    pub(super) fn finish(self, room: &Arc<Room>) -> Segments {
        let (bytes, table) = (self.bytes.as_slice().into(), self.table.into());
        let segments = Segments { bytes, table, room: Arc::clone(room) };
        room.taken.fetch_add(segments.size(), Ordering::Relaxed);
        segments
    }

    fn end(&mut self, samples: Option<u32>, checksum: Checksum) {
        let end = u32::try_from(self.bytes.len()).expect("64 objects have less than 4 GiB of samples");
        self.table.push(Entry { end, samples, checksum });
    }
}
