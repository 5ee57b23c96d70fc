//! Answers out of segments that are kept.
//!
//! The exposition of a kind is a table of families by chunks, whose cells are the segments, sent
//! row by row. A chunk's column is made when the first of its cells is sent.

use super::{
    body::Totals,
    cache::{Found, Wanted},
    gzip::{Checksum, Compressor},
    kind::Block,
    pool::{Desk, Workers},
    segments::{Segment, Segments},
};
use parking_lot::Mutex;
use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

/// Compressed bytes that are joined at a time: enough to make the hand-over between threads cheap.
const PIECE: usize = 256 << 10;
/// As many columns are made at a time. Each takes some milliseconds, and what is sent waits for the
/// slowest.
const MADE: usize = 2;
/// As many cells are compressed at a time where there is no room to keep them.
const UNKEPT: usize = 16;

/// A kind as one scrape shows it, with the columns that it has come by so far.
pub(super) struct Columns {
    block: Arc<dyn Block>,
    /// By chunk.
    columns: Box<[Column]>,
}

/// The segments of a chunk.
#[derive(Default)]
struct Column {
    /// Held by the thread that comes by them.
    claim: Mutex<()>,
    /// `None` in it where there was no room.
    segments: OnceLock<Option<Arc<Segments>>>,
}

/// Some cells, row by row.
pub(super) struct Cells {
    columns: Arc<Columns>,
    cells: Range<usize>,
}

impl Columns {
    /// A kind whose segments can be kept; otherwise the block comes back.
    pub(super) fn of(block: Arc<dyn Block>) -> Result<Arc<Self>, Arc<dyn Block>> {
        if block.segmented().is_none() {
            return Err(block);
        }
        let columns = (0..block.chunks()).map(|_| Column::default()).collect();
        Ok(Arc::new(Self { block, columns }))
    }

    /// Divides it into pieces of about the same size, as far as that is known while they are sent.
    pub(super) fn divide(self: Arc<Self>) -> impl Iterator<Item = Cells> {
        let (mut start, end) = (0, self.block.families() * self.columns.len());
        std::iter::from_fn(move || {
            let (mut cell, mut size) = (start, 0);
            while cell < end && size < PIECE {
                size += self.size(cell);
                cell += 1;
            }
            let cells = start..cell;
            start = cell;
            (!cells.is_empty()).then(|| Cells { columns: Arc::clone(&self), cells })
        })
    }

    fn size(&self, cell: usize) -> usize {
        let (family, chunk) = (cell / self.columns.len(), cell % self.columns.len());
        match self.columns[chunk].segments.get() {
            None => PIECE / MADE,
            Some(None) => PIECE / UNKEPT,
            Some(Some(segments)) => {
                segments.get(self.places()[family]).map_or(0, |segment| segment.bytes.len())
            }
        }
    }

    fn places(&self) -> &[usize] {
        self.block.segmented().expect("nothing else becomes columns")
    }

    /// Comes by the column of a chunk, unless another thread is about it and nobody is patient.
    fn find(&self, chunk: usize, patient: bool, desk: &mut Desk, workers: &Workers, totals: &Totals) {
        let column = &self.columns[chunk];
        let claim = if patient { Some(column.claim.lock()) } else { column.claim.try_lock() };
        if claim.is_none() || column.segments.get().is_some() {
            return;
        }
        let families = self.places();
        let wanted = &mut Wanted { families, desk, room: &workers.room, patient };
        let found = match self.block.segments(chunk, wanted) {
            Found::Busy => return,
            Found::Full => None,
            Found::Segments { segments, made } => {
                let shown = families.iter().filter_map(|&family| segments.get(family));
                totals.add_segments(shown.filter(|segment| segment.samples > 0).count() - made, made);
                Some(segments)
            }
        };
        column.segments.get_or_init(|| found);
    }
}

impl Column {
    /// What is known already.
    fn segments(&self) -> Option<&Segments> {
        self.segments.get()?.as_deref()
    }
}

impl Cells {
    /// Joins them to one segment, made of those that are kept and of what has to be compressed.
    pub(super) fn join(&self, workers: &Workers, totals: &Totals, out: &mut Vec<u8>) -> Checksum {
        let chunks = self.columns.columns.len();
        let mut joined = Joined { out, checksum: Checksum::default(), samples: 0, text: 0 };
        workers.with_desk(|desk| {
            self.find_columns(desk, workers, totals);
            let mut cells = self.cells.clone();
            while !cells.is_empty() {
                let family = cells.start / chunks;
                let end = cells.end.min((family + 1) * chunks);
                if cells.start.is_multiple_of(chunks) {
                    let header = self.columns.block.headers(desk, &workers.room);
                    let header = header.get(self.columns.places()[family]);
                    joined.append(header.expect("the headers of all families are made at once"));
                }
                self.row(family, cells.start % chunks..end - family * chunks, desk, &mut joined);
                cells.start = end;
            }
        });
        totals.add(joined.samples, joined.text);
        joined.checksum
    }

    /// What other scrapes are making is left to them, and waited for once all else is done.
    fn find_columns(&self, desk: &mut Desk, workers: &Workers, totals: &Totals) {
        let chunks = self.columns.columns.len();
        for patient in [false, true] {
            for cell in self.cells.clone().take(chunks) {
                self.columns.find(cell % chunks, patient, desk, workers, totals);
            }
        }
    }

    fn row(&self, family: usize, mut chunks: Range<usize>, desk: &mut Desk, joined: &mut Joined<'_>) {
        let Columns { block, columns } = &*self.columns;
        let place = self.columns.places()[family];
        let segments = |chunk: usize| columns[chunk].segments();
        while let Some(chunk) = chunks.next() {
            if let Some(segments) = segments(chunk) {
                joined.append(segments.get(place).expect("a column has all families that are shown"));
            } else {
                let rest = chunks.clone().take_while(|&chunk| segments(chunk).is_none()).count();
                chunks.start += rest;
                desk.text.clear();
                let samples = block.render(family, chunk..chunks.start, &mut desk.text);
                joined.compress(&desk.text, samples, &mut desk.compressor);
            }
        }
    }
}

/// Segments that stand one behind the other.
struct Joined<'o> {
    out: &'o mut Vec<u8>,
    checksum: Checksum,
    samples: u64,
    text: u64,
}

impl Joined<'_> {
    #[inline]
    fn append(&mut self, segment: Segment<'_>) {
        if segment.bytes.is_empty() {
            return;
        }
        self.out.extend_from_slice(segment.bytes);
        self.checksum.append(&segment.checksum);
        self.samples += u64::from(segment.samples);
        self.text += segment.checksum.length();
    }

    fn compress(&mut self, text: &[u8], samples: usize, compressor: &mut Compressor) {
        if !text.is_empty() {
            self.checksum.append(&compressor.segment(text, self.out));
            self.samples += samples as u64;
            self.text += text.len() as u64;
        }
    }
}
