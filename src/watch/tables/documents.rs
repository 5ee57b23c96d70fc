//! JSON that arrives in pieces, cut into values.

use super::TableError;
use crate::watch::frames::Backlog;

/// Takes values one after the other from what has arrived. No more than one is ever held.
#[derive(Debug)]
pub(super) struct Values {
    backlog: Backlog,
    scan: Scan,
    /// The longest value, in bytes.
    limit: usize,
}

impl Values {
    pub(super) fn new(limit: usize) -> Self {
        Self { backlog: Backlog::default(), scan: Scan::default(), limit }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.backlog.push(bytes);
    }

    /// The first byte that is neither white space nor, where there may be one, a separator.
    pub(super) fn peek(&mut self, separator: Option<u8>) -> Option<u8> {
        if self.scan == Scan::default() {
            let rest = self.backlog.rest();
            let passed =
                rest.iter().take_while(|b| b.is_ascii_whitespace() || Some(**b) == separator).count();
            self.backlog.take(0, passed);
            self.backlog.release();
        }
        self.backlog.rest().first().copied()
    }

    /// Passes over the byte that was peeked at.
    pub(super) fn pass(&mut self) {
        self.backlog.take(0, 1);
    }

    /// The length of the value that begins at the byte that was peeked at; `None` until it has arrived
    /// whole.
    pub(super) fn length(&mut self) -> Result<Option<usize>, TableError> {
        let rest = self.backlog.rest();
        let length = self.scan.end(rest);
        if length.unwrap_or(rest.len()) > self.limit {
            return Err(TableError::TooLong(self.limit));
        }
        if length == Some(0) { Err(TableError::Malformed) } else { Ok(length) }
    }

    /// Takes a value of this length.
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        self.scan = Scan::default();
        self.backlog.take(0, length)
    }
}

/// One document after the other.
#[derive(Debug)]
pub(super) struct Documents(Values);

impl Documents {
    /// Documents of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self(Values::new(limit))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    /// The next document; `None` until more has arrived.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, TableError> {
        match self.0.peek(None) {
            None => return Ok(None),
            Some(b'{') => {}
            Some(_) => return Err(TableError::Malformed),
        }
        Ok(match self.0.length()? {
            Some(length) => Some(self.0.take(length)),
            None => None,
        })
    }
}

/// Looks for the end of a value, and remembers how far it has looked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scan {
    seen: usize,
    depth: u32,
    in_text: bool,
    escaped: bool,
}

impl Scan {
    /// The length of the value that `bytes` begin with; `None` where it has not arrived whole. Braces
    /// and brackets are not told apart, since whoever reads the value sees that.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(byte) = bytes.get(self.seen) {
            self.seen += 1;
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_text = false;
                        if self.depth == 0 {
                            return Some(self.seen);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(self.seen);
                    }
                }
                // A number or a word ends in front of whatever follows it.
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => {
                    return Some(self.seen - 1);
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8], cut: usize) -> Result<Vec<String>, TableError> {
        let mut documents = Documents::new(100);
        let mut read = Vec::new();
        for piece in text.chunks(cut) {
            documents.push(piece);
            while let Some(document) = documents.next()? {
                read.push(String::from_utf8_lossy(document).into_owned());
            }
        }
        Ok(read)
    }

    #[test]
    fn any_cut_gives_the_same_documents() {
        let documents = [r#"{"a":"}\"{\\"}"#, "{}", r#"{"b":[{"c":1},[]],"d":null}"#];
        let text = documents.join(" \n");
        for cut in 1..text.len() {
            assert_eq!(read(text.as_bytes(), cut).unwrap(), documents, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_document_or_too_long_is_an_error() {
        assert!(matches!(read(b"k8s\0", 9), Err(TableError::Malformed)));
        assert!(matches!(read(b"[]", 9), Err(TableError::Malformed)));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(100));
        for cut in [1, 200] {
            assert!(matches!(read(long.as_bytes(), cut), Err(TableError::TooLong(100))));
        }
    }

    proptest! {
        #[test]
        fn garbage_ends(
            bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\ a1".to_vec()), 0..300),
            cut in 1_usize..50,
        ) {
            let _ = read(&bytes, cut);
        }
    }
}
