//! Protobuf to JSON.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use serde_json::Value;

use super::super::schema::{Field, Message, Shape, Type};
use super::proto::{Wire, take_field};
use super::{CodecError, Object};

/// Reads all fields of a message into the object.
pub(super) fn message(
    message: &'static Message,
    mut bytes: &[u8],
    object: &mut Object,
) -> Result<(), CodecError> {
    let malformed = || CodecError::Malformed { message: message.name };
    while !bytes.is_empty() {
        let (number, wire) = take_field(&mut bytes).ok_or_else(malformed)?;
        let Some(field) = message.numbered(number) else { continue };
        match (field.shape, field.kind, wire) {
            (Shape::Inline, Type::Message(position), Wire::Bytes(content)) => {
                self::message(Type::message(position), content, object)?;
            }
            (Shape::Map, _, Wire::Bytes(content)) => {
                let (key, value) = entry(field, content).ok_or_else(malformed)??;
                let map = object.entry(field.name).or_insert_with(|| Value::Object(Object::new()));
                map.as_object_mut().ok_or_else(malformed)?.insert(key, value);
            }
            (Shape::List, _, wire) => {
                let element = value(field.kind, &wire).ok_or_else(malformed)??;
                let list = object.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
                list.as_array_mut().ok_or_else(malformed)?.push(element);
            }
            (_, _, wire) => {
                let single = value(field.kind, &wire).ok_or_else(malformed)??;
                object.insert(field.name.to_owned(), single);
            }
        }
    }
    Ok(())
}

/// Reads an entry of a map; `None` when it is malformed.
fn entry(field: &Field, mut bytes: &[u8]) -> Option<Result<(String, Value), CodecError>> {
    let mut key = String::new();
    let mut found = Value::String(String::new());
    while !bytes.is_empty() {
        match take_field(&mut bytes)? {
            (1, Wire::Bytes(content)) => key = text(content)?,
            (2, wire) => match value(field.kind, &wire)? {
                Ok(value) => found = value,
                Err(error) => return Some(Err(error)),
            },
            _ => {}
        }
    }
    Some(Ok((key, found)))
}

/// Reads one value; `None` when its own bytes are malformed.
fn value(kind: Type, wire: &Wire<'_>) -> Option<Result<Value, CodecError>> {
    let value = match (kind, wire) {
        (Type::Integer, Wire::Varint(number)) => Value::from(number.cast_signed()),
        (Type::Boolean, Wire::Varint(number)) => Value::Bool(*number != 0),
        (Type::Text, Wire::Bytes(content)) => Value::String(text(content)?),
        (Type::Bytes, Wire::Bytes(content)) => Value::String(BASE64_STANDARD.encode(content)),
        (Type::Time, Wire::Bytes(content)) => Value::String(format!("{:.0}", time(content)?)),
        (Type::MicroTime, Wire::Bytes(content)) => Value::String(format!("{:.6}", time(content)?)),
        (Type::Quantity, Wire::Bytes(content)) => {
            Value::String(text(super::find(1, content).unwrap_or_default())?)
        }
        (Type::IntOrString, Wire::Bytes(content)) => int_or_string(content)?,
        (Type::Fields, Wire::Bytes(content)) => serde_json::from_slice(super::find(1, content)?).ok()?,
        (Type::Texts, Wire::Bytes(content)) => texts(content)?,
        (Type::Message(position), Wire::Bytes(content)) => {
            let mut object = Object::new();
            return Some(
                message(Type::message(position), content, &mut object).map(|()| Value::Object(object)),
            );
        }
        _ => return None,
    };
    Some(Ok(value))
}

fn text(bytes: &[u8]) -> Option<String> {
    str::from_utf8(bytes).ok().map(str::to_owned)
}

fn texts(mut bytes: &[u8]) -> Option<Value> {
    let mut list = Vec::new();
    while !bytes.is_empty() {
        if let (1, Wire::Bytes(content)) = take_field(&mut bytes)? {
            list.push(Value::String(text(content)?));
        }
    }
    Some(Value::Array(list))
}

fn time(mut bytes: &[u8]) -> Option<Timestamp> {
    let (mut seconds, mut nanoseconds) = (0, 0);
    while !bytes.is_empty() {
        match take_field(&mut bytes)? {
            (1, Wire::Varint(number)) => seconds = number.cast_signed(),
            (2, Wire::Varint(number)) => nanoseconds = i32::try_from(number.cast_signed()).ok()?,
            _ => {}
        }
    }
    Timestamp::new(seconds, nanoseconds).ok()
}

fn int_or_string(mut bytes: &[u8]) -> Option<Value> {
    let (mut is_text, mut integer, mut string) = (false, 0, String::new());
    while !bytes.is_empty() {
        match take_field(&mut bytes)? {
            (1, Wire::Varint(number)) => is_text = number != 0,
            (2, Wire::Varint(number)) => integer = number.cast_signed(),
            (3, Wire::Bytes(content)) => string = text(content)?,
            _ => {}
        }
    }
    Some(if is_text { Value::String(string) } else { Value::from(integer) })
}
