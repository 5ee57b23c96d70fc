//! What differs between the encodings in which objects travel.

use super::{
    event::{Head, WatchEvent},
    failure::Failure,
    frames::Frames,
    list::List,
    tables::{TableEvents, TablePage},
};
use crate::wire::{Columns, Context, Decode, DecodeError, ListMeta, LocalObject, Representation, decode};
use serde::de::DeserializeOwned;

/// An object that can be watched, however it travels.
pub trait Watched: Decode + DeserializeOwned + LocalObject + Send + 'static {}

impl<K: Decode + DeserializeOwned + LocalObject + Send + 'static> Watched for K {}

/// How a representation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Media {
    /// What lists accept.
    pub(super) list: &'static str,
    /// What streams of events accept.
    pub(super) events: &'static str,
    /// A parameter of the query.
    pub(super) parameter: Option<(&'static str, &'static str)>,
    /// The media type of all good answers.
    pub(super) answer: &'static str,
    /// The same in words.
    pub(super) name: &'static str,
}

pub(super) const OBJECT: Media = Media {
    list: PROTOBUF,
    events: "application/vnd.kubernetes.protobuf;stream=watch",
    parameter: None,
    answer: PROTOBUF,
    name: "protobuf",
};
const METADATA: Media = Media {
    list: "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    events: "application/vnd.kubernetes.protobuf;stream=watch;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    ..OBJECT
};
/// Nothing else is accepted, so that a server that knows no tables sends nothing.
const TABLE: Media = Media {
    list: "application/json;as=Table;g=meta.k8s.io;v=v1",
    events: "application/json;as=Table;g=meta.k8s.io;v=v1",
    parameter: Some(("includeObject", "Metadata")),
    answer: "application/json",
    name: "JSON",
};
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

impl Media {
    pub(super) fn of(representation: Representation) -> &'static Self {
        match representation {
            Representation::Object => &OBJECT,
            Representation::Metadata => &METADATA,
            Representation::Table(_) => &TABLE,
        }
    }
}

/// A stream of events, taken apart while it arrives.
pub(super) trait Events: Send {
    /// Adds what has arrived.
    fn push(&mut self, bytes: &[u8]);

    /// The next event; `None` until more has arrived. One that can't be read is an error of its own,
    /// after which the next one may follow.
    fn next(&mut self) -> Result<Option<Result<WatchEvent<'_>, DecodeError>>, Failure>;
}

/// Events with items of at most `limit` bytes.
pub(super) fn events(representation: Representation, limit: usize) -> Box<dyn Events> {
    match representation {
        Representation::Object | Representation::Metadata => Box::new(Frames::new(limit)),
        Representation::Table(cell) => Box::new(TableEvents::new(cell, limit)),
    }
}

/// A part of a list, or all of it, taken apart while it arrives.
pub(super) trait Page: Send {
    /// Adds what has arrived.
    fn push(&mut self, bytes: &[u8]);

    /// The next item; `None` until more has arrived.
    fn next(&mut self) -> Result<Option<Item<'_>>, Failure>;

    /// The list's metadata once the body has ended; `None` where it ended too early.
    fn finish(self: Box<Self>) -> Option<ListMeta>;
}

/// A page with items of at most `limit` bytes.
pub(super) fn page(representation: Representation, limit: usize) -> Box<dyn Page> {
    match representation {
        Representation::Object | Representation::Metadata => Box::new(List::new(limit)),
        Representation::Table(cell) => Box::new(TablePage::new(cell, limit)),
    }
}

/// An object as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// In protobuf.
    Protobuf(&'a [u8]),
    /// As a row of a table, in JSON.
    Row(&'a [u8], &'a Columns),
}

impl<'a> Item<'a> {
    /// What an informer must know of it.
    pub(super) fn head(self) -> Result<Head<'a>, DecodeError> {
        match self {
            Self::Protobuf(bytes) => Head::of(bytes),
            Self::Row(row, _) => Head::of_row(row),
        }
    }

    /// The object.
    pub(super) fn object<K: Watched>(self, context: &Context) -> Result<K, DecodeError> {
        match self {
            Self::Protobuf(bytes) => decode(bytes, context),
            Self::Row(row, columns) => columns.object(row, context),
        }
    }
}

impl Events for Frames {
    fn push(&mut self, bytes: &[u8]) {
        Frames::push(self, bytes);
    }

    fn next(&mut self) -> Result<Option<Result<WatchEvent<'_>, DecodeError>>, Failure> {
        Ok(Frames::next(self)?.map(WatchEvent::parse))
    }
}

impl Page for List {
    fn push(&mut self, bytes: &[u8]) {
        List::push(self, bytes);
    }

    fn next(&mut self) -> Result<Option<Item<'_>>, Failure> {
        Ok(List::next(self)?.map(Item::Protobuf))
    }

    fn finish(self: Box<Self>) -> Option<ListMeta> {
        List::finish(*self)
    }
}
