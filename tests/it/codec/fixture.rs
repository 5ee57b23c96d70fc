//! What a real API server answered when it was asked for the same list as it is read, and in JSON.

use kstate::{
    resource::Resource,
    wire::{Column, Columns, Context, DecodeError, Fields, Representation, decode, envelope},
};
use serde_json::Value;
use std::{fs, path::Path};

/// The objects of one kind.
pub(crate) struct Fixture {
    /// The list's own kind, such as `PodList`.
    pub(crate) kind: String,
    /// Each object as it is read, which is in protobuf as a rule, and in JSON.
    pub(crate) objects: Vec<(Vec<u8>, Vec<u8>)>,
    /// The columns, where objects are read as rows of a table.
    columns: Option<Columns>,
}

impl Fixture {
    /// Reads the fixture of a kind; a missing one fails the test.
    pub(crate) fn read<K: Resource>() -> Self {
        let plural = K::NAMES.plural;
        let (kind, items, columns) = match K::REPRESENTATION {
            Representation::Object | Representation::Metadata => {
                let (kind, items) = protobuf(&read(plural, "pb"));
                (kind, items, None)
            }
            Representation::Table(cell) => table(&read(plural, "table.json"), Columns::new(cell)),
        };
        let list: Value = serde_json::from_slice(&read(plural, "json")).expect("the body is JSON");
        let objects = texts(&list["items"]);
        assert_eq!(items.len(), objects.len(), "{plural}: the lists are of different length");
        Self { kind, objects: items.into_iter().zip(objects).collect(), columns }
    }

    /// Decodes an object as it is read.
    pub(crate) fn decode<K: Resource>(&self, bytes: &[u8], context: &Context) -> Result<K, DecodeError> {
        match &self.columns {
            None => decode(bytes, context),
            Some(columns) => columns.object(bytes, context),
        }
    }
}

/// The kind and the items of a list in protobuf.
fn protobuf(body: &[u8]) -> (String, Vec<Vec<u8>>) {
    let (kind, list) = envelope(body).expect("the body is in Kubernetes' protobuf encoding");
    let mut items = Vec::new();
    let mut fields = Fields(list);
    while let Some((number, field)) = fields.next().expect("the list is sound") {
        if number == 2 {
            items.push(field.bytes().expect("an item is a message").to_vec());
        }
    }
    (kind.to_owned(), items)
}

/// The kind, the rows and the columns of a table.
fn table(body: &[u8], mut columns: Columns) -> (String, Vec<Vec<u8>>, Option<Columns>) {
    let table: Value = serde_json::from_slice(body).expect("the body is JSON");
    let definitions = texts(&table["columnDefinitions"]);
    let described: Vec<Column<'_>> = definitions
        .iter()
        .map(|column| serde_json::from_slice(column).expect("a column has a name"))
        .collect();
    columns.describe(&described);
    let kind = table["kind"].as_str().expect("a table says that it is one");
    (kind.to_owned(), texts(&table["rows"]), Some(columns))
}

fn texts(values: &Value) -> Vec<Vec<u8>> {
    let values = values.as_array().expect("a list has items");
    values.iter().map(|value| serde_json::to_vec(value).expect("a value is JSON")).collect()
}

fn read(plural: &str, extension: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/codec");
    let file = folder.join(plural).with_extension(extension);
    fs::read(&file).unwrap_or_else(|e| {
        panic!("{}: {e}; `tests/cluster/capture-codec-fixtures.py {plural}` captures it", file.display())
    })
}
