//! Escaping of label values and HELP texts.

/// Appends `text` as the inside of a quoted label value: `\`, `"` and line feeds are escaped,
/// every other byte stands as it is.
#[inline]
pub fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if any_needs_escape(bytes) {
        write_slowly(out, bytes, needs_escape);
    } else {
        out.extend_from_slice(bytes);
    }
}

/// Appends `text` as a HELP text, in which double quotes are not escaped.
pub(super) fn write_help(out: &mut Vec<u8>, text: &str) {
    write_slowly(out, text.as_bytes(), |b| b != b'"' && needs_escape(b));
}

/// Looks at blocks of fixed sizes, each of which takes a few instructions for all its bytes. The
/// last one overlaps those before it, so that no bytes are left over to be looked at one by one.
#[inline]
fn any_needs_escape(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        let (blocks, _) = bytes.as_chunks::<16>();
        blocks.iter().fold(in_block(last), |found, block| found | in_block(block))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        in_block(first) | in_block(last)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        in_block(first) | in_block(last)
    } else {
        bytes.iter().any(|&b| needs_escape(b))
    }
}

#[inline]
fn in_block<const N: usize>(block: &[u8; N]) -> bool {
    // Without an early exit the loop becomes vector instructions.
    block.iter().fold(false, |found, &b| found | needs_escape(b))
}

#[inline]
#[allow(clippy::needless_bitwise_bool)] // branches would keep the loop from being vectorized
fn needs_escape(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte == b'\n')
}

#[cold]
fn write_slowly(out: &mut Vec<u8>, bytes: &[u8], escaped: impl Fn(u8) -> bool) {
    for &byte in bytes {
        if escaped(byte) {
            out.push(b'\\');
        }
        out.push(if byte == b'\n' { b'n' } else { byte });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        write_escaped(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    /// Reads a quoted value back as a Prometheus parser does.
    fn unescaped(text: &str) -> String {
        let mut chars = text.chars();
        let mut plain = String::new();
        while let Some(c) = chars.next() {
            plain.push(match c {
                '\\' => match chars.next() {
                    Some('n') => '\n',
                    Some(c @ ('\\' | '"')) => c,
                    other => panic!("an escape that no parser knows: {other:?}"),
                },
                '"' | '\n' => panic!("a bare {c:?} ends the value"),
                c => c,
            });
        }
        plain
    }

    #[test]
    fn escapes_exactly_three_characters() {
        assert_eq!(escaped("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
        for c in (0..=0x2ff).filter_map(char::from_u32) {
            let want = match c {
                '\n' => "\\n".to_owned(),
                '\\' | '"' => format!("\\{c}"),
                c => c.to_string(),
            };
            assert_eq!(escaped(&c.to_string()), want, "{c:?}");
        }
    }

    #[test]
    fn escapes_at_any_place_of_any_length() {
        for length in 1..70 {
            for at in 0..length {
                let mut text = "a".repeat(length);
                text.replace_range(at..=at, "\"");
                assert_eq!(escaped(&text).len(), length + 1, "{length} {at}");
            }
        }
    }

    #[test]
    fn help_keeps_double_quotes() {
        let mut out = Vec::new();
        write_help(&mut out, "a \"quoted\" \\ text\nof two lines: für");
        assert_eq!(String::from_utf8(out).unwrap(), "a \"quoted\" \\\\ text\\nof two lines: für");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC*|[\\x00-\\x7f\u{80}-\u{2ff}]*") {
            prop_assert_eq!(unescaped(&escaped(&text)), text);
        }
    }
}
