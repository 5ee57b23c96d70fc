//! JSON to protobuf.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use serde_json::Value;

use super::super::schema::{Field, Message, Shape, Type};
use super::proto::{put_bytes, put_nested, put_number};
use super::{CodecError, Object};

/// Appends all fields of a message.
pub(super) fn message(
    message: &'static Message,
    object: &Object,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    if let Some(field) = object.keys().find(|name| message.place(name).is_none()) {
        return Err(CodecError::UnknownField { message: message.name, field: field.clone() });
    }
    known_fields(message, object, out)
}

/// Appends the fields that belong to this message; an inline message shares its object with others.
fn known_fields(message: &'static Message, object: &Object, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let mut present: Vec<(usize, &Value)> = Vec::with_capacity(object.len());
    for (name, value) in object {
        if let Some(place) = message.place(name)
            && !value.is_null()
        {
            present.push((place, value));
        }
    }
    // JSON has its own order, protobuf that of the numbers.
    present.sort_unstable_by_key(|(place, _)| *place);
    // An inline message holds several of the object's fields, and is written once.
    present.dedup_by_key(|(place, _)| *place);
    for (place, value) in present {
        let field = &message.fields[place];
        if let (Shape::Inline, Type::Message(position)) = (field.shape, field.kind) {
            put_nested(field.number, out, |out| known_fields(Type::message(position), object, out))?;
        } else {
            shaped(field, value, out).map_err(|mistake| mistake.at(message, field, value))?;
        }
    }
    Ok(())
}

/// What went wrong with a value: that value itself, or something inside it.
enum Mistake {
    Here,
    Inside(CodecError),
}

impl Mistake {
    fn at(self, message: &'static Message, field: &'static Field, value: &Value) -> CodecError {
        match self {
            Self::Inside(error) => error,
            Self::Here => {
                let value = value.to_string().chars().take(80).collect();
                CodecError::WrongType { message: message.name, field: field.name, value }
            }
        }
    }
}

fn shaped(field: &'static Field, json: &Value, out: &mut Vec<u8>) -> Result<(), Mistake> {
    match field.shape {
        Shape::Single | Shape::Inline => value(field.number, field.kind, json, out),
        Shape::List => {
            let list = json.as_array().ok_or(Mistake::Here)?;
            list.iter().try_for_each(|element| value(field.number, field.kind, element, out))
        }
        Shape::Map => {
            let map = json.as_object().ok_or(Mistake::Here)?;
            map.iter().try_for_each(|(key, element)| {
                put_nested(field.number, out, |out| {
                    put_bytes(1, key.as_bytes(), out);
                    value(2, field.kind, element, out)
                })
            })
        }
    }
}

fn value(number: u32, kind: Type, json: &Value, out: &mut Vec<u8>) -> Result<(), Mistake> {
    match kind {
        Type::Text => put_bytes(number, text(json)?.as_bytes(), out),
        Type::Bytes => {
            let bytes = BASE64_STANDARD.decode(text(json)?).map_err(|_| Mistake::Here)?;
            put_bytes(number, &bytes, out);
        }
        Type::Texts => {
            let list = json.as_array().ok_or(Mistake::Here)?;
            put_nested(number, out, |out| {
                for element in list {
                    put_bytes(1, text(element)?.as_bytes(), out);
                }
                Ok::<_, Mistake>(())
            })?;
        }
        Type::Integer => put_number(number, json.as_i64().ok_or(Mistake::Here)?.cast_unsigned(), out),
        Type::Boolean => put_number(number, u64::from(json.as_bool().ok_or(Mistake::Here)?), out),
        Type::Time | Type::MicroTime => {
            let time: Timestamp = text(json)?.parse().map_err(|_| Mistake::Here)?;
            put_nested(number, out, |out| {
                put_number(1, time.as_second().cast_unsigned(), out);
                put_number(2, i64::from(time.subsec_nanosecond()).cast_unsigned(), out);
                Ok(())
            })?;
        }
        Type::Quantity => match json {
            Value::String(quantity) => quantity_of(number, quantity, out),
            Value::Number(quantity) => quantity_of(number, &quantity.to_string(), out),
            _ => return Err(Mistake::Here),
        },
        Type::IntOrString => put_nested(number, out, |out| {
            if let Some(integer) = json.as_i64() {
                put_number(1, 0, out);
                put_number(2, integer.cast_unsigned(), out);
            } else {
                let text = text(json)?;
                put_number(1, 1, out);
                put_bytes(3, text.as_bytes(), out);
            }
            Ok(())
        })?,
        Type::Fields => put_nested(number, out, |out| {
            // The generators hand over the JSON as text: building and writing thousands of trees for a field
            // that nobody reads would double the time to create a cluster.
            match json {
                Value::String(text) => put_bytes(1, text.as_bytes(), out),
                tree => put_bytes(1, tree.to_string().as_bytes(), out),
            }
            Ok::<_, Mistake>(())
        })?,
        Type::Message(position) => {
            let object = json.as_object().ok_or(Mistake::Here)?;
            let nested = put_nested(number, out, |out| message(Type::message(position), object, out));
            nested.map_err(Mistake::Inside)?;
        }
    }
    Ok(())
}

fn text(json: &Value) -> Result<&str, Mistake> {
    json.as_str().ok_or(Mistake::Here)
}

fn quantity_of(number: u32, quantity: &str, out: &mut Vec<u8>) {
    let mut inner = Vec::with_capacity(quantity.len() + 2);
    put_bytes(1, quantity.as_bytes(), &mut inner);
    put_bytes(number, &inner, out);
}
