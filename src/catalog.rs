//! The one list of kinds.

use crate::resource::{Names, Resource};
use crate::resources::namespaces::Namespace;
use crate::resources::pods::Pod;

/// Something to be done for a kind, whatever its type.
pub trait Visitor {
    /// What comes out of it.
    type Output;

    /// Does it.
    fn visit<K: Resource>(&mut self) -> Self::Output;
}

/// What is known of a kind without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// How the API calls it.
    pub names: Names,
    /// Whether it is served unless the user says otherwise.
    pub default: bool,
}

macro_rules! catalog {
    ($($kind:ty),* $(,)?) => {
        /// Every kind, in the order of their exposition: that of their plural names.
        pub const KINDS: &[Kind] = &[$(Kind { names: <$kind>::NAMES, default: <$kind>::DEFAULT }),*];

        /// Visits the kind with this plural name; `None` where there is none.
        pub fn visit<V: Visitor>(plural: &str, visitor: &mut V) -> Option<V::Output> {
            $(if plural == <$kind>::NAMES.plural {
                return Some(visitor.visit::<$kind>());
            })*
            None
        }
    };
}

catalog! {
    Namespace,
    Pod,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_exposition() {
        assert!(KINDS.is_sorted_by(|a, b| a.names.plural < b.names.plural));
    }
}
