//! The series of a family: where they are, by a hash of their labels.

use super::line::Sample;
use foldhash::quality::RandomState;
use hashbrown::{HashMap, hash_map::Entry};
use std::hash::{BuildHasher, Hasher};

/// Which side has a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The old one alone.
    Old,
    /// The old one alone, which was told already.
    Told,
    /// The new one alone.
    New,
    /// Both.
    Both,
}

/// A series of a family. Hashes of 64 bits tell two million of them apart with a chance of one in
/// ten million that two are taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u64);

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outcome {
    /// Its series was not there so far.
    Added,
    /// Its series is in the old exposition, with this value.
    Met(f64),
    /// Its side has its series already.
    Repeated,
}

/// The series of one family in both expositions.
#[derive(Debug, Default)]
pub(super) struct Series(HashMap<u64, (f64, Place), foldhash::fast::FixedState>);

impl Key {
    /// The key of a sample, whatever the order of its labels.
    pub(super) fn of(sample: &Sample<'_>, state: &RandomState) -> Self {
        let hash = |first: &str, second: &str| {
            let mut hasher = state.build_hasher();
            hasher.write(first.as_bytes());
            // No name has it, so that no two pairs are the same bytes.
            hasher.write_u8(0xff);
            hasher.write(second.as_bytes());
            hasher.finish()
        };
        let name = hash(sample.name, "");
        Self(sample.labels.iter().fold(name, |key, (label, value)| key.wrapping_add(hash(label, value))))
    }
}

impl Series {
    /// Takes a sample of the old exposition.
    pub(super) fn add_old(&mut self, key: Key, value: f64) -> Outcome {
        match self.0.entry(key.0) {
            Entry::Occupied(_) => Outcome::Repeated,
            Entry::Vacant(entry) => {
                entry.insert((value, Place::Old));
                Outcome::Added
            }
        }
    }

    /// Takes a sample of the new exposition.
    pub(super) fn add_new(&mut self, key: Key, value: f64) -> Outcome {
        match self.0.entry(key.0) {
            Entry::Vacant(entry) => {
                entry.insert((value, Place::New));
                Outcome::Added
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                (old, place @ Place::Old) => {
                    *place = Place::Both;
                    Outcome::Met(*old)
                }
                _ => Outcome::Repeated,
            },
        }
    }

    /// Whether the old exposition alone has a series that was not told yet. From now on it is told.
    pub(super) fn tell(&mut self, key: Key) -> bool {
        match self.0.get_mut(&key.0) {
            Some((_, place @ Place::Old)) => {
                *place = Place::Told;
                true
            }
            _ => false,
        }
    }

    /// How many series the old exposition alone has.
    pub(super) fn only_old(&self) -> u64 {
        let told = |place: &Place| matches!(place, Place::Old | Place::Told);
        self.0.values().filter(|(_, place)| told(place)).count() as u64
    }
}
