//! Shared lists of which only some values are kept.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    shared::{Pooled, Shared},
};
use serde::{Deserialize, Deserializer};
use std::ops::Deref;

/// A value that may be of no use to anybody.
pub trait Sift {
    /// True where the value is to be kept.
    fn matters(&self) -> bool;
}

/// A shared list without the values that don't matter, which are dropped while they are decoded.
/// Among the volumes of a pod, for one, that with its token has a name of its own in every pod, so
/// that no two pods could share their lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sifted<T>(Shared<T>);

impl<T> Default for Sifted<T> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<T> Deref for Sifted<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Decode + Pooled + Clone + Sift> Decode for Sifted<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        let mut value = T::default();
        value.merge(field, context)?;
        if value.matters() {
            value.seal();
            self.0.push(value);
        }
        Ok(())
    }

    #[inline]
    fn seal(&mut self) {
        self.0.seal();
    }
}

impl<'de, T: Deserialize<'de> + Pooled + Clone + Sift> Deserialize<'de> for Sifted<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut values = Vec::<T>::deserialize(from)?;
        values.retain(Sift::matters);
        Ok(Self(Shared::new(values)))
    }
}
