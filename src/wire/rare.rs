//! Messages that nearly always are empty.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
};
use serde::{Deserialize, Deserializer};

/// A message that takes one pointer while it is empty. The API doesn't tell such a message from an
/// absent one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Rare<T>(Option<Box<T>>);

impl<T> Rare<T> {
    /// The message, unless it is empty.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }
}

impl<T: Decode + PartialEq> Decode for Rare<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if !field.bytes()?.is_empty() {
            let mut message = self.0.take().map_or_else(T::default, |held| *held);
            message.merge(field, context)?;
            self.0 = (message != T::default()).then(|| Box::new(message));
        }
        Ok(())
    }

    #[inline]
    fn seal(&mut self) {
        if let Some(message) = &mut self.0 {
            message.seal();
        }
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.0.heap_size()
    }
}

impl<'de, T: Deserialize<'de> + Default + PartialEq> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let message = T::deserialize(from)?;
        Ok(Self((message != T::default()).then(|| Box::new(message))))
    }
}
