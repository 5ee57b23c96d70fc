//! A deserializer that makes up what it is asked for.

use rand::{
    RngExt as _,
    rngs::SmallRng,
    seq::{IndexedRandom as _, IteratorRandom as _},
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, Expected, IntoDeserializer as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Error, Value};
use std::collections::BTreeMap;

/// Texts and parts of objects that a kind's rules know.
#[derive(Debug, Default)]
pub(super) struct Words {
    texts: Vec<String>,
    /// Texts by the field that they or their list stand in.
    of_field: BTreeMap<String, Vec<String>>,
    /// What stands under a key anywhere.
    parts: BTreeMap<String, Vec<Value>>,
}

impl Words {
    /// Those of the documents of a fixture.
    pub(super) fn of(fixture: &str) -> Self {
        let documents: Vec<Value> = serde_saphyr::from_multiple(fixture).expect("the fixture is YAML");
        let mut words = Self::default();
        for document in &documents {
            words.add("", document);
        }
        words
    }

    fn add(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) => {
                self.texts.push(text.clone());
                self.of_field.entry(field.to_owned()).or_default().push(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(field, item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.parts.entry(key.clone()).or_default().push(value.clone());
                    self.add(key, value);
                }
            }
            _ => {}
        }
    }
}

/// Texts that no rule knows, or that are hard to print.
const ODD: [&str; 12] =
    ["", " ", "a", "A", "a-b", "a_b", "aB", "b/c.d", "a\"b\\c\nd", "\\n", "ü\u{1f980}\u{0}", "{,}=#"];

const TIMES: [&str; 6] = [
    "2023-11-14T22:13:20Z",
    "2023-11-14T22:13:20.5Z",
    "1969-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2024-02-29T12:00:00.123456Z",
];

const QUANTITIES: [&str; 10] = ["0", "1", "100m", "-1", "1.5Gi", "1e3", "9E", "1n", "3u", "2k"];

/// Makes up one value.
pub(super) struct Draw<'a> {
    random: &'a mut SmallRng,
    words: &'a Words,
    /// The field that it is for.
    field: &'a str,
}

impl<'a> Draw<'a> {
    pub(super) fn new(random: &'a mut SmallRng, words: &'a Words) -> Self {
        Self { random, words, field: "" }
    }

    fn text(&mut self) -> String {
        let odd = || ODD.iter().map(|odd| (*odd).to_owned());
        let fitting = self.words.of_field.get(self.field);
        let text = match (self.random.random_range(0..10), fitting) {
            (0..6, Some(fitting)) => fitting.choose(self.random).cloned(),
            (0..8, _) => self.words.texts.choose(self.random).cloned(),
            _ => odd().choose(self.random),
        };
        text.expect("a fixture holds texts")
    }

    fn number(&mut self, lowest: i64, highest: i64) -> i64 {
        match self.random.random_range(0..6) {
            0 => lowest,
            1 => highest,
            2 => 0,
            3 => -1_i64.max(lowest),
            _ => self.random.random_range(0..5),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            let highest = i64::try_from(<$type>::MAX).unwrap_or(i64::MAX);
            let lowest = i64::try_from(<$type>::MIN).unwrap_or(i64::MIN);
            visitor.$visit(<$type>::try_from(self.number(lowest, highest)).map_err(Error::custom)?)
        }
    )* };
}

impl<'de> Deserializer<'de> for Draw<'_> {
    type Error = Error;

    numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    /// Types that read several forms say in words what they expect.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (&visitor as &dyn Expected).to_string().as_str() {
            "a quantity such as 100m or 1Gi" => self.deserialize_str(visitor),
            "a number or a text" if self.random.random() => self.deserialize_i32(visitor),
            "a number or a text" => {
                let text = (*["50%", "101%", "0%", "http", ""].choose(self.random).expect("some")).to_owned();
                visitor.visit_string(text)
            }
            _ => {
                // Only a flattened part of an object asks for anything at all.
                let all: Vec<&Value> = self.words.parts.values().flatten().collect();
                let part = all.choose(self.random).map_or(Value::Null, |part| (*part).clone());
                part.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.random.random())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f32(self.random.random())
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.random.random())
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_char('a')
    }

    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let text = match (&visitor as &dyn Expected).to_string().as_str() {
            "a time as in RFC 3339" => (*TIMES.choose(self.random).expect("there are some")).to_owned(),
            "a quantity such as 100m or 1Gi" => {
                (*QUANTITIES.choose(self.random).expect("there are some")).to_owned()
            }
            "bytes in base64" => ["", "AA==", "LS0tLS1C"][self.random.random_range(0..3)].to_owned(),
            _ => self.text(),
        };
        visitor.visit_string(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_byte_buf(self.text().into_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.random.random_bool(0.25) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = self.random.random_range(0..5);
        visitor.visit_seq(List { draw: self, left, before: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(List { draw: self, left: length, before: None })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.random.random_range(0..5);
        // Only a type with a flattened part calls itself something else.
        let expected = (&visitor as &dyn Expected).to_string();
        if expected.starts_with("struct ") {
            let keys: Vec<&String> = self.words.parts.keys().collect();
            let keys: Vec<String> =
                (0..entries + 4).filter_map(|_| keys.choose(self.random).map(|key| (*key).clone())).collect();
            let parts = keys.into_iter().filter_map(|key| {
                let part = self.words.parts[&key].choose(self.random)?.clone();
                Some((key, part))
            });
            let object: serde_json::Map<String, Value> = parts.collect();
            return object.deserialize_map(visitor);
        }
        let known: Vec<&String> = self.words.parts.keys().collect();
        let keys = (0..entries).map(|_| match known.choose(self.random) {
            Some(key) if self.random.random() => (*key).clone(),
            _ => self.text(),
        });
        let keys = keys.collect();
        visitor.visit_map(Fields { draw: self, keys, field: String::new() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let keys = fields.iter().filter(|_| self.random.random_bool(0.85)).map(|&key| key.to_owned());
        let keys: Vec<String> = keys.collect();
        visitor.visit_map(Fields { draw: self, keys, field: String::new() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom(format!("{name}: objects of the API have texts in place of enumerations")))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// Entries of which one in three repeats the one before.
struct List<'a> {
    draw: Draw<'a>,
    left: usize,
    /// The state from which the last entry was drawn.
    before: Option<SmallRng>,
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        if let Some(before) = &self.before
            && self.draw.random.random_bool(0.33)
        {
            let mut repeated = before.clone();
            let draw = Draw { random: &mut repeated, words: self.draw.words, field: self.draw.field };
            return seed.deserialize(draw).map(Some);
        }
        self.before = Some(self.draw.random.clone());
        let Draw { random, words, field } = &mut self.draw;
        seed.deserialize(Draw { random, words, field }).map(Some)
    }
}

struct Fields<'a> {
    draw: Draw<'a>,
    keys: Vec<String>,
    /// The last of them that was told.
    field: String,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(key) = self.keys.pop() else { return Ok(None) };
        self.field.clone_from(&key);
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Draw { random, words, .. } = &mut self.draw;
        seed.deserialize(Draw { random, words, field: &self.field })
    }
}
