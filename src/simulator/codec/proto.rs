//! Protocol Buffers on the wire: keys, varints and lengths.

/// A field's value as it stands on the wire.
pub(super) enum Wire<'a> {
    /// A varint.
    Varint(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// A fixed 32-bit or 64-bit value, which no type of the schema uses.
    Fixed,
}

/// Appends a varint.
pub(in super::super) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// The number of bytes of a varint.
pub(in super::super) fn varint_length(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Appends a field of text, bytes or a message that is encoded already.
pub(in super::super) fn put_bytes(number: u32, content: &[u8], out: &mut Vec<u8>) {
    put_key(number, 2, out);
    put_varint(content.len() as u64, out);
    out.extend_from_slice(content);
}

/// Appends a field with a varint.
pub(super) fn put_number(number: u32, value: u64, out: &mut Vec<u8>) {
    put_key(number, 0, out);
    put_varint(value, out);
}

/// Appends a field whose content `write` appends; its length is put in front afterwards.
pub(super) fn put_nested<E>(
    number: u32,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    put_key(number, 2, out);
    // One byte is enough for most messages; the content of longer ones moves.
    out.push(0);
    let start = out.len();
    write(out)?;
    let length = (out.len() - start) as u64;
    if length < 0x80 {
        out[start - 1] = low_byte(length);
    } else {
        let mut varint = Vec::with_capacity(10);
        put_varint(length, &mut varint);
        out.splice(start - 1..start, varint);
    }
    Ok(())
}

/// Takes the next field off the front; `None` when the bytes are malformed.
pub(super) fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<(u32, Wire<'a>)> {
    let key = take_varint(bytes)?;
    let number = u32::try_from(key >> 3).ok()?;
    let value = match key & 7 {
        0 => Wire::Varint(take_varint(bytes)?),
        1 => {
            *bytes = bytes.get(8..)?;
            Wire::Fixed
        }
        2 => {
            let length = usize::try_from(take_varint(bytes)?).ok()?;
            let (content, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Wire::Bytes(content)
        }
        5 => {
            *bytes = bytes.get(4..)?;
            Wire::Fixed
        }
        _ => return None,
    };
    Some((number, value))
}

fn put_key(number: u32, wire: u32, out: &mut Vec<u8>) {
    put_varint(u64::from(number << 3 | wire), out);
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn low_byte(value: u64) -> u8 {
    (value & 0xff) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_have_the_length_that_is_foretold() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(value, &mut bytes);
            assert_eq!(bytes.len(), varint_length(value), "{value}");
            assert_eq!(take_varint(&mut &bytes[..]), Some(value));
        }
    }

    #[test]
    fn an_endless_varint_is_malformed() {
        assert!(take_field(&mut &[0xff; 30][..]).is_none());
    }
}
