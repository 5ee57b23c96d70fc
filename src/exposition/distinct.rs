//! Whether a family writes a series of an object twice.

use arrayvec::ArrayVec;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::{hash::BuildHasher, ops::Range};

/// The series that a family has written for one object, as ranges of the text.
///
/// Lists of the API may repeat entries, and Prometheus refuses a scrape with a repeated series.
#[derive(Debug, Default)]
pub(super) struct Written {
    few: ArrayVec<Range<usize>, FEW>,
    /// The rest of them; comparing each with each would take long.
    many: HashTable<Range<usize>>,
}

const FEW: usize = 16;

const HASHER: FixedState = FixedState::with_seed(0);

impl Written {
    /// Notes the labels at the end of `text` from `start`; false where the same were noted before.
    #[inline]
    pub(super) fn is_new(&mut self, text: &[u8], start: usize) -> bool {
        let labels = &text[start..];
        if self.few.iter().any(|range| range.len() == labels.len() && text[range.clone()] == *labels) {
            return false;
        }
        match self.few.try_push(start..text.len()) {
            Ok(()) => true,
            Err(_) => self.is_new_among_many(text, start),
        }
    }

    fn is_new_among_many(&mut self, text: &[u8], start: usize) -> bool {
        let hash = |range: &Range<usize>| HASHER.hash_one(&text[range.clone()]);
        let range = start..text.len();
        let labels = &text[start..];
        if self.many.find(hash(&range), |other| text[other.clone()] == *labels).is_some() {
            return false;
        }
        self.many.insert_unique(hash(&range), range, hash);
        true
    }
}
