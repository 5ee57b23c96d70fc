//! Unique identifiers of objects.

use super::{
    bytes::{ShortText, hex, unhex},
    compact_text::compact_text,
};
use arrayvec::ArrayString;

/// An object's UID: a UUID in 16 bytes, or whatever text the server gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uid(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    Uuid([u8; 16]),
    Text(Box<str>),
}

/// Where the groups of a UUID lie in its text and in its bytes.
const GROUPS: [(std::ops::Range<usize>, std::ops::Range<usize>); 5] =
    [(0..8, 0..4), (9..13, 4..6), (14..18, 6..8), (19..23, 8..10), (24..36, 10..16)];

impl Uid {
    /// The UID with this text.
    pub fn new(text: &str) -> Self {
        Self(uuid(text.as_bytes()).map_or_else(|| Form::Text(text.into()), Form::Uuid))
    }

    /// The UID as the server gave it.
    #[inline]
    pub fn text(&self) -> ShortText<'_> {
        match &self.0 {
            Form::Text(text) => ShortText::Held(text),
            Form::Uuid(bytes) => {
                let mut text = [b'-'; 36];
                for (digits, half) in GROUPS {
                    hex(&bytes[half], &mut text[digits]);
                }
                let mut rendered = ArrayString::new();
                rendered.push_str(std::str::from_utf8(&text).unwrap_or_default());
                ShortText::Rendered(rendered)
            }
        }
    }

    /// True where the object has none, as in a file.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Form::Text(text) if text.is_empty())
    }
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 || [8, 13, 18, 23].iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    GROUPS.into_iter().all(|(digits, half)| unhex(&text[digits], &mut bytes[half])).then_some(bytes)
}

compact_text!(Uid, "a UID");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\\PC{0,40}|[0-9a-fA-F-]{36}") {
            let uid = Uid::new(&text);
            prop_assert_eq!(&*uid.text(), &*text);
        }
    }

    #[test]
    fn a_uuid_takes_no_allocation() {
        assert!(matches!(Uid::new("6a934e21-5207-4a84-baea-3a952d926c80").0, Form::Uuid(_)));
        assert!(matches!(Uid::new("6A934e21-5207-4a84-baea-3a952d926c80").0, Form::Text(_)));
        assert!(Uid::default().is_empty());
    }
}
