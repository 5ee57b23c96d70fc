//! The protobuf wire format, read from a slice.

use super::DecodeError;

/// The value of one field.
#[derive(Debug, Clone, Copy)]
pub enum Field<'a> {
    /// A varint.
    Integer(u64),
    /// A string, bytes or an embedded message.
    Bytes(&'a [u8]),
    /// A fixed 32 or 64-bit value, which no field read here has.
    Fixed,
}

impl<'a> Field<'a> {
    /// The field as a varint.
    #[inline]
    pub fn integer(self) -> Result<u64, DecodeError> {
        if let Field::Integer(value) = self { Ok(value) } else { Err(DecodeError::WireType) }
    }

    /// The field as bytes.
    #[inline]
    pub fn bytes(self) -> Result<&'a [u8], DecodeError> {
        if let Field::Bytes(bytes) = self { Ok(bytes) } else { Err(DecodeError::WireType) }
    }

    /// The field as text.
    #[inline]
    pub fn text(self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Utf8)
    }

    /// The fields of an embedded message.
    #[inline]
    pub fn fields(self) -> Result<Fields<'a>, DecodeError> {
        Ok(Fields(self.bytes()?))
    }
}

/// The fields of a message, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// The number and the value of the next field; `None` at the end of the message.
    #[inline]
    #[allow(clippy::should_implement_trait)] // a loop ends at an error, which an iterator can't say
    pub fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, DecodeError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Field::Integer(self.varint()?),
            1 => self.take(8).map(|_| Field::Fixed)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(usize::try_from(length).map_err(|_| DecodeError::Truncated)?)?)
            }
            5 => self.take(4).map(|_| Field::Fixed)?,
            _ => return Err(DecodeError::WireType),
        };
        Ok(Some((tag >> 3, value)))
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // a call for every byte of a tag or a length is what decoding would wait for
    fn varint(&mut self) -> Result<u64, DecodeError> {
        match *self.0 {
            [first, ref rest @ ..] if first < 0x80 => {
                self.0 = rest;
                Ok(u64::from(first))
            }
            [first, second, ref rest @ ..] if second < 0x80 => {
                self.0 = rest;
                Ok(u64::from(first & 0x7f) | u64::from(second) << 7)
            }
            _ => self.long_varint(),
        }
    }

    #[cold]
    fn long_varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let Some((&byte, rest)) = self.0.split_first() else { return Err(DecodeError::Truncated) };
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::Varint)
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        // An error that is made in advance would have to be dropped when all is well.
        let Some((taken, rest)) = self.0.split_at_checked(length) else {
            return Err(DecodeError::Truncated);
        };
        self.0 = rest;
        Ok(taken)
    }
}

/// The text of a value that is held in a shorter form: on the stack where it was rendered, or
/// borrowed where the value is text already.
#[derive(Debug, Clone)]
pub enum ShortText<'a> {
    /// Rendered just now.
    Rendered(arrayvec::ArrayString<128>),
    /// As it is held.
    Held(&'a str),
}

impl std::ops::Deref for ShortText<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Rendered(text) => text,
            Self::Held(text) => text,
        }
    }
}

/// Reads lower-case hexadecimal digits into `bytes`; false where the text is anything else.
#[inline]
pub(super) fn unhex(text: &[u8], bytes: &mut [u8]) -> bool {
    let mut invalid = u8::from(text.len() != bytes.len() * 2);
    for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (nibble(digits[0]), nibble(digits[1]));
        invalid |= (high | low) >> 4;
        *byte = high << 4 | low & 15;
    }
    invalid == 0
}

/// Writes bytes as lower-case hexadecimal digits into `text`, which is twice as long.
#[inline]
pub(super) fn hex(bytes: &[u8], text: &mut [u8]) {
    for (digits, byte) in text.chunks_exact_mut(2).zip(bytes) {
        digits[0] = digit(byte >> 4);
        digits[1] = digit(byte & 15);
    }
}

#[inline]
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xff,
    }
}

#[inline]
fn digit(nibble: u8) -> u8 {
    // Without a branch or a table, so that loops over it are vectorized.
    nibble + b'0' + if nibble > 9 { b'a' - b'0' - 10 } else { 0 }
}
