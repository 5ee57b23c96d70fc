//! Objects, lists and events of one kind in the encoding and form that a client asked for.

use serde_json::{Value, json};

use super::codec::{self, Object, put_bytes};
use super::envelope::{Envelope, item_length, put_item};
use super::kinds::Kind;
use super::media::{Encoding, Form, Media};
use super::object::Stored;
use super::schema::Message;
use super::status::ApiError;
use super::tables;

/// The annotation of the bookmark that ends the initial events of a streaming list.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";
const META_V1: &str = "meta.k8s.io/v1";

/// Writes what is known of a kind.
#[derive(Debug)]
pub(super) struct Writer {
    kind: &'static Kind,
    media: Media,
    rows: Rows,
    envelope: Envelope,
    columns_are_known: bool,
}

/// What each row of a table holds of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Its metadata.
    Metadata,
    /// All of it.
    Whole,
    /// Nothing.
    Nothing,
}

impl Writer {
    /// A writer for one answer: a stream of tables tells its columns once.
    pub(super) fn new(kind: &'static Kind, media: Media, rows: Rows) -> Self {
        let envelope = match media.form {
            Form::Metadata => Envelope::new(META_V1, "PartialObjectMetadata"),
            Form::Whole | Form::Table => Envelope::new(&kind.group.to_string(), kind.name),
        };
        Self { kind, media, rows, envelope, columns_are_known: false }
    }

    /// Appends one object as a whole answer.
    pub(super) fn object(&mut self, object: &Stored, out: &mut Vec<u8>) {
        match self.media.encoding {
            Encoding::Protobuf => self.with_protobuf(object, |bytes| self.envelope.put(bytes, out)),
            Encoding::Json => put_json(&self.json(object), out),
        }
    }

    /// Appends an event of a watch.
    pub(super) fn event(&mut self, event: &str, object: &Stored, out: &mut Vec<u8>) {
        match self.media.encoding {
            Encoding::Protobuf => {
                self.with_protobuf(object, |bytes| self.envelope.put_event(event, bytes, out));
            }
            Encoding::Json => {
                let object = self.json(object);
                put_line(event, &object, out);
            }
        }
    }

    /// Appends a bookmark, the one that ends the initial events or a later one.
    pub(super) fn bookmark(&mut self, version: u64, ends_initial_events: bool, out: &mut Vec<u8>) {
        let mut metadata = json!({"resourceVersion": version.to_string()});
        if ends_initial_events {
            metadata["annotations"] = json!({INITIAL_EVENTS_END: "true"});
        }
        match self.media.encoding {
            Encoding::Protobuf => {
                // Every kind and the metadata alone begin with the same field.
                let object = encoded("PartialObjectMetadata", &json!({"metadata": metadata}));
                self.envelope.put_event("BOOKMARK", &object, out);
            }
            Encoding::Json if self.media.form == Form::Table => {
                let rows = match self.rows {
                    // The server shows the mark even to those who want no objects.
                    Rows::Nothing if ends_initial_events => Rows::Metadata,
                    rows => rows,
                };
                let row = self.row(Object::from_iter([("metadata".to_owned(), metadata)]), rows);
                let table = self.table(version, &[row]);
                put_line("BOOKMARK", &table, out);
            }
            Encoding::Json => {
                let mut object = Object::from_iter([("metadata".to_owned(), metadata)]);
                self.stamp(&mut object);
                put_line("BOOKMARK", &Value::Object(object), out);
            }
        }
    }

    /// Appends an `ERROR` event.
    pub(super) fn error(&self, error: &ApiError, out: &mut Vec<u8>) {
        match self.media.encoding {
            Encoding::Protobuf => {
                let status = encoded("Status", &Value::Object(error.status()));
                Envelope::new("v1", "Status").put_event("ERROR", &status, out);
            }
            Encoding::Json => put_line("ERROR", &status_json(error), out),
        }
    }

    /// Begins a list of these objects, whose items, appended with [`Writer::item`], follow.
    pub(super) fn list_head(
        &mut self,
        version: u64,
        next: Option<&str>,
        items: &[impl AsRef<Stored>],
        out: &mut Vec<u8>,
    ) {
        let mut metadata = json!({"resourceVersion": version.to_string()});
        if let Some(next) = next {
            metadata["continue"] = json!(next);
        }
        let (api_version, kind) = self.list_type();
        match self.media.encoding {
            Encoding::Protobuf => {
                let mut head = Vec::new();
                put_bytes(1, &encoded("ListMeta", &metadata), &mut head);
                let items = items.iter().map(|item| self.protobuf_length(item.as_ref()));
                let length = head.len() + items.map(item_length).sum::<usize>();
                Envelope::new(&api_version, &kind).put_head(length, out);
                out.extend_from_slice(&head);
            }
            Encoding::Json => {
                let (field, definitions) = if self.media.form == Form::Table {
                    let columns = tables::definitions(self.kind.columns);
                    ("rows", format!(r#""columnDefinitions":{columns},"#))
                } else {
                    ("items", String::new())
                };
                let head = format!(
                    r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},{definitions}"{field}":["#
                );
                out.extend_from_slice(head.as_bytes());
            }
        }
    }

    /// Appends an item of a list.
    pub(super) fn item(&mut self, item: &Stored, is_first: bool, out: &mut Vec<u8>) {
        match self.media.encoding {
            Encoding::Protobuf => self.with_protobuf(item, |bytes| put_item(bytes, out)),
            Encoding::Json => {
                if !is_first {
                    out.push(b',');
                }
                let item = match self.media.form {
                    Form::Whole => Value::Object(item.to_json(self.kind)),
                    Form::Metadata => self.json(item),
                    Form::Table => self.row(item.to_json(self.kind), self.rows),
                };
                put_json(&item, out);
            }
        }
    }

    /// Ends a list.
    pub(super) fn list_tail(&self, out: &mut Vec<u8>) {
        match self.media.encoding {
            Encoding::Protobuf => Envelope::put_tail(out),
            Encoding::Json => out.extend_from_slice(b"]}"),
        }
    }

    fn list_type(&self) -> (String, String) {
        match self.media.form {
            Form::Whole => (self.kind.group.to_string(), format!("{}List", self.kind.name)),
            Form::Metadata => (META_V1.to_owned(), "PartialObjectMetadataList".to_owned()),
            Form::Table => (META_V1.to_owned(), "Table".to_owned()),
        }
    }

    fn with_protobuf(&self, object: &Stored, write: impl FnOnce(&[u8])) {
        if self.media.form == Form::Metadata {
            let metadata = object.metadata();
            let mut bytes = Vec::with_capacity(metadata.len() + 4);
            put_bytes(1, metadata, &mut bytes);
            write(&bytes);
        } else {
            write(&object.bytes);
        }
    }

    fn protobuf_length(&self, object: &Stored) -> usize {
        if self.media.form == Form::Metadata {
            item_length(object.metadata().len())
        } else {
            object.bytes.len()
        }
    }

    fn json(&mut self, object: &Stored) -> Value {
        match self.media.form {
            Form::Whole => {
                let mut json = object.to_json(self.kind);
                self.stamp(&mut json);
                Value::Object(json)
            }
            Form::Metadata => partial(object.metadata_json()),
            Form::Table => {
                let row = self.row(object.to_json(self.kind), self.rows);
                self.table(object.version, &[row])
            }
        }
    }

    fn table(&mut self, version: u64, rows: &[Value]) -> Value {
        let mut table = json!({
            "kind": "Table",
            "apiVersion": META_V1,
            "metadata": {"resourceVersion": version.to_string()},
            "rows": rows,
        });
        let is_known = std::mem::replace(&mut self.columns_are_known, true);
        let columns = if is_known { Value::Null } else { tables::definitions(self.kind.columns) };
        table["columnDefinitions"] = columns;
        table
    }

    fn row(&self, object: Object, rows: Rows) -> Value {
        let mut object = Value::Object(object);
        let cells = tables::cells(self.kind.columns, &object);
        let shown = match rows {
            Rows::Nothing => Value::Null,
            Rows::Metadata => partial(object["metadata"].take()),
            Rows::Whole => {
                object["apiVersion"] = json!(self.kind.group.to_string());
                object["kind"] = json!(self.kind.name);
                object
            }
        };
        json!({"cells": cells, "object": shown})
    }

    fn stamp(&self, object: &mut Object) {
        let (api_version, kind) = match self.media.form {
            Form::Metadata => (META_V1.to_owned(), "PartialObjectMetadata"),
            Form::Whole | Form::Table => (self.kind.group.to_string(), self.kind.name),
        };
        object.insert("apiVersion".to_owned(), Value::String(api_version));
        object.insert("kind".to_owned(), json!(kind));
    }
}

/// An error as a whole answer.
pub(super) fn put_error(error: &ApiError, encoding: Encoding, out: &mut Vec<u8>) {
    match encoding {
        Encoding::Protobuf => {
            let status = encoded("Status", &Value::Object(error.status()));
            Envelope::new("v1", "Status").put(&status, out);
        }
        Encoding::Json => put_json(&status_json(error), out),
    }
}

fn status_json(error: &ApiError) -> Value {
    let mut status = error.status();
    status.insert("apiVersion".to_owned(), json!("v1"));
    status.insert("kind".to_owned(), json!("Status"));
    Value::Object(status)
}

fn partial(metadata: Value) -> Value {
    let mut partial = json!({"kind": "PartialObjectMetadata", "apiVersion": META_V1, "metadata": null});
    partial["metadata"] = metadata;
    partial
}

fn encoded(message: &str, object: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(object) = object.as_object() {
        codec::encode(Message::named(message), object, &mut bytes).expect("own objects follow the schema");
    }
    bytes
}

fn put_line(event: &str, object: &Value, out: &mut Vec<u8>) {
    put_json(&json!({"type": event, "object": object}), out);
    out.push(b'\n');
}

fn put_json(value: &Value, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("a tree of JSON is written to memory");
}
