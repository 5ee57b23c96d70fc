//! What a real API server answered when it was asked for the same list in both encodings.

use kstate::wire::{Fields, envelope};
use serde_json::Value;
use std::{fs, path::Path};

/// The objects of one kind.
pub(crate) struct Fixture {
    /// The list's own kind, such as `PodList`.
    pub(crate) kind: String,
    /// Each object in protobuf and in JSON.
    pub(crate) objects: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Fixture {
    /// Reads the fixture of a kind; a missing one fails the test.
    pub(crate) fn read(plural: &str) -> Self {
        let protobuf = read(plural, "pb");
        let (kind, list) = envelope(&protobuf).expect("the body is in Kubernetes' protobuf encoding");
        let mut items = Vec::new();
        let mut fields = Fields(list);
        while let Some((number, field)) = fields.next().expect("the list is sound") {
            if number == 2 {
                items.push(field.bytes().expect("an item is a message").to_vec());
            }
        }
        let list: Value = serde_json::from_slice(&read(plural, "json")).expect("the body is JSON");
        let objects = list["items"].as_array().expect("the list has items");
        assert_eq!(items.len(), objects.len(), "{plural}: the lists are of different length");
        let json = objects.iter().map(|object| serde_json::to_vec(object).expect("a value is JSON"));
        Self { kind: kind.to_owned(), objects: items.into_iter().zip(json).collect() }
    }
}

fn read(plural: &str, extension: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/codec");
    let file = folder.join(plural).with_extension(extension);
    fs::read(&file).unwrap_or_else(|e| {
        panic!("{}: {e}; tests/cluster/capture-codec-fixtures.py captures it", file.display())
    })
}
