//! Lists held once, however many objects have them.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError, whole},
    pool::Pool,
};
use serde::{Deserialize, Deserializer};
use std::{hash::Hash, ops::Deref, sync::Arc};

/// A value whose lists are shared. [`pooled!`](crate::pooled) implements it.
pub trait Pooled: Hash + Eq + Send + Sync + 'static {
    /// The pool of such lists.
    fn pool() -> &'static Pool<Vec<Self>>
    where
        Self: Sized;
}

/// Gives each type a pool for the lists of its values.
#[macro_export]
macro_rules! pooled {
    ($($type:ty),* $(,)?) => { $(
        impl $crate::wire::Pooled for $type {
            fn pool() -> &'static $crate::wire::Pool<Vec<Self>> {
                static POOL: std::sync::LazyLock<&'static $crate::wire::Pool<Vec<$type>>> =
                    std::sync::LazyLock::new($crate::wire::Pool::leak);
                *POOL
            }
        }
    )* };
}

/// A list that is likely to be equal in many objects, such as the containers of one template's
/// pods: one pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shared<T>(Option<Arc<Vec<T>>>);

impl<T: Pooled + Clone> Shared<T> {
    /// The shared list of these values.
    pub fn new(values: Vec<T>) -> Self {
        let mut list = Self((!values.is_empty()).then(|| Arc::new(values)));
        list.share();
        list
    }

    pub(super) fn push(&mut self, value: T) {
        // Copies only where a field of a message comes in pieces, which no server sends.
        Arc::make_mut(self.0.get_or_insert_default()).push(value);
    }

    fn share(&mut self) {
        let Some(list) = self.0.take() else { return };
        // What stays in the pool is a copy, which has no spare room.
        self.0 = Some(T::pool().get(&*list, |held| *held == *list, || Arc::new(list.to_vec())));
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |list| list)
    }
}

impl<T: Decode + Pooled + Clone> Decode for Shared<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.push(whole(field, context)?);
        Ok(())
    }

    #[inline]
    fn seal(&mut self) {
        self.share();
    }
}

impl<'de, T: Deserialize<'de> + Pooled + Clone> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Atom;

    #[test]
    fn equal_lists_are_one() {
        let list =
            || Shared::new(vec![(Atom::new("shared-a"), Atom::new("1")), (Atom::new("b"), Atom::new("2"))]);
        let (a, b) = (list(), list());
        assert_eq!(a, b);
        assert_eq!(a.as_ptr(), b.as_ptr());
        assert!(Shared::<(Atom, Atom)>::new(Vec::new()).is_empty());
    }
}
