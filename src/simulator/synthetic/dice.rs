//! Random choices that follow from the seed alone, whatever the order in which objects are made.

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

/// The letters that Kubernetes makes names from: no vowels, and nothing that looks like another.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The source of all random choices about one thing.
#[derive(Debug)]
pub(in super::super) struct Dice(SmallRng);

impl Dice {
    /// The dice for the `index`-th thing of a topic.
    pub(in super::super) fn new(seed: u64, topic: &str, index: usize) -> Self {
        // FNV-1a: spreads the three parts well enough to seed a generator, and never changes.
        let parts = [&seed.to_le_bytes()[..], topic.as_bytes(), &(index as u64).to_le_bytes()];
        let hash = parts.iter().flat_map(|part| part.iter()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(SmallRng::seed_from_u64(hash))
    }

    /// A number below a bound, which is at least 1.
    pub(in super::super) fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound.max(1))
    }

    /// A number of seconds or the like within a range.
    pub(in super::super) fn within(&mut self, range: std::ops::Range<i64>) -> i64 {
        self.0.random_range(range)
    }

    /// True this often in a thousand times.
    pub(in super::super) fn permille(&mut self, chance: usize) -> bool {
        self.below(1000) < chance
    }

    /// One of several.
    pub(in super::super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A random UUID in its usual form.
    pub(in super::super) fn uid(&mut self) -> String {
        let bits = self.0.random::<u128>();
        let hex = format!("{bits:032x}");
        let variant = ["8", "9", "a", "b"][self.below(4)];
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// 64 hexadecimal digits.
    pub(in super::super) fn digest(&mut self) -> String {
        format!("{:032x}{:032x}", self.0.random::<u128>(), self.0.random::<u128>())
    }

    /// A suffix of a name, different for every number below 27 under equal dice.
    pub(in super::super) fn suffix(&mut self, length: usize, number: usize) -> String {
        let last = char::from(LETTERS[number % LETTERS.len()]);
        (1..length).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).chain([last]).collect()
    }
}

/// A time in Unix seconds as the API writes it.
pub(in super::super) fn time(seconds: i64) -> Value {
    Value::String(Timestamp::from_second(seconds).unwrap_or_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_fall_equally_and_others_differ() {
        let uid = |seed, topic, index| Dice::new(seed, topic, index).uid();
        assert_eq!(uid(1, "pods", 7), uid(1, "pods", 7));
        for other in [uid(2, "pods", 7), uid(1, "nodes", 7), uid(1, "pods", 8)] {
            assert_ne!(uid(1, "pods", 7), other);
        }
        assert_eq!(uid(1, "pods", 7).len(), 36);
    }

    #[test]
    fn suffixes_of_one_owner_are_distinct() {
        let suffixes: std::collections::BTreeSet<_> =
            (0..27).map(|number| Dice::new(1, "pods", 3).suffix(5, number)).collect();
        assert_eq!(suffixes.len(), 27);
    }
}
