//! Units of work.

use super::kind::Block;
use std::{ops::Range, sync::Arc};

/// Chunks rendered at a time for one family: as a rule some 100 KB of text, enough to make the
/// hand-over between threads cheap.
const RUN: usize = 16;

/// A piece of the exposition that is rendered in one go: one family of a run of chunks, or
/// several families of a kind with few objects.
pub struct Unit {
    block: Arc<dyn Block>,
    families: Range<usize>,
    chunks: Range<usize>,
}

impl Unit {
    /// Divides a kind, in the order of the exposition: family by family, each in the order of its
    /// chunks, so that the samples of a family stand together.
    pub fn divide(block: &Arc<dyn Block>) -> impl Iterator<Item = Self> + use<> {
        let (families, chunks) = (block.families(), block.chunks());
        let step = (RUN / chunks.max(1)).max(1);
        let block = Arc::clone(block);
        (0..families).step_by(step).flat_map(move |family| {
            let block = Arc::clone(&block);
            (0..chunks).step_by(RUN).map(move |chunk| Self {
                block: Arc::clone(&block),
                families: family..families.min(family + step),
                chunks: chunk..chunks.min(chunk + RUN),
            })
        })
    }

    /// Appends the text and returns the number of samples.
    pub fn render(&self, out: &mut Vec<u8>) -> usize {
        let mut samples = 0;
        for family in self.families.clone() {
            if self.chunks.start == 0 {
                self.block.write_header(family, out);
            }
            samples += self.block.render(family, self.chunks.clone(), out);
        }
        samples
    }
}

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unit")
            .field("resource", &self.block.resource())
            .field("families", &self.families)
            .field("chunks", &self.chunks)
            .finish()
    }
}
