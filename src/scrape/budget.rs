//! Kinds that may have so many series and no more.

use super::{cardinality::Count, kind::Block};
use parking_lot::Mutex;
use std::sync::Arc;

/// A family comes back once everything then takes no more than these hundredths of the budget.
const BACK: u64 = 90;

/// How many series kinds may have. A kind that has more loses whole families, the least used first.
pub struct Budgets {
    budgets: Vec<Budget>,
    /// In how many places a family is read.
    uses: fn(&str) -> u32,
}

struct Budget {
    resource: String,
    most: u64,
    standing: Mutex<Option<Arc<Standing>>>,
}

/// How a kind stands to its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The plural name.
    pub resource: String,
    /// As many series as it may have.
    pub most: u64,
    /// As many as it would have with all families.
    pub series: u64,
    /// The families that it loses, the least used first.
    pub left_out: Vec<&'static str>,
}

impl Budgets {
    /// Budgets by the plural names of kinds; `uses` tells in how many places a family is read.
    pub fn new(budgets: impl IntoIterator<Item = (String, u64)>, uses: fn(&str) -> u32) -> Self {
        let budgets = budgets.into_iter();
        let budgets =
            budgets.map(|(resource, most)| Budget { resource, most, standing: Mutex::default() }).collect();
        Self { budgets, uses }
    }

    /// The same budgets, with what was decided of those that others have as well.
    pub(super) fn after(&self, before: &Self) -> Self {
        let decided = |budget: &Budget| {
            let same = |other: &&Budget| (&other.resource, other.most) == (&budget.resource, budget.most);
            before.budgets.iter().find(same).and_then(|other| other.standing.lock().clone())
        };
        let budgets = self.budgets.iter().map(|budget| Budget {
            resource: budget.resource.clone(),
            most: budget.most,
            standing: Mutex::new(decided(budget)),
        });
        Self { budgets: budgets.collect(), uses: self.uses }
    }

    /// No budgets.
    pub(super) fn none() -> Self {
        Self::new([], |_| 0)
    }

    /// How a kind stands; `None` where it has no budget. What was never decided is decided now.
    pub(super) fn standing(&self, block: &dyn Block) -> Option<Arc<Standing>> {
        let budget = self.of(block)?;
        let mut standing = budget.standing.lock();
        Some(Arc::clone(standing.get_or_insert_with(|| Arc::new(self.decide(budget, block, 0)))))
    }

    /// Decides anew what a kind loses. Scrapes go on meanwhile, with what was decided before.
    pub(super) fn weigh(&self, block: &dyn Block) -> Option<Arc<Standing>> {
        let budget = self.of(block)?;
        let before = budget.standing.lock().as_ref().map_or(0, |standing| standing.left_out.len());
        let standing = Arc::new(self.decide(budget, block, before));
        *budget.standing.lock() = Some(Arc::clone(&standing));
        Some(standing)
    }

    fn of(&self, block: &dyn Block) -> Option<&Budget> {
        self.budgets.iter().find(|budget| budget.resource == block.resource())
    }

    fn decide(&self, budget: &Budget, block: &dyn Block, before: usize) -> Standing {
        let mut families: Vec<(&'static str, u64)> =
            (0..block.families()).map(|family| (block.family(family), series(block, family))).collect();
        let series = families.iter().map(|(_, series)| series).sum();
        // In the order in which they go, which must not depend on what there is.
        families.reverse();
        families.sort_by_key(|(name, _)| (self.uses)(name));
        let lost = lost(&families, series, budget.most, before);
        let left_out = families[..lost].iter().map(|(name, _)| *name).collect();
        Standing { resource: budget.resource.clone(), most: budget.most, series, left_out }
    }
}

/// How many of the first families have to go, given how many are gone.
fn lost(families: &[(&'static str, u64)], all: u64, most: u64, before: usize) -> usize {
    let down_to = |limit: u64| {
        let mut rest = all;
        let goes = |(_, series): &&(&str, u64)| {
            let too_many = rest > limit;
            rest -= if too_many { *series } else { 0 };
            too_many
        };
        families.iter().take_while(goes).count()
    };
    before.clamp(down_to(most), down_to(most / 100 * BACK + most % 100 * BACK / 100))
}

fn series(block: &dyn Block, family: usize) -> u64 {
    let mut count = Count::default();
    block.count(family, 0..block.chunks(), &mut |_, samples, _| count.samples += samples as u64);
    count.samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAMILIES: &[(&str, u64)] = &[("a", 10), ("b", 0), ("c", 30), ("d", 60)];

    #[test]
    fn the_first_go_until_the_rest_fits_and_come_back_when_there_is_room() {
        for (most, before, want) in [
            (100, 0, 0),
            (99, 0, 1),
            (90, 0, 1),
            (89, 0, 3),
            (60, 0, 3),
            (59, 0, 4),
            (0, 0, 4),
            // Gone already: 100 series need 112 to come back.
            (100, 1, 1),
            (111, 1, 1),
            (112, 1, 0),
            (112, 4, 0),
            (99, 4, 3),
        ] {
            assert_eq!(lost(FAMILIES, 100, most, before), want, "{most} {before}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_fits(
            series in prop::collection::vec(0_u64..1000, 0..30),
            most in 0_u64..20_000,
            before in 0_usize..40,
        ) {
            let families: Vec<(&str, u64)> = series.iter().map(|&series| ("", series)).collect();
            let lost = lost(&families, series.iter().sum(), most, before);
            prop_assert!(series[lost..].iter().sum::<u64>() <= most);
            if lost > before {
                prop_assert!(series[lost - 1..].iter().sum::<u64>() > most, "one more than needed");
            }
        }
    }
}
