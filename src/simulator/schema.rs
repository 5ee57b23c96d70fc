//! The fields of the API's messages, in the notation of the `.proto` files: the one table behind both encodings.
//!
//! The files in `schema/` name every field with its JSON name, its official number and its type. Beyond
//! Protocol Buffers' own notation, `inline` marks a message whose fields JSON writes into the surrounding
//! object, and `Time`, `MicroTime`, `Quantity`, `IntOrString`, `FieldsV1` and `ExtraValue` are built in, as JSON
//! writes each of them in a form of its own.

use std::sync::LazyLock;

use hashbrown::HashMap;

const SOURCES: [&str; 14] = [
    include_str!("schema/meta.proto"),
    include_str!("schema/volumes.proto"),
    include_str!("schema/containers.proto"),
    include_str!("schema/scheduling.proto"),
    include_str!("schema/pods.proto"),
    include_str!("schema/nodes.proto"),
    include_str!("schema/core.proto"),
    include_str!("schema/workloads.proto"),
    include_str!("schema/settings.proto"),
    include_str!("schema/networking.proto"),
    include_str!("schema/storage.proto"),
    include_str!("schema/scaling.proto"),
    include_str!("schema/access.proto"),
    include_str!("schema/admission.proto"),
];

static MESSAGES: LazyLock<Vec<Message>> =
    LazyLock::new(|| parse(&SOURCES).expect("the embedded schema is well-formed"));

/// A message: its name and its fields in the order of their numbers.
#[derive(Debug)]
pub(super) struct Message {
    /// The name as in the API's Go source, such as `PodSpec`.
    pub(super) name: &'static str,
    /// The fields, ascending by number, which is the order in which the API server writes them.
    pub(super) fields: Vec<Field>,
    /// Where the field is that holds what JSON calls so: the field itself, or an inline message.
    places: HashMap<&'static str, usize>,
}

impl Message {
    /// The message of this name.
    ///
    /// # Panics
    ///
    /// When the schema has none: names of messages are written in this crate only.
    pub(super) fn named(name: &str) -> &'static Self {
        MESSAGES
            .iter()
            .find(|message| message.name == name)
            .unwrap_or_else(|| panic!("the schema has no message {name}"))
    }

    /// The position of the field that holds what JSON calls so: that field, or the inline message it is in.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The field with this number.
    pub(super) fn numbered(&self, number: u32) -> Option<&Field> {
        self.fields.binary_search_by_key(&number, |field| field.number).ok().map(|index| &self.fields[index])
    }
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    /// The name in JSON.
    pub(super) name: &'static str,
    /// The number in protobuf.
    pub(super) number: u32,
    /// How often the field occurs and how JSON writes it.
    pub(super) shape: Shape,
    /// The type of the value, or of each element or map value.
    pub(super) kind: Type,
}

/// How often a field occurs and how JSON writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// At most one value.
    Single,
    /// A list.
    List,
    /// A map with text as keys.
    Map,
    /// One message whose fields stand in the surrounding JSON object.
    Inline,
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    /// Text.
    Text,
    /// Bytes, which JSON writes in base64.
    Bytes,
    /// `int32` or `int64`.
    Integer,
    /// True or false.
    Boolean,
    /// `meta/v1.Time`: RFC 3339 in JSON, seconds and nanoseconds in protobuf.
    Time,
    /// `meta/v1.MicroTime`: the same with microseconds in JSON.
    MicroTime,
    /// `resource.Quantity`: text in JSON, a message with that text in protobuf.
    Quantity,
    /// `intstr.IntOrString`.
    IntOrString,
    /// `meta/v1.FieldsV1`: JSON as such, carried as bytes in protobuf.
    Fields,
    /// `certificates/v1.ExtraValue`: a list of texts in JSON, a message with that list in protobuf.
    Texts,
    /// Another message, by its position in the schema.
    Message(usize),
}

impl Type {
    /// The message at a position.
    pub(super) fn message(position: usize) -> &'static Message {
        &MESSAGES[position]
    }
}

/// Reads all files. A message may be used before the file that declares it.
fn parse(sources: &[&'static str]) -> Result<Vec<Message>, String> {
    let mut positions = HashMap::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if let Some(name) = message_head(line) {
            let position = positions.len();
            if positions.insert(name, position).is_some() {
                return Err(format!("message {name} is declared twice"));
            }
        }
    }
    let mut messages: Vec<Message> = Vec::with_capacity(positions.len());
    for line in sources.iter().flat_map(|source| source.lines()) {
        if let Some(name) = message_head(line) {
            messages.push(Message { name, fields: Vec::new(), places: HashMap::new() });
        } else if line.starts_with("  ") {
            let field = field(line, &positions).ok_or_else(|| format!("not a field: {line}"))?;
            messages.last_mut().ok_or("a field stands before any message")?.fields.push(field);
        }
    }
    for message in &mut messages {
        message.fields.sort_by_key(|field| field.number);
    }
    for position in 0..messages.len() {
        messages[position].places = places(&messages, position);
    }
    Ok(messages)
}

fn places(messages: &[Message], position: usize) -> HashMap<&'static str, usize> {
    let mut found = HashMap::new();
    for (place, field) in messages[position].fields.iter().enumerate() {
        match (field.shape, field.kind) {
            (Shape::Inline, Type::Message(inner)) => {
                found.extend(places(messages, inner).into_keys().map(|name| (name, place)));
            }
            _ => drop(found.insert(field.name, place)),
        }
    }
    found
}

fn message_head(line: &'static str) -> Option<&'static str> {
    line.strip_prefix("message ")?.strip_suffix(" {")
}

fn field(line: &'static str, messages: &HashMap<&'static str, usize>) -> Option<Field> {
    let (declaration, number) = line.trim().strip_suffix(';')?.split_once(" = ")?;
    let (qualified, name) = declaration.rsplit_once(' ')?;
    let (shape, kind) = if let Some(element) = qualified.strip_prefix("repeated ") {
        (Shape::List, element)
    } else if let Some(message) = qualified.strip_prefix("inline ") {
        (Shape::Inline, message)
    } else if let Some(value) = qualified.strip_prefix("map<string, ") {
        (Shape::Map, value.strip_suffix('>')?)
    } else {
        (Shape::Single, qualified)
    };
    let kind = match kind {
        "string" => Type::Text,
        "bytes" => Type::Bytes,
        "int32" | "int64" => Type::Integer,
        "bool" => Type::Boolean,
        "Time" => Type::Time,
        "MicroTime" => Type::MicroTime,
        "Quantity" => Type::Quantity,
        "IntOrString" => Type::IntOrString,
        "FieldsV1" => Type::Fields,
        "ExtraValue" => Type::Texts,
        message => Type::Message(*messages.get(message)?),
    };
    Some(Field { name, number: number.parse().ok()?, shape, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_its_number_shape_and_type() {
        let volume = Message::named("Volume");
        assert_eq!(volume.numbered(1).unwrap().name, "name");
        let source = volume.numbered(2).unwrap();
        assert_eq!(source.shape, Shape::Inline);
        assert!(
            matches!(source.kind, Type::Message(position) if Type::message(position).name == "VolumeSource")
        );
        let capacity = Message::named("NodeStatus").numbered(1).unwrap();
        assert_eq!((capacity.name, capacity.shape), ("capacity", Shape::Map));
        assert!(matches!(capacity.kind, Type::Quantity));
    }

    #[test]
    fn numbers_and_names_are_unique_within_each_message() {
        for message in MESSAGES.iter() {
            for (index, field) in message.fields.iter().enumerate() {
                for other in &message.fields[index + 1..] {
                    assert_ne!(field.number, other.number, "{}", message.name);
                    assert_ne!(field.name, other.name, "{}", message.name);
                }
            }
        }
    }

    #[test]
    fn broken_declarations_are_refused() {
        assert!(parse(&["message A {\n  string a;\n}"]).is_err());
        assert!(parse(&["message A {\n  Missing a = 1;\n}"]).is_err());
        assert!(parse(&["  string a = 1;"]).is_err());
        assert!(parse(&["message A {\n}\nmessage A {\n}"]).is_err());
    }
}
