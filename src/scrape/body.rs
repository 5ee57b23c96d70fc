//! A scrape's answer as a stream.

use super::{
    cells::{Cells, Columns},
    gzip::{Checksum, HEADER, trailer},
    kind::Block,
    pool::Workers,
    unit::Unit,
};
use crate::exposition::Format;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio_util::task::AbortOnDropHandle;

/// How the text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// As one gzip member.
    Gzip,
}

/// What a scrape has rendered so far.
#[derive(Debug, Default)]
pub struct Totals {
    samples: AtomicU64,
    text: AtomicU64,
    sent: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Totals {
    /// The number of samples.
    pub fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    /// Bytes of text before compression.
    pub fn text_bytes(&self) -> u64 {
        self.text.load(Ordering::Relaxed)
    }

    /// Bytes handed out.
    pub fn sent_bytes(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Compressed segments that were kept from earlier scrapes, or that another scrape made at the
    /// same time.
    pub fn cache_hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Segments that this scrape compressed to keep them.
    pub fn cache_misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, samples: u64, text: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
        self.text.fetch_add(text, Ordering::Relaxed);
    }

    pub(super) fn add_segments(&self, kept: usize, made: usize) {
        self.hits.fetch_add(kept as u64, Ordering::Relaxed);
        self.misses.fetch_add(made as u64, Ordering::Relaxed);
    }
}

/// The bytes of an answer, rendered while they are read: a few units ahead of the reader by a few
/// threads, handed out in order. The whole of it is never held.
pub struct Body {
    pieces: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    totals: Arc<Totals>,
}

impl Body {
    pub(super) fn new(
        blocks: Vec<Arc<dyn Block>>,
        format: Format,
        encoding: Encoding,
        workers: &Arc<Workers>,
    ) -> Self {
        let totals = Arc::new(Totals::default());
        let cached = encoding == Encoding::Gzip && !workers.room.is_closed();
        let work = stream::iter(blocks).flat_map(move |block| stream::iter(divide(block, cached)));
        let pieces = work
            .chain(stream::iter([Work::End(format)]))
            .map({
                let (workers, totals) = (Arc::clone(workers), Arc::clone(&totals));
                move |work| run(work, encoding, Arc::clone(&workers), Arc::clone(&totals))
            })
            // One more than there are threads, so that none waits for the reader in between.
            .buffered(workers.threads + 1);
        let pieces = match encoding {
            Encoding::Identity => pieces.map(|piece| piece.bytes).boxed(),
            Encoding::Gzip => member(pieces).boxed(),
        };
        Self { pieces, totals }
    }

    /// What was rendered so far, also after the body is gone.
    pub fn totals(&self) -> Arc<Totals> {
        Arc::clone(&self.totals)
    }

    /// Reads the whole answer. For tests and small clusters.
    pub async fn collect(self) -> Vec<u8> {
        self.fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            all
        })
        .await
    }
}

impl Stream for Body {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let next = self.pieces.as_mut().poll_next(context);
        if let Poll::Ready(Some(piece)) = &next {
            self.totals.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        next
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Body").field(&self.totals).finish()
    }
}

enum Work {
    Unit(Unit),
    Cells(Cells),
    End(Format),
}

/// Divides a kind in the order of the exposition.
fn divide(block: Arc<dyn Block>, cached: bool) -> Box<dyn Iterator<Item = Work> + Send> {
    match if cached { Columns::of(block) } else { Err(block) } {
        Ok(columns) => Box::new(columns.divide().map(Work::Cells)),
        Err(block) => Box::new(Unit::divide(&block).map(Work::Unit)),
    }
}

struct Piece {
    bytes: Bytes,
    checksum: Checksum,
}

/// Renders, and compresses if asked, on a thread where nothing else waits.
async fn run(work: Work, encoding: Encoding, workers: Arc<Workers>, totals: Arc<Totals>) -> Piece {
    // In a task of its own: a permit goes to whoever has waited longest, and a body whose reader
    // has stopped is not polled, so that it would neither use the permit nor hand it on.
    let rendering = AbortOnDropHandle::new(tokio::spawn(async move {
        let permit =
            Arc::clone(&workers.permits).acquire_owned().await.expect("the permits are never closed");
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            render(work, encoding, &workers, &totals)
        })
        .await
    }));
    rendering.await.flatten().expect("rendering doesn't panic")
}

fn render(work: Work, encoding: Encoding, workers: &Arc<Workers>, totals: &Totals) -> Piece {
    let mut text = workers.buffer();
    let samples = match work {
        Work::Cells(cells) => {
            let checksum = cells.join(workers, totals, &mut text);
            return Piece { bytes: workers.bytes(text), checksum };
        }
        Work::Unit(unit) => unit.render(&mut text),
        Work::End(format) => {
            text.extend_from_slice(format.end().as_bytes());
            0
        }
    };
    totals.add(samples as u64, text.len() as u64);
    match encoding {
        Encoding::Identity => Piece { bytes: workers.bytes(text), checksum: Checksum::default() },
        Encoding::Gzip => {
            let mut segment = workers.buffer();
            let checksum = workers.with_desk(|desk| desk.compressor.segment(&text, &mut segment));
            workers.give_back(text);
            Piece { bytes: workers.bytes(segment), checksum }
        }
    }
}

/// Joins compressed pieces to one gzip member.
fn member(pieces: impl Stream<Item = Piece> + Send) -> impl Stream<Item = Bytes> + Send {
    async_stream::stream! {
        yield Bytes::from_static(&HEADER);
        let mut checksum = Checksum::default();
        for await piece in pieces {
            checksum.append(&piece.checksum);
            yield piece.bytes;
        }
        yield Bytes::from(trailer(checksum));
    }
}
