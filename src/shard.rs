//! Which objects belong to which of several processes that share a cluster.
//!
//! An object's UID decides alone, so that the processes agree without speaking to each other.

use std::fmt;

/// One of several processes that share a cluster's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// This process' place among them, from 0.
    pub ordinal: u32,
    /// The number of processes.
    pub total: u32,
    /// How objects are placed. All of the processes must do it in the same way.
    pub placement: Placement,
}

/// How objects are placed on shards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Placement {
    /// By a jump consistent hash, as kube-state-metrics places them. The server knows nothing of it.
    #[default]
    Jump,
    /// By ranges of the hash, which the server can be asked for.
    Range,
}

/// The end of the last range.
const SPACE: u128 = 1 << 64;

impl Default for Shard {
    /// The one process that has everything.
    fn default() -> Self {
        Self { ordinal: 0, total: 1, placement: Placement::default() }
    }
}

impl Shard {
    /// True where there is but this one process.
    pub fn is_whole(self) -> bool {
        (self.ordinal, self.total) == (0, 1)
    }

    /// Whether the object with this UID is ours. A place outside of the total has none, as that of a
    /// replica that is about to be removed.
    pub fn keeps(self, uid: &str) -> bool {
        if self.is_whole() {
            return true;
        }
        if self.ordinal >= self.total {
            return false;
        }
        let hash = fnv1a(uid);
        match self.placement {
            Placement::Jump => jump(hash, self.total) == self.ordinal,
            Placement::Range => {
                let (start, end) = self.range();
                (start..end).contains(&u128::from(hash))
            }
        }
    }

    /// What the server is to be asked for, in the notation of the list option `shardSelector`;
    /// `None` where the server is not to place objects.
    pub fn selector(self) -> Option<String> {
        (self.placement == Placement::Range).then(|| {
            let (start, end) = self.range();
            format!("shardRange(object.metadata.uid, '0x{start:016x}', '0x{end:016x}')")
        })
    }

    /// The hashes that are ours. There is no empty range, so whoever has none asks for the smallest.
    fn range(self) -> (u128, u128) {
        if self.ordinal >= self.total {
            return (0, 1);
        }
        let bound = |ordinal: u32| u128::from(ordinal) * SPACE / u128::from(self.total);
        (bound(self.ordinal), bound(self.ordinal + 1))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.ordinal, self.total)
    }
}

/// The 64-bit FNV-1a hash.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Lamping's and Veach's jump consistent hash: the bucket of a key, among at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the algorithm's own rounding
fn jump(mut key: u64, buckets: u32) -> u32 {
    let (mut bucket, mut next) = (0, 0_u64);
    while next < u64::from(buckets) {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((bucket + 1) as f64 * ((1_u64 << 31) as f64 / ((key >> 33) + 1) as f64)) as u64;
    }
    bucket as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACEMENTS: [Placement; 2] = [Placement::Jump, Placement::Range];

    fn shards(total: u32, placement: Placement) -> impl Iterator<Item = Shard> {
        (0..total).map(move |ordinal| Shard { ordinal, total, placement })
    }

    #[test]
    fn objects_are_where_kube_state_metrics_has_them() {
        for (uid, hash, places) in [
            ("test_uid", 0x0ec2_4244_3e03_8614, [0, 0, 0, 0]),
            ("abc-2", 0x6403_e22d_76c2_8920, [1, 1, 4, 4]),
            ("abc-4", 0x6403_e82d_76c2_9352, [1, 2, 3, 3]),
            ("abc-6", 0x6403_e62d_76c2_8fec, [0, 2, 4, 4]),
            ("", 0xcbf2_9ce4_8422_2325, [1, 1, 1, 1]),
            ("6a934e21-5207-4a84-baea-3a952d926c80", 0x0eea_f35c_e2e8_4e9e, [1, 1, 4, 6]),
        ] {
            assert_eq!(fnv1a(uid), hash, "{uid}");
            for (total, place) in [2, 3, 5, 10].into_iter().zip(places) {
                assert_eq!(jump(hash, total), place, "{uid} of {total}");
                for shard in shards(total, Placement::Jump) {
                    assert_eq!(shard.keeps(uid), shard.ordinal == place, "{uid} in {shard}");
                }
            }
        }
    }

    #[test]
    fn ranges_are_those_of_the_api() {
        let selectors =
            |total| shards(total, Placement::Range).filter_map(Shard::selector).collect::<Vec<_>>();
        let range = |start, end| format!("shardRange(object.metadata.uid, '{start}', '{end}')");
        assert_eq!(selectors(1), [range("0x0000000000000000", "0x10000000000000000")]);
        assert_eq!(
            selectors(3),
            [
                range("0x0000000000000000", "0x5555555555555555"),
                range("0x5555555555555555", "0xaaaaaaaaaaaaaaaa"),
                range("0xaaaaaaaaaaaaaaaa", "0x10000000000000000"),
            ]
        );
        let beyond = Shard { ordinal: 3, total: 3, placement: Placement::Range };
        assert_eq!(beyond.selector().unwrap(), range("0x0000000000000000", "0x0000000000000001"));
        assert_eq!(Shard::default().selector(), None);
    }

    #[test]
    fn one_of_one_has_everything_and_one_beyond_the_total_nothing() {
        for placement in PLACEMENTS {
            let keeps = |ordinal, total| Shard { ordinal, total, placement }.keeps("abc-2");
            assert!(keeps(0, 1));
            assert!(!keeps(0, 0) && !keeps(1, 1) && !keeps(7, 3));
        }
    }

    proptest! {
        #[test]
        fn every_object_is_in_one_shard(uid in ".{0,40}", total in 1_u32..50) {
            for placement in PLACEMENTS {
                prop_assert_eq!(shards(total, placement).filter(|shard| shard.keeps(&uid)).count(), 1);
            }
        }

        #[test]
        fn a_further_shard_only_takes(uid in ".{0,40}", total in 1_u32..50) {
            let (before, after) = (jump(fnv1a(&uid), total), jump(fnv1a(&uid), total + 1));
            prop_assert!(after == before || after == total);
        }
    }
}
