//! Two expositions, as text: what one has and the other lacks.
//!
//! Samples are told apart by hashes of their labels, so that expositions of millions of samples are
//! compared in tens of bytes for each, whatever their order.

mod declared;
mod families;
mod line;
mod reading;
mod report;
mod series;

pub use line::{Line, Sample, SyntaxError, read_line};
pub use reading::{Item, ReadError, Reader};
pub use report::{Changed, FamilyReport, Report, Totals};

use families::Families;
use std::io::{self, BufRead};

/// What counts as a difference, and how much of it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// How far apart points in time may be, in seconds.
    pub tolerance: f64,
    /// Whether the texts of HELP lines count.
    pub help: bool,
    /// As many samples are shown of each kind of difference in a family.
    pub examples: usize,
}

/// One of the two expositions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first.
    Old,
    /// The second.
    New,
}

/// Why two expositions can't be compared.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct CompareError {
    /// Whose fault it is.
    pub side: Side,
    /// What is wrong with it.
    #[source]
    pub error: ReadError,
}

/// Compares two expositions. The old one is opened twice where the new one lacks some of its
/// samples, of which only hashes are kept.
pub fn compare<R: BufRead>(
    old: impl Fn() -> io::Result<R>,
    new: impl FnOnce() -> io::Result<R>,
    terms: Terms,
) -> Result<Report, CompareError> {
    let of = |side| move |error| CompareError { side, error };
    let opened = |result: io::Result<R>| result.map(Reader::new).map_err(ReadError::before_the_first_line);

    let mut families = Families::new(terms);
    opened(old()).and_then(|reader| families.read_old(reader)).map_err(of(Side::Old))?;
    opened(new()).and_then(|reader| families.read_new(reader)).map_err(of(Side::New))?;
    if families.lack_examples() {
        opened(old()).and_then(|reader| families.find_missing(reader)).map_err(of(Side::Old))?;
    }
    Ok(families.finish())
}

#[cfg(test)]
mod tests;
