//! Maps of texts held once, however many objects have them.

use super::{
    atom::Atom,
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    map::Map,
    shared::Shared,
};
use serde::{Deserialize, Deserializer};
use std::ops::Deref;

/// A map that is likely to be equal in many objects, such as the labels and the node selector of
/// one template's pods: one pointer. Its entries are in the order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SharedMap(Shared<(Atom, Atom)>);

crate::pooled!((Atom, Atom));

impl SharedMap {
    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        if self.0.iter().any(|(key, _)| !keep(key)) {
            self.0 = Shared::new(self.0.iter().filter(|(key, _)| keep(key)).cloned().collect());
        }
    }
}

impl Deref for SharedMap {
    type Target = [(Atom, Atom)];

    fn deref(&self) -> &[(Atom, Atom)] {
        &self.0
    }
}

impl Decode for SharedMap {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.0.merge(field, context)
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

impl<'de> Deserialize<'de> for SharedMap {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map: Map<Atom, Atom> = Map::deserialize(from)?;
        Ok(Self(Shared::new(map.into_entries())))
    }
}
