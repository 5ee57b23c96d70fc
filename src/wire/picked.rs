//! Maps of texts of which only some keys are kept.

use super::{
    atom::Atom,
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    labels::key,
    map::Map,
};
use serde::{Deserialize, Deserializer};
use std::{fmt::Debug, hash::Hash, marker::PhantomData};

/// The keys of a map that somebody reads.
pub trait Pick: Debug + Clone + Default + Eq + Hash {
    /// The keys.
    const KEYS: &'static [&'static str];
}

/// A map without the entries that nobody reads, which are dropped while they are decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Picked<P>(Map<Atom, Atom>, PhantomData<P>);

impl<P> Picked<P> {
    /// The value of a key, empty where there is none.
    pub fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", |value| value)
    }
}

impl<P: Pick> Decode for Picked<P> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if P::KEYS.contains(&key(field)?) { self.0.merge(field, context) } else { Ok(()) }
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

impl<'de, P: Pick> Deserialize<'de> for Picked<P> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut map: Map<Atom, Atom> = Map::deserialize(from)?;
        map.retain(|key| P::KEYS.contains(&&**key));
        Ok(Self(map, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
    struct Colours;

    impl Pick for Colours {
        const KEYS: &'static [&'static str] = &["red", "blue"];
    }

    #[test]
    fn both_codecs_keep_the_same_entries() {
        let mut from_protobuf = Picked::<Colours>::default();
        for entry in [&b"\x0a\x06secret"[..], b"\x0a\x03red\x12\x01 ", b"\x0a\x04blue"] {
            from_protobuf.merge(Field::Bytes(entry), &Context::default()).unwrap();
        }
        from_protobuf.seal();
        let colours: Picked<Colours> =
            serde_json::from_value(serde_json::json!({"secret": "", "red": " ", "blue": ""})).unwrap();
        assert_eq!(from_protobuf, colours);
        assert_eq!([colours.get("red"), colours.get("blue"), colours.get("green")], [" ", "", ""]);
        assert_eq!(colours.0.len(), 2);
    }
}
