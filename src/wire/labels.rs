//! Labels and annotations, reduced to the keys that somebody reads.

use super::{
    atom::Atom,
    bytes::{Field, Fields},
    decode::{Context, Decode, DecodeError},
    map::Map,
    shared::Shared,
};
use crate::exposition::Keys;
use serde::{Deserialize, Deserializer};
use std::ops::Deref;

/// An object's labels, in the order of their keys, shared between all objects that have the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels(Shared<(Atom, Atom)>);

crate::pooled!((Atom, Atom));

impl Labels {
    /// The labels in this order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(super) fn retain(&mut self, keys: &Keys) {
        if self.0.iter().any(|(key, _)| !keys.matches(key)) {
            self.0 = Shared::new(self.0.iter().filter(|(key, _)| keys.matches(key)).cloned().collect());
        }
    }
}

impl Decode for Labels {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if keeps(field, &context.labels)? { self.0.merge(field, context) } else { Ok(()) }
    }

    #[inline]
    fn seal(&mut self) {
        if self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.0.seal();
        } else {
            let mut map = Map::default();
            self.0.iter().cloned().for_each(|entry| map.push(entry));
            self.0 = Shared::new(map.into_entries());
        }
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map: Map<Atom, Atom> = Map::deserialize(from)?;
        Ok(Self(Shared::new(map.into_entries())))
    }
}

/// An object's annotations, in the order of their keys. Their values are seldom alike and are not
/// shared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
pub struct Annotations(Map<Atom, Box<str>>);

impl Annotations {
    /// The annotations in this order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| &**value)
    }

    pub(super) fn retain(&mut self, keys: &Keys) {
        self.0.retain(|key| keys.matches(key));
    }
}

impl Decode for Annotations {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if keeps(field, &context.annotations)? { self.0.merge(field, context) } else { Ok(()) }
    }

    #[inline]
    fn seal(&mut self) {
        self.0.seal();
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.0.heap_size()
    }
}

impl Deref for Labels {
    type Target = [(Atom, Atom)];

    fn deref(&self) -> &[(Atom, Atom)] {
        &self.0
    }
}

/// Whether an entry's key is selected. Nothing is allocated for one that isn't.
#[inline]
fn keeps(entry: Field<'_>, keys: &Keys) -> Result<bool, DecodeError> {
    if keys.is_empty() {
        return entry.bytes().map(|_| false);
    }
    let mut fields = Fields(entry.bytes()?);
    let mut key = "";
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            key = value.text()?;
        }
    }
    Ok(keys.matches(key))
}
