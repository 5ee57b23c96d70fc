//! The protobuf envelopes of the API: single objects, lists and watch events.
//!
//! A body is `k8s\0` and a `runtime.Unknown`, which holds the type and the object's bytes. A watch is a row of
//! frames, each a length of four bytes, big-endian, and a `meta/v1.WatchEvent`, which stands without an envelope
//! of its own but holds the object in one.

use super::codec::{put_bytes, put_varint, varint_length};

const MAGIC: &[u8] = b"k8s\0";
/// `contentEncoding` and `contentType` of `runtime.Unknown`, which the API server writes even when empty.
const UNKNOWN_TAIL: &[u8] = b"\x1a\x00\x22\x00";
/// The key of `Unknown.raw`, `WatchEvent.object` and the items of all lists.
const SECOND_FIELD: u8 = 0x12;
/// The key of `RawExtension.raw`.
const FIRST_FIELD: u8 = 0x0a;

/// The envelope of objects of one type.
#[derive(Debug)]
pub(super) struct Envelope {
    /// Magic and type, which are the same for all objects.
    head: Vec<u8>,
}

impl Envelope {
    /// The envelope for a type.
    pub(super) fn new(api_version: &str, kind: &str) -> Self {
        let mut type_meta = Vec::new();
        put_bytes(1, api_version.as_bytes(), &mut type_meta);
        put_bytes(2, kind.as_bytes(), &mut type_meta);
        let mut head = MAGIC.to_vec();
        put_bytes(1, &type_meta, &mut head);
        Self { head }
    }

    /// Appends an object in its envelope.
    pub(super) fn put(&self, object: &[u8], out: &mut Vec<u8>) {
        self.put_head(object.len(), out);
        out.extend_from_slice(object);
        Self::put_tail(out);
    }

    /// Appends a watch event with its length in front.
    pub(super) fn put_event(&self, event: &str, object: &[u8], out: &mut Vec<u8>) {
        let enveloped = self.length(object.len());
        let extension = 1 + varint_length(enveloped as u64) + enveloped;
        let length = 2 + event.len() + 1 + varint_length(extension as u64) + extension;
        // No object comes near 4 GiB: the real server stops at a few megabytes.
        out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        put_bytes(1, event.as_bytes(), out);
        out.push(SECOND_FIELD);
        put_varint(extension as u64, out);
        out.push(FIRST_FIELD);
        put_varint(enveloped as u64, out);
        self.put(object, out);
    }

    /// Appends what stands before an object of this length.
    pub(super) fn put_head(&self, length: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.push(SECOND_FIELD);
        put_varint(length as u64, out);
    }

    /// Appends what stands after an object.
    pub(super) fn put_tail(out: &mut Vec<u8>) {
        out.extend_from_slice(UNKNOWN_TAIL);
    }

    fn length(&self, object: usize) -> usize {
        self.head.len() + 1 + varint_length(object as u64) + object + UNKNOWN_TAIL.len()
    }
}

/// The length of an item of a list with its key and length.
pub(super) fn item_length(item: usize) -> usize {
    1 + varint_length(item as u64) + item
}

/// Appends an item of a list.
pub(super) fn put_item(item: &[u8], out: &mut Vec<u8>) {
    put_bytes(2, item, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_stands_between_type_and_tail() {
        let mut out = Vec::new();
        Envelope::new("v1", "Pod").put(b"xyz", &mut out);
        assert_eq!(out, b"k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x03xyz\x1a\x00\x22\x00");
    }

    #[test]
    fn lengths_of_events_fit_whatever_the_size_of_the_object() {
        let envelope = Envelope::new("apps/v1", "Deployment");
        for size in [0, 1, 80, 127, 128, 16_300, 16_384, 3_000_000] {
            let mut out = Vec::new();
            envelope.put_event("MODIFIED", &vec![7; size], &mut out);
            let (length, mut event) = out.split_first_chunk::<4>().unwrap();
            assert_eq!(u32::from_be_bytes(*length) as usize, event.len(), "{size}");
            assert_eq!(super::super::codec::find(1, event), Some(&b"MODIFIED"[..]));
            event = super::super::codec::find(2, event).unwrap();
            event = super::super::codec::find(1, event).unwrap();
            let unknown = event.strip_prefix(b"k8s\0").unwrap();
            assert_eq!(super::super::codec::find(2, unknown).unwrap().len(), size);
        }
    }

    #[test]
    fn the_length_of_an_item_is_foretold() {
        for size in [0, 127, 128, 20_000] {
            let mut out = Vec::new();
            put_item(&vec![0; size], &mut out);
            assert_eq!(out.len(), item_length(size));
        }
    }
}
