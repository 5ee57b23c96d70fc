//! Bytes of which only their number is read.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    json::deserialize_from_text,
};
use crate::exposition::Reading;

/// The length of a field of type `bytes`, which JSON has in base64. The bytes are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct BytesLength(usize);

impl Reading for BytesLength {
    #[inline]
    fn reading(self) -> Option<f64> {
        self.0.reading()
    }
}

impl Decode for BytesLength {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        *self = Self(field.bytes()?.len());
        Ok(())
    }
}

deserialize_from_text!(BytesLength, "bytes in base64", |text: &str| {
    decoded_length(text).map(BytesLength).ok_or("the bytes are not in base64")
});

/// How many bytes a text in base64 stands for. Padding is demanded and line ends mean nothing, as
/// in Go.
fn decoded_length(text: &str) -> Option<usize> {
    let (mut digits, mut padding) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            b'=' => padding += 1,
            b'\r' | b'\n' => {}
            _ => return None,
        }
    }
    (padding <= 2 && (digits + padding) % 4 == 0).then_some(digits * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode;

    #[test]
    fn both_codecs_count_the_same() {
        for (bytes, base64) in [
            ("", ""),
            ("a", "YQ=="),
            ("ab", "YWI="),
            ("abc", "YWJj"),
            ("abcd", "YWJjZA=="),
            ("abc?>~", "YWJjPz5+"),
            ("abcd", "YWJj\r\nZA=\n="),
        ] {
            crate::wire! {
                pub struct Holder {
                    bytes: BytesLength = 2,
                }
            }
            let length = u8::try_from(bytes.len()).unwrap();
            let message = [&[2 << 3 | 2, length], bytes.as_bytes()].concat();
            let from_protobuf: Holder = decode(&message, &Context::default()).unwrap();
            let from_json: BytesLength = serde_json::from_value(base64.into()).unwrap();
            assert_eq!(from_protobuf.bytes, from_json, "{base64}");
            assert_eq!(from_json.0, bytes.len(), "{base64}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["Y", "YQ", "YQ=", "YQ===", "====", "Y===", "YQ==YQ==", "Y-_=", "YWJj ", "é"] {
            assert!(serde_json::from_value::<BytesLength>(text.into()).is_err(), "{text}");
        }
    }
}
