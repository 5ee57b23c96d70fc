//! What JSON and YAML need beside what serde derives.

use serde::{Deserialize, Deserializer};

/// Reads a value for which `null` stands for the default, as the API server itself takes it.
pub fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Implements `serde::Deserialize` for a value that is read from a text.
macro_rules! deserialize_from_text {
    ($type:ty, $expecting:literal, $read:expr) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        ($read)(text).map_err(E::custom)
                    }
                }
                from.deserialize_str(Visitor)
            }
        }
    };
}
pub(super) use deserialize_from_text;
