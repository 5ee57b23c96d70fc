//! Labels and annotations, reduced to the keys that somebody reads.

use super::{
    atom::Atom,
    bytes::{Field, Fields},
    decode::{Context, Decode, DecodeError},
    map::Map,
    shared_map::SharedMap,
};
use crate::exposition::Keys;
use serde::Deserialize;
use std::ops::Deref;

/// An object's labels, in the order of their keys, shared between all objects that have the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
pub struct Labels(SharedMap);

impl Labels {
    /// The labels in this order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter()
    }

    pub(super) fn retain(&mut self, keys: &Keys) {
        self.0.retain(|key| keys.matches(key));
    }
}

impl Decode for Labels {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if keeps(field, &context.labels)? { self.0.merge(field, context) } else { Ok(()) }
    }

    #[inline]
    fn seal(&mut self) {
        self.0.seal();
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
    key(entry).map(|key| keys.matches(key))
}

/// The key of a map's entry.
#[inline]
pub(super) fn key(entry: Field<'_>) -> Result<&str, DecodeError> {
    let mut fields = Fields(entry.bytes()?);
    let mut key = "";
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            key = value.text()?;
        }
    }
    Ok(key)
}
