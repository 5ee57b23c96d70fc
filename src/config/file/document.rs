//! YAML with the lines of what it holds.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Error, Location, NonFiniteFloatPolicy, Spanned};
use std::fmt;

/// The keys of a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Name, line and value, in their order.
    pub(super) keys: Vec<(String, u64, Value)>,
}

/// A value, with the lines of its parts. Scalars are as they were written.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Scalar(String),
    List(Vec<(u64, Value)>),
    Map(Vec<(String, u64, Value)>),
}

impl Document {
    /// Reads a file; otherwise the line where it can't be read any further, 0 for none, and why.
    pub(super) fn parse(content: &[u8]) -> Result<Self, (u64, String)> {
        let text = std::str::from_utf8(content).map_err(|error| {
            let line = content[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            (line as u64, "this is no UTF-8".to_owned())
        })?;
        let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::AsString };
        // Go's YAML reads the first document; empty ones behind it are nothing to lose.
        let mut first = text.trim_end();
        while let Some(front) = first.strip_suffix("\n---").or_else(|| first.strip_suffix("\n...")) {
            first = front.trim_end();
        }
        let root: Spanned<Node> =
            serde_saphyr::from_str_with_options(first, options).map_err(|error| explained(&error))?;
        let line = root.referenced.line();
        match root.value.resolve(text, root.defined) {
            Value::Null => Ok(Self::default()),
            Value::Map(keys) => Ok(Self { keys }),
            Value::Scalar(_) | Value::List(_) => {
                Err((line, "the file has to be a map of keys, such as port: 8080".to_owned()))
            }
        }
    }
}

fn explained(error: &Error) -> (u64, String) {
    let error = error.without_snippet();
    let line = error.location().map_or(0, |location| location.line());
    let text = match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("{key}: the key is there twice"),
        Error::MultipleDocuments { .. } => {
            "the file has more than one document, of which only one would count".to_owned()
        }
        other => {
            let text = other.to_string();
            let text = text.lines().next().unwrap_or_default();
            // The line is said already.
            text.split(" at line ").next().unwrap_or_default().to_owned()
        }
    };
    (line, text)
}

/// A node as the parser understands it, which knows of numbers and truth.
enum Node {
    Null,
    Text(String),
    /// Something that would be another text if it were written anew, such as `1.10`.
    Typed,
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<Node>, Spanned<Node>)>),
}

impl Node {
    fn resolve(self, text: &str, place: Location) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Scalar(text),
            Self::Typed => Value::Scalar(written(text, place).to_owned()),
            Self::List(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| (item.referenced.line(), item.value.resolve(text, item.defined)))
                    .collect(),
            ),
            Self::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let name = match key.value.resolve(text, key.defined) {
                            Value::Scalar(name) => name,
                            // No key that is known.
                            _ => written(text, key.defined).to_owned(),
                        };
                        (name, key.referenced.line(), value.value.resolve(text, value.defined))
                    })
                    .collect(),
            ),
        }
    }
}

/// How something was written.
fn written(text: &str, place: Location) -> &str {
    let index = |number: Option<u64>| usize::try_from(number?).ok();
    let span = place.span();
    let range = index(span.byte_offset()).zip(index(span.byte_len()));
    range.and_then(|(begin, length)| text.get(begin..begin + length)).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
