//! Messages with what follows from them.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    meta::{LocalObject, ObjectMeta},
};
use serde::{Deserialize, Deserializer};
use std::{mem, ops::Deref};

/// A message with facts that are worked out once, when it is decoded. That is for what takes longer
/// than to write it. The facts hold nothing on the heap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Derived<T, F> {
    message: T,
    facts: F,
}

impl<T, F> Derived<T, F> {
    /// What follows from the message.
    pub fn facts(&self) -> &F {
        &self.facts
    }
}

impl<T, F: for<'a> From<&'a T>> From<T> for Derived<T, F> {
    fn from(message: T) -> Self {
        Self { facts: F::from(&message), message }
    }
}

impl<T, F> Deref for Derived<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}

impl<T: Decode, F: Default + for<'a> From<&'a T>> Decode for Derived<T, F> {
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        let mut message = mem::take(&mut self.message);
        message.merge(field, context)?;
        *self = message.into();
        Ok(())
    }

    fn heap_size(&self) -> usize {
        self.message.heap_size()
    }
}

impl<'de, T: Deserialize<'de>, F: for<'a> From<&'a T>> Deserialize<'de> for Derived<T, F> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::from)
    }
}

impl<T: LocalObject + Decode, F> LocalObject for Derived<T, F> {
    fn metadata(&self) -> &ObjectMeta {
        self.message.metadata()
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        self.message.metadata_mut()
    }

    fn heap_size(&self) -> usize {
        size_of::<Self>() + Decode::heap_size(&self.message)
    }
}
