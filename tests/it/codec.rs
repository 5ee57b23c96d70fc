//! Both codecs read the same from the same objects. A real API server gave `codec/<kind>.json` and
//! `codec/<kind>.pb`, or `codec/<kind>.table.json` where no more than a table is read; `tests/cluster/capture-codec-fixtures.py` captures them anew.

mod fixture;
mod mutation;

use fixture::Fixture;
use kstate::{
    catalog::{KINDS, Visitor, visit},
    resource::Resource,
    wire::{Context, Representation, decode_json},
};

#[test]
fn what_is_read_and_json_decode_to_equal_objects() {
    for kind in KINDS {
        visit(kind.names.plural, &mut Agreement).expect("the kind is in the catalog");
    }
}

struct Agreement;

impl Visitor for Agreement {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let context = Context::all();
        let plural = K::NAMES.plural;
        let fixture = Fixture::read::<K>();
        let kind = match K::REPRESENTATION {
            Representation::Object => format!("{}List", K::NAMES.kind),
            Representation::Metadata => "PartialObjectMetadataList".to_owned(),
            Representation::Table(_) => "Table".to_owned(),
        };
        assert_eq!(fixture.kind, kind, "{plural}");
        assert!(fixture.objects.len() >= 3, "{plural}: {} objects are too few", fixture.objects.len());
        for (read, json) in &fixture.objects {
            let read: K = fixture.decode(read, &context).unwrap_or_else(|e| panic!("{plural}: {e}"));
            let from_json: K = decode_json(json, &context).unwrap_or_else(|e| panic!("{plural}: {e}"));
            assert!(
                read == from_json,
                "{plural}: what is read (-) and JSON (+) differ:\n{}",
                difference(&format!("{read:#?}"), &format!("{from_json:#?}"))
            );
            assert_ne!(read, K::default(), "{plural}: nothing was decoded");
        }
    }
}

/// The lines that differ, those around them left out.
fn difference(left: &str, right: &str) -> String {
    let (mut left, mut right) = (left.lines().peekable(), right.lines().peekable());
    let mut text = String::new();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return text,
            (a, b) if a == b => {}
            (a, b) => {
                text.extend(a.map(|line| format!("- {line}\n")));
                text.extend(b.map(|line| format!("+ {line}\n")));
            }
        }
    }
}
