//! Maps as sorted lists of pairs.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use std::{fmt, marker::PhantomData, ops::Deref};

/// A map: its entries in the order of their keys, each key once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Map<K, V> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V>
    where
        K: Deref<Target = str>,
    {
        self.0.iter().find(|(k, _)| **k == *key).map(|(_, value)| value)
    }

    /// Sets the value of a key to what `merge` makes of the one before.
    pub fn merge_in(&mut self, key: &K, merge: impl FnOnce(Option<V>) -> V)
    where
        K: Clone,
        V: Clone,
    {
        match self.0.binary_search_by(|(k, _)| k.cmp(key)) {
            Ok(at) => self.0[at].1 = merge(Some(self.0[at].1.clone())),
            Err(at) => self.0.insert(at, (key.clone(), merge(None))),
        }
    }

    /// Sorts, and keeps the last of several entries with one key.
    fn arrange(&mut self) {
        if !self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.0.reverse();
            self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
            self.0.dedup_by(|(a, _), (b, _)| a == b);
        }
    }

    pub(super) fn into_entries(mut self) -> Vec<(K, V)> {
        self.arrange();
        self.0
    }

    pub(super) fn push(&mut self, entry: (K, V)) {
        self.0.push(entry);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.0.retain(|(key, _)| keep(key));
        self.0.shrink_to_fit();
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K, V> Deref for Map<K, V> {
    type Target = [(K, V)];

    #[inline]
    fn deref(&self) -> &[(K, V)] {
        &self.0
    }
}

impl<K: Decode + Ord, V: Decode> Decode for Map<K, V> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.0.merge(field, context)
    }

    #[inline]
    fn seal(&mut self) {
        self.arrange();
        self.0.shrink_to_fit();
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.0.heap_size()
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Entries<K, V> {
            type Value = Map<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Map<K, V>, A::Error> {
                let mut map = Map(Vec::with_capacity(from.size_hint().unwrap_or_default().min(64)));
                while let Some(entry) = from.next_entry()? {
                    map.0.push(entry);
                }
                map.arrange();
                map.0.shrink_to_fit();
                Ok(map)
            }
        }

        from.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Atom;

    #[test]
    fn entries_are_sorted_and_the_last_of_a_key_counts() {
        let map: Map<Atom, i32> = serde_json::from_str(r#"{"b": 1, "a": 2, "b": 3}"#).unwrap();
        assert_eq!(&*map, [(Atom::new("a"), 2), (Atom::new("b"), 3)]);
        assert_eq!(map.get("b"), Some(&3));
        assert_eq!(map.get("c"), None);
    }
}
