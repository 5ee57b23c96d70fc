//! Values that are a number or a text.

use super::{
    atom::Atom,
    bytes::Field,
    decode::{Context, Decode, DecodeError},
};
use serde::{Deserialize, Deserializer, de};
use std::fmt;

/// `intstr.IntOrString`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A text, such as a percentage or the name of a port.
    Text(Atom),
}

impl IntOrString {
    /// The number, or the percentage of `total`; `None` where the text is no percentage. Nothing
    /// bounds a percentage, so that the result may be beyond 32 bits.
    pub fn scaled(&self, total: i32, round_up: bool) -> Option<i64> {
        match self {
            Self::Int(value) => Some(i64::from(*value)),
            Self::Text(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                let product = i128::from(percent) * i128::from(total);
                let up = i128::from(round_up && product % 100 != 0);
                i64::try_from(product.div_euclid(100) + up).ok()
            }
        }
    }
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl Decode for IntOrString {
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        let (mut is_text, mut int, mut text) = (false, 0_i32, Atom::default());
        let mut fields = field.fields()?;
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => is_text.merge(value, context)?,
                2 => int.merge(value, context)?,
                3 => text.merge(value, context)?,
                _ => {}
            }
        }
        *self = if is_text { Self::Text(text) } else { Self::Int(int) };
        Ok(())
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = IntOrString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<IntOrString, E> {
                Ok(IntOrString::Text(Atom::new(text)))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<IntOrString, E> {
                i32::try_from(number).map(IntOrString::Int).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<IntOrString, E> {
                i32::try_from(number).map(IntOrString::Int).map_err(E::custom)
            }
        }

        from.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_of_the_total() {
        let quarter = IntOrString::Text(Atom::new("25%"));
        assert_eq!(quarter.scaled(10, false), Some(2));
        assert_eq!(quarter.scaled(10, true), Some(3));
        assert_eq!(IntOrString::Int(7).scaled(10, true), Some(7));
        for (text, total, down, up) in [
            ("3000000000%", 7, 210_000_000, 210_000_000),
            ("3000000000%", i32::MAX, 64_424_509_410_000_000, 64_424_509_410_000_000),
            ("-25%", 10, -3, -2),
            ("+50%", 3, 1, 2),
            ("0%", 10, 0, 0),
        ] {
            let value = IntOrString::Text(Atom::new(text));
            assert_eq!(
                (value.scaled(total, false), value.scaled(total, true)),
                (Some(down), Some(up)),
                "{text}"
            );
        }
        for text in ["25", "%", "a%", ""] {
            assert_eq!(IntOrString::Text(Atom::new(text)).scaled(10, true), None, "{text}");
        }
    }

    #[test]
    fn both_codecs_agree() {
        let cases: [(&[u8], &str); 3] = [
            (&[0x08, 0, 0x10, 5, 0x1a, 0], "5"),
            (&[0x08, 1, 0x1a, 2, b'5', b'%'], "\"5%\""),
            (&[0x08, 1, 0x1a, 0], "\"\""),
        ];
        for (bytes, json) in cases {
            let decoded: IntOrString = crate::wire::decode(bytes, &Context::default()).unwrap();
            assert_eq!(decoded, serde_json::from_str(json).unwrap());
        }
    }
}
