//! Amounts of resources, added up.

use super::{Cell, Used};
use crate::wire::{Atom, Map, Quantity};

/// Amounts by the names of resources.
pub(super) type List = Map<Atom, Quantity>;

/// What some pods ask for, may use and use.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub(super) requests: List,
    pub(super) limits: List,
    pub(super) used: Option<Used>,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, list) in [(&mut self.requests, &other.requests), (&mut self.limits, &other.limits)] {
            for (name, amount) in list.iter() {
                sum.merge_in(name, |before| before.unwrap_or_default() + *amount);
            }
        }
        if let Some(used) = other.used {
            let sum = self.used.get_or_insert(Used { cpu: 0.0, memory: 0.0, past: None });
            sum.cpu += used.cpu;
            sum.memory += used.memory;
        }
    }
}

/// An amount in its base unit.
pub(super) fn number(amount: Quantity) -> f64 {
    // Billions of 10⁻⁹ are exact as long as the number is.
    amount.nanos() as f64 / 1e9
}

/// The amount of a resource, zero where it isn't named.
pub(super) fn amount(list: &List, resource: &str) -> Cell {
    Cell::Number(list.get(resource).map_or(0.0, |amount| number(*amount)))
}

/// The amount of a resource, nothing where it isn't named.
pub(super) fn named(list: &List, resource: &str) -> Cell {
    Cell::number(list.get(resource).map(|amount| number(*amount)))
}

/// All amounts.
pub(super) fn all(list: &List) -> Cell {
    if list.is_empty() {
        return Cell::None;
    }
    Cell::Numbers(list.iter().map(|(name, amount)| (name.to_string(), number(*amount))).collect())
}
