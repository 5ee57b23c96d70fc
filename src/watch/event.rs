//! The events of a watch.

use super::{api_status::ApiStatus, encoding::Item};
use crate::wire::{DecodeError, Field, Fields, envelope};
use std::borrow::Cow;

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WatchEvent<'a> {
    /// An object is new or has changed.
    Applied(Item<'a>),
    /// An object is gone; this is its last state.
    Deleted(Item<'a>),
    /// The watch has come so far.
    Bookmark(Head<'a>),
    /// The watch ends.
    Error(ApiStatus),
    /// Something that this program doesn't know.
    Unknown,
}

/// What an informer must know of an object's metadata.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// The object's name.
    pub(super) name: Cow<'a, str>,
    /// What decides in which shard it is.
    pub(super) uid: Cow<'a, str>,
    /// The state of the cluster with which the object came to be as it is.
    pub(super) version: Cow<'a, str>,
    /// True on the bookmark that ends the initial events of a streaming list.
    pub(super) ends_initial_events: bool,
}

/// The annotation of that bookmark.
pub(super) const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

impl<'a> WatchEvent<'a> {
    /// Reads a frame of a stream in protobuf.
    pub(super) fn parse(frame: &'a [u8]) -> Result<Self, DecodeError> {
        let (mut kind, mut object) = ("", &[][..]);
        let mut fields = Fields(frame);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => kind = field.text()?,
                2 => object = raw(field)?,
                _ => {}
            }
        }
        Ok(match kind {
            "ADDED" | "MODIFIED" => Self::Applied(Item::Protobuf(envelope(object)?.1)),
            "DELETED" => Self::Deleted(Item::Protobuf(envelope(object)?.1)),
            "BOOKMARK" => Self::Bookmark(Head::of(envelope(object)?.1)?),
            "ERROR" => Self::Error(ApiStatus::of_event(object)?),
            _ => Self::Unknown,
        })
    }
}

/// The bytes of a `runtime.RawExtension`.
fn raw(field: Field<'_>) -> Result<&[u8], DecodeError> {
    let mut bytes = &[][..];
    let mut fields = field.fields()?;
    while let Some((number, field)) = fields.next()? {
        if number == 1 {
            bytes = field.bytes()?;
        }
    }
    Ok(bytes)
}

impl<'a> Head<'a> {
    /// Reads the metadata of an object in protobuf: it is the first field of all kinds.
    pub(super) fn of(object: &'a [u8]) -> Result<Self, DecodeError> {
        let mut head = Self::default();
        let mut fields = Fields(object);
        while let Some((number, field)) = fields.next()? {
            if number == 1 {
                let mut metadata = field.fields()?;
                while let Some((number, field)) = metadata.next()? {
                    match number {
                        1 => head.name = field.text()?.into(),
                        5 => head.uid = field.text()?.into(),
                        6 => head.version = field.text()?.into(),
                        12 => head.ends_initial_events |= is_end_mark(field)?,
                        _ => {}
                    }
                }
                // Servers write it once and first; the rest of a large object needn't be seen.
                break;
            }
        }
        Ok(head)
    }
}

fn is_end_mark(annotation: Field<'_>) -> Result<bool, DecodeError> {
    let (mut key, mut value) = ("", "");
    let mut fields = annotation.fields()?;
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => key = field.text()?,
            2 => value = field.text()?,
            _ => {}
        }
    }
    Ok(key == INITIAL_EVENTS_END && value == "true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::tests::proto;
    use proptest::prelude::*;

    #[test]
    fn events_are_told_apart() {
        let object = proto::object("a", "7");
        let added = proto::event("ADDED", &proto::envelope("Thing", &object));
        assert_eq!(WatchEvent::parse(&added).unwrap(), WatchEvent::Applied(Item::Protobuf(&object)));
        assert_eq!(
            Head::of(&object).unwrap(),
            Head { name: "a".into(), uid: "a".into(), version: "7".into(), ends_initial_events: false }
        );
        let end = proto::event("BOOKMARK", &proto::envelope("Thing", &proto::end_mark("9")));
        let head = Head { version: "9".into(), ends_initial_events: true, ..Head::default() };
        assert_eq!(WatchEvent::parse(&end).unwrap(), WatchEvent::Bookmark(head));
        let error = proto::event("ERROR", &proto::envelope("Status", &proto::status(410, "Expired", "old")));
        let WatchEvent::Error(status) = WatchEvent::parse(&error).unwrap() else { panic!() };
        assert_eq!(status.to_string(), "410 Expired: old");
        assert_eq!(WatchEvent::parse(&proto::event("NEW", b"")).unwrap(), WatchEvent::Unknown);
        assert!(WatchEvent::parse(&proto::event("ADDED", b"{}")).is_err());
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_or_an_event(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = WatchEvent::parse(&bytes);
            let _ = Head::of(&bytes);
        }
    }
}
