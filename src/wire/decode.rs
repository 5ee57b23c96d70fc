//! Decoding one object in either encoding.

use super::bytes::{Field, Fields};
use super::meta::LocalObject;
use crate::exposition::Keys;
use serde::de::DeserializeOwned;

/// Why an object could not be decoded. The object is to be skipped; what comes after it is sound.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The input ends inside a field.
    #[error("the object ends in the middle of a field")]
    Truncated,
    /// A number has more than ten bytes.
    #[error("the object holds a number of more than 64 bits")]
    Varint,
    /// A field has another type than the API declares.
    #[error("a field has another type than the API declares")]
    WireType,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A quantity is not in Kubernetes' notation.
    #[error("\"{0}\" is not a quantity")]
    Quantity(String),
    /// The body lacks the prefix of Kubernetes' protobuf encoding.
    #[error("the body is not in Kubernetes' protobuf encoding")]
    Envelope,
    /// The JSON or YAML text does not hold such an object.
    #[error("{0}")]
    Json(#[source] serde_json::Error),
}

/// Which keys of labels and annotations are worth keeping: what a family, a view or the user's
/// selection reads. Everything else is dropped while an object is decoded.
///
/// Objects decoded with different contexts must not stand in for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Keys of labels.
    pub labels: Keys,
    /// Keys of annotations.
    pub annotations: Keys,
}

impl Context {
    /// Keeps everything.
    pub fn all() -> Self {
        Self { labels: Keys::all(), annotations: Keys::all() }
    }
}

/// A value that is put together from the fields of protobuf's wire format.
pub trait Decode: Default {
    /// Takes one occurrence of the field.
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError>;

    /// Called once when the enclosing message is complete: trims and shares.
    #[inline]
    fn seal(&mut self) {}

    /// Bytes that the value alone holds on the heap, without what it shares with others.
    #[inline]
    fn heap_size(&self) -> usize {
        0
    }
}

/// Decodes a message from its bare protobuf bytes.
pub fn decode<T: Decode>(bytes: &[u8], context: &Context) -> Result<T, DecodeError> {
    whole(Field::Bytes(bytes), context)
}

/// Decodes a value that has come whole with one field, such as an entry of a list.
#[inline]
pub(super) fn whole<T: Decode>(field: Field<'_>, context: &Context) -> Result<T, DecodeError> {
    let mut value = T::default();
    value.merge(field, context)?;
    value.seal();
    Ok(value)
}

/// Decodes an object from JSON.
pub fn decode_json<T: DeserializeOwned + Decode + LocalObject>(
    bytes: &[u8],
    context: &Context,
) -> Result<T, DecodeError> {
    let mut object: T = serde_json::from_slice(bytes).map_err(DecodeError::Json)?;
    object.metadata_mut().retain(context);
    object.seal();
    Ok(object)
}

/// The magic number in front of Kubernetes' protobuf bodies.
const MAGIC: &[u8] = b"k8s\0";

/// The kind and the bare bytes of an object in the envelope that Kubernetes puts around it
/// (`runtime.Unknown` behind a magic number).
pub fn envelope(bytes: &[u8]) -> Result<(&str, &[u8]), DecodeError> {
    let mut fields = Fields(bytes.strip_prefix(MAGIC).ok_or(DecodeError::Envelope)?);
    let (mut kind, mut raw) = ("", &[][..]);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => {
                let mut type_meta = field.fields()?;
                while let Some((number, field)) = type_meta.next()? {
                    if number == 2 {
                        kind = field.text()?;
                    }
                }
            }
            2 => raw = field.bytes()?,
            _ => {}
        }
    }
    Ok((kind, raw))
}
