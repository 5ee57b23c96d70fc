//! Objects as rows of tables, in JSON: events and lists (`metav1.Table`).
//!
//! A server shows of an object what kubectl would print, with the object's metadata beside it.

mod documents;
mod page;

pub(super) use page::TablePage;

use super::{
    api_status::ApiStatus,
    encoding::{Events, Item},
    event::{Head, INITIAL_EVENTS_END, WatchEvent},
    failure::Failure,
};
use crate::wire::{Cell, Column, Columns, DecodeError};
use documents::Documents;
use serde::{Deserialize, de::Error as _};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// Why the bytes are no table.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    /// The server sends something else, which must not be read on.
    #[error("the server sends {0:?} instead of a table")]
    Kind(String),
    /// The structure of the text is broken.
    #[error("the table is malformed")]
    Malformed,
    /// An object, or another part of the table, is longer than allowed.
    #[error("a part of the table has more than {0} bytes")]
    TooLong(usize),
    /// The list's own metadata is broken.
    #[error("the table's metadata: {0}")]
    Metadata(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct RowHead<'a> {
    #[serde(borrow)]
    object: ObjectHead<'a>,
}

#[derive(Deserialize)]
struct ObjectHead<'a> {
    #[serde(borrow)]
    metadata: MetadataHead<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MetadataHead<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    resource_version: Cow<'a, str>,
    #[serde(borrow)]
    annotations: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
}

impl<'a> Head<'a> {
    /// Reads the metadata of an object in a row.
    pub(super) fn of_row(row: &'a [u8]) -> Result<Self, DecodeError> {
        let metadata = read::<RowHead<'a>>(row)?.object.metadata;
        let annotation = metadata.annotations.as_ref().and_then(|all| all.get(INITIAL_EVENTS_END));
        Ok(Self {
            name: metadata.name,
            uid: metadata.uid,
            version: metadata.resource_version,
            ends_initial_events: annotation.is_some_and(|value| value.get() == "\"true\""),
        })
    }
}

/// A stream of events whose objects are tables of one row.
#[derive(Debug)]
pub(super) struct TableEvents {
    documents: Documents,
    columns: Columns,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    column_definitions: Option<Vec<Column<'a>>>,
    #[serde(borrow, default)]
    rows: Option<Vec<&'a RawValue>>,
}

impl TableEvents {
    /// Events of at most `limit` bytes.
    pub(super) fn new(cell: Cell, limit: usize) -> Self {
        Self { documents: Documents::new(limit), columns: Columns::new(cell) }
    }
}

impl Events for TableEvents {
    fn push(&mut self, bytes: &[u8]) {
        self.documents.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Result<WatchEvent<'_>, DecodeError>>, Failure> {
        let Some(document) = self.documents.next()? else { return Ok(None) };
        match event(document, &mut self.columns) {
            Err(Unread::Malformed(error)) => Ok(Some(Err(error))),
            Err(Unread::NoTable(kind)) => Err(TableError::Kind(kind).into()),
            Ok(event) => Ok(Some(Ok(event))),
        }
    }
}

/// Why an event can't be read.
enum Unread {
    Malformed(DecodeError),
    /// Its object is of this kind.
    NoTable(String),
}

impl From<DecodeError> for Unread {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

fn event<'a>(document: &'a [u8], columns: &'a mut Columns) -> Result<WatchEvent<'a>, Unread> {
    let event: Event<'a> = read(document)?;
    let object = event.object.get().as_bytes();
    match &*event.r#type {
        "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" => {}
        "ERROR" => return Ok(WatchEvent::Error(ApiStatus::of_json(object)?)),
        _ => return Ok(WatchEvent::Unknown),
    }
    let table: Table<'a> = read(object)?;
    if table.kind != TABLE {
        return Err(Unread::NoTable(table.kind.into_owned()));
    }
    if let Some(described) = table.column_definitions.filter(|columns| !columns.is_empty()) {
        columns.describe(&described);
    }
    let row = table.rows.unwrap_or_default().first().copied();
    let row = row.ok_or_else(|| DecodeError::Json(serde_json::Error::custom("the table has no row")))?;
    let row = row.get().as_bytes();
    Ok(match &*event.r#type {
        "BOOKMARK" => WatchEvent::Bookmark(Head::of_row(row)?),
        "DELETED" => WatchEvent::Deleted(Item::Row(row, columns)),
        _ => WatchEvent::Applied(Item::Row(row, columns)),
    })
}

/// A table's `kind`.
const TABLE: &str = "Table";

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(bytes).map_err(DecodeError::Json)
}
