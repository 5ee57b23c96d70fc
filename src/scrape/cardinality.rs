//! How many samples there are, and of what.

use super::kind::Block;
use hashbrown::HashMap;
use serde::Serialize;
use std::{cmp::Reverse, ops::AddAssign, sync::Arc};

/// Chunks counted between two looks at whether anybody still waits.
const RUN: usize = 64;

/// What a scrape shows, by family and by namespace, the most samples first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cardinality {
    /// All together.
    #[serde(flatten)]
    pub total: Count,
    /// Of each family, those without samples included.
    pub families: Vec<OfFamily>,
    /// Of each namespace.
    pub namespaces: Vec<OfNamespace>,
}

/// Samples and their text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Count {
    /// The number of samples.
    pub samples: u64,
    /// Bytes of their text, without HELP and TYPE lines and before compression.
    pub bytes: u64,
}

/// What there is of a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfFamily {
    /// The plural name of the family's kind.
    pub resource: &'static str,
    /// The family's name.
    pub family: &'static str,
    /// How much there is.
    #[serde(flatten)]
    pub count: Count,
}

/// What there is of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfNamespace {
    /// The namespace's name, empty for objects of the whole cluster.
    pub namespace: String,
    /// How much there is.
    #[serde(flatten)]
    pub count: Count,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.samples += other.samples;
        self.bytes += other.bytes;
    }
}

impl Cardinality {
    pub(super) fn of(blocks: &[Arc<dyn Block>], stopped: impl Fn() -> bool) -> Option<Self> {
        let mut counted = Self::default();
        let mut namespaces: HashMap<String, Count> = HashMap::new();
        for block in blocks {
            for family in 0..block.families() {
                let mut of_family = Count::default();
                for first in (0..block.chunks()).step_by(RUN) {
                    if stopped() {
                        return None;
                    }
                    let run = first..block.chunks().min(first + RUN);
                    block.count(family, run, &mut |namespace, samples, bytes| {
                        if samples > 0 {
                            let count = Count { samples: samples as u64, bytes: bytes as u64 };
                            of_family += count;
                            *namespaces.entry_ref(namespace).or_default() += count;
                        }
                    });
                }
                counted.total += of_family;
                let (resource, family) = (block.resource(), block.family(family));
                counted.families.push(OfFamily { resource, family, count: of_family });
            }
        }
        let namespaces = namespaces.into_iter();
        counted.namespaces = namespaces.map(|(namespace, count)| OfNamespace { namespace, count }).collect();
        counted.families.sort_by_key(|family| Reverse(family.count));
        counted.namespaces.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.namespace.cmp(&b.namespace)));
        Some(counted)
    }
}
