//! A list in protobuf, taken apart while it arrives.

use super::frames::Backlog;
use crate::wire::{Context, DecodeError, ListMeta, decode};

/// Why the bytes are no list.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    /// The body is not in Kubernetes' protobuf encoding.
    #[error("the list is not in Kubernetes' protobuf encoding")]
    Magic,
    /// The structure of the list is broken.
    #[error("the list is malformed")]
    Malformed,
    /// An item is longer than allowed.
    #[error("an object of the list claims to have {0} bytes")]
    TooLong(u64),
    /// The list's own metadata is broken.
    #[error("the list's metadata: {0}")]
    Metadata(#[source] DecodeError),
}

/// Takes a list apart: `k8s\0`, then a `runtime.Unknown` whose `raw` holds the list's metadata and
/// its items in any order. No more than one item is ever held.
#[derive(Debug)]
pub(super) struct List {
    backlog: Backlog,
    /// The longest item, in bytes.
    limit: usize,
    place: Place,
    /// Bytes still to be passed over.
    skip: u64,
    metadata: ListMeta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In front of the magic number.
    Start,
    /// Between the fields of the envelope.
    Envelope {
        /// Whether the list was passed.
        done: bool,
    },
    /// Between the fields of the list, with so many bytes of it to come.
    List(u64),
}

const MAGIC: &[u8] = b"k8s\0";
/// `runtime.Unknown`'s bytes of the list.
const RAW: u64 = 2;
/// A list's `ListMeta`.
const METADATA: u64 = 1;
/// A list's items, in all kinds of lists.
const ITEMS: u64 = 2;

impl List {
    /// A list whose items have at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            backlog: Backlog::default(),
            limit,
            place: Place::Start,
            skip: 0,
            metadata: ListMeta::default(),
        }
    }

    /// Adds what has arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.backlog.push(bytes);
    }

    /// The next item; `None` until more has arrived.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, ListError> {
        loop {
            if !self.pass_over() {
                return Ok(None);
            }
            match self.place {
                Place::Start => {
                    if self.backlog.rest().len() < MAGIC.len() {
                        return Ok(None);
                    }
                    if self.backlog.take(0, MAGIC.len()) != MAGIC {
                        return Err(ListError::Magic);
                    }
                    self.place = Place::Envelope { done: false };
                }
                Place::List(0) => self.place = Place::Envelope { done: true },
                Place::Envelope { done } => {
                    let Some(header) = Header::read(self.backlog.rest())? else { return Ok(None) };
                    self.backlog.take(0, header.size);
                    if !done && header.number == RAW && header.is_bytes {
                        self.place = Place::List(header.length);
                    } else {
                        self.skip = header.length;
                    }
                }
                Place::List(left) => {
                    let Some(header) = Header::read(self.backlog.rest())? else { return Ok(None) };
                    let whole = header.length.saturating_add(header.size as u64);
                    let left = left.checked_sub(whole).ok_or(ListError::Malformed)?;
                    if !header.is_bytes || !matches!(header.number, METADATA | ITEMS) {
                        self.backlog.take(0, header.size);
                        self.skip = header.length;
                        self.place = Place::List(left);
                        continue;
                    }
                    let fits = usize::try_from(header.length).ok().filter(|length| *length <= self.limit);
                    let whole = fits.ok_or(ListError::TooLong(header.length))? + header.size;
                    if self.backlog.rest().len() < whole {
                        return Ok(None);
                    }
                    self.place = Place::List(left);
                    if header.number == ITEMS {
                        return Ok(Some(self.backlog.take(header.size, whole)));
                    }
                    let bytes = self.backlog.take(header.size, whole);
                    self.metadata = decode(bytes, &Context::default()).map_err(ListError::Metadata)?;
                }
            }
        }
    }

    /// The list's metadata once the body has ended; `None` where it ended too early.
    pub(super) fn finish(self) -> Option<ListMeta> {
        let done = self.place == Place::Envelope { done: true };
        let whole = done && self.skip == 0 && self.backlog.rest().is_empty();
        (whole && !self.metadata.resource_version.is_empty()).then_some(self.metadata)
    }

    /// False where more has to be passed over than has arrived.
    fn pass_over(&mut self) -> bool {
        let there = self.backlog.rest().len();
        let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(there);
        self.backlog.take(0, passed);
        self.skip -= passed as u64;
        self.backlog.release();
        self.skip == 0
    }
}

/// The start of a field.
#[derive(Debug, Clone, Copy)]
struct Header {
    number: u64,
    is_bytes: bool,
    /// The bytes of the header itself.
    size: usize,
    /// The bytes after it.
    length: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Option<Self>, ListError> {
        let Some((tag, tag_size)) = varint(bytes)? else { return Ok(None) };
        let header = |length, size| Self { number: tag >> 3, is_bytes: tag & 7 == 2, size, length };
        Ok(Some(match tag & 7 {
            kind @ (0 | 2) => {
                let Some((value, size)) = varint(&bytes[tag_size..])? else { return Ok(None) };
                header(if kind == 2 { value } else { 0 }, tag_size + size)
            }
            1 => header(8, tag_size),
            5 => header(4, tag_size),
            _ => return Err(ListError::Malformed),
        }))
    }
}

/// A varint and its size; `None` where it has not arrived whole.
fn varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, ListError> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (index * 7);
        if *byte < 0x80 {
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() < 10 { Ok(None) } else { Err(ListError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::tests::proto;
    use proptest::prelude::*;

    fn read(bytes: &[u8], cut: usize) -> Result<(Vec<Vec<u8>>, Option<ListMeta>), ListError> {
        let mut list = List::new(1000);
        let mut items = Vec::new();
        for chunk in bytes.chunks(cut) {
            list.push(chunk);
            while let Some(item) = list.next()? {
                items.push(item.to_vec());
            }
        }
        Ok((items, list.finish()))
    }

    #[test]
    fn metadata_may_come_after_the_items() {
        let items: Vec<Vec<u8>> = (0..3).map(|n| proto::object(&format!("o{n}"), "5")).collect();
        for metadata_last in [false, true] {
            let body = proto::list("ThingList", "17", "next", &items, metadata_last);
            for cut in [1, 2, 3, 7, 4096] {
                let (read, metadata) = read(&body, cut).unwrap();
                assert_eq!(read, items);
                let metadata = metadata.unwrap();
                assert_eq!((&*metadata.resource_version, &*metadata.r#continue), ("17", "next"));
            }
            for end in 0..body.len() {
                // The last field of the envelope may be missing as well as it may be there.
                let whole = read(&body[..end], 4096).unwrap().1.is_some();
                assert!(!whole || end >= body.len() - proto::AFTER_RAW, "cut at {end} of {}", body.len());
            }
        }
    }

    proptest! {
        #[test]
        fn garbage_ends(
            bytes in prop::collection::vec(any::<u8>(), 0..500),
            cut in 1_usize..100,
            prefix in prop::sample::select(vec![&b""[..], b"k8s\0", b"k8s\0\x12\xff\x7f"]),
        ) {
            let _ = read(&[prefix, &bytes].concat(), cut);
        }

        #[test]
        fn a_changed_byte_is_no_panic(at in 0_usize..200, byte in any::<u8>()) {
            let items: Vec<Vec<u8>> = (0..5).map(|n| proto::object(&format!("o{n}"), "5")).collect();
            let mut body = proto::list("ThingList", "17", "", &items, false);
            let at = at % body.len();
            body[at] = byte;
            let _ = read(&body, 11);
        }
    }
}
