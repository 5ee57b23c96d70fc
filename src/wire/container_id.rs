//! Identifiers of containers.

use super::{
    atom::Atom,
    bytes::{ShortText, hex, unhex},
    compact_text::compact_text,
};
use arrayvec::ArrayString;

/// A container's id, `containerd://` and 64 hexadecimal digits as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContainerId(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    /// The runtime's prefix and the digest.
    Digest(Atom, [u8; 32]),
    Text(Box<str>),
}

const DIGITS: usize = 64;
/// The longest prefix for which the whole id can be rendered on the stack.
const LONGEST_PREFIX: usize = 64;

impl ContainerId {
    /// The id with this text.
    pub fn new(text: &str) -> Self {
        let mut digest = [0; DIGITS / 2];
        let at = text.len().saturating_sub(DIGITS);
        if at <= LONGEST_PREFIX && unhex(&text.as_bytes()[at..], &mut digest) {
            Self(Form::Digest(Atom::new(&text[..at]), digest))
        } else {
            Self(Form::Text(text.into()))
        }
    }

    /// The id as the server gave it.
    #[inline]
    pub fn text(&self) -> ShortText<'_> {
        match &self.0 {
            Form::Text(text) => ShortText::Held(text),
            Form::Digest(prefix, digest) => {
                let mut digits = [0; DIGITS];
                hex(digest, &mut digits);
                let mut rendered = ArrayString::new();
                rendered.push_str(prefix);
                rendered.push_str(std::str::from_utf8(&digits).unwrap_or_default());
                ShortText::Rendered(rendered)
            }
        }
    }
}

compact_text!(ContainerId, "a container's id");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,70}[0-9a-f]{64}|[a-z]{0,9}://[0-9a-f]{64}|\\PC{0,80}") {
            let id = ContainerId::new(&text);
            prop_assert_eq!(&*id.text(), &*text);
        }
    }

    #[test]
    fn a_digest_is_bytes() {
        let text = format!("containerd://{}", "0a".repeat(32));
        assert!(matches!(ContainerId::new(&text).0, Form::Digest(..)));
    }
}
