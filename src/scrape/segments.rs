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
    /// Changes how many bytes there may be; none of those that there are is dropped for it.
    pub(super) fn limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
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

/// Bytes are kept in blocks of this size, of which an allocator wastes nothing: what it rounds up is a
/// tenth of larger pieces of all sizes.
const BLOCK: usize = 8 << 10;

/// Segments of one family after the other, such as those of a chunk. A family is known by its place
/// in the table of its kind.
#[derive(Debug)]
pub struct Segments {
    blocks: Box<[Box<[u8]>]>,
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
    blocks: &'s [Box<[u8]>],
    start: u32,
    end: u32,
    pub(super) samples: u32,
    pub(super) checksum: Checksum,
}

impl Segments {
    /// The segment of a family, unless it was not asked for.
    #[inline]
    pub(super) fn get(&self, family: usize) -> Option<Segment<'_>> {
        let Entry { end, samples, checksum } = self.table[family];
        let start = family.checked_sub(1).map_or(0, |before| self.table[before].end);
        Some(Segment { blocks: &self.blocks, start, end, samples: samples?, checksum })
    }

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        let bytes: usize = self.blocks.iter().map(|block| block.len()).sum();
        bytes + size_of_val(&*self.blocks) + size_of_val(&*self.table)
    }
}

impl Segment<'_> {
    /// The number of bytes; zero where there are no samples.
    #[inline]
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Appends it: raw deflate that can be joined to others.
    #[inline]
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let (mut start, end) = (self.start as usize, self.end as usize);
        while start < end {
            let within = start % BLOCK..BLOCK.min(start % BLOCK + end - start);
            start += within.len();
            out.extend_from_slice(&self.blocks[(start - 1) / BLOCK][within]);
        }
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
        segment.write(self.bytes);
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
        let blocks = self.bytes.chunks(BLOCK).map(Box::from).collect();
        let segments = Segments { blocks, table: self.table.into(), room: Arc::clone(room) };
        room.taken.fetch_add(segments.size(), Ordering::Relaxed);
        segments
    }

    fn end(&mut self, samples: Option<u32>, checksum: Checksum) {
        let end = u32::try_from(self.bytes.len()).expect("64 objects have less than 4 GiB of samples");
        self.table.push(Entry { end, samples, checksum });
    }
}
