//! What differs.

use super::declared::Declared;

/// How two expositions differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What the old one has.
    pub old: Totals,
    /// What the new one has.
    pub new: Totals,
    /// Families that differ, by name.
    pub families: Vec<FamilyReport>,
    /// The number of families that one side alone declares and has no samples of, which is no
    /// difference for those who read series.
    pub empty: u64,
}

/// What there is on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of families.
    pub families: u64,
    /// The number of samples.
    pub samples: u64,
    /// How many of them have the labels of an earlier one. The first counts, as for Prometheus.
    pub repeated: u64,
    /// Whether it is `OpenMetrics`.
    pub open_metrics: bool,
}

/// How a family differs. Whatever doesn't is `None`, empty or zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FamilyReport {
    /// Its name.
    pub name: String,
    /// How many samples the old and the new side have; `None` for the side that lacks the family.
    pub samples: [Option<u64>; 2],
    /// The old and the new type.
    pub types: Option<[String; 2]>,
    /// The old and the new text of HELP.
    pub helps: Option<[String; 2]>,
    /// Names of labels that one side alone has, the old one's first.
    pub labels: [Vec<String>; 2],
    /// How many series one side alone has, the old one's first.
    pub only: [u64; 2],
    /// Some of their lines, in the order of the exposition.
    pub examples: [Vec<String>; 2],
    /// How many series have another value.
    pub changed: u64,
    /// Some of them, in the order of the new exposition.
    pub changes: Vec<Changed>,
}

/// A series with two values.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Its name and labels, as the new exposition has them.
    pub series: String,
    /// The old value.
    pub old: f64,
    /// The new value.
    pub new: f64,
}

impl Totals {
    pub(super) fn of<'f>(families: impl Iterator<Item = &'f Declared>, open_metrics: bool) -> Self {
        families.fold(Self { open_metrics, ..Self::default() }, |totals, family| Self {
            families: totals.families + 1,
            samples: totals.samples + family.samples,
            repeated: totals.repeated + family.repeated,
            open_metrics,
        })
    }
}

impl Report {
    /// Whether there is no difference.
    pub fn is_same(&self) -> bool {
        self.families.is_empty()
    }
}

impl FamilyReport {
    /// Whether anything differs.
    pub(super) fn differs(&self) -> bool {
        self.samples.contains(&None)
            || self.types.is_some()
            || self.helps.is_some()
            || self.labels.iter().any(|names| !names.is_empty())
            || self.only != [0, 0]
            || self.changed > 0
    }
}
