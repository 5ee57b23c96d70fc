//! Both codecs read the same from the same objects. A real API server gave `codec/<kind>.json` and
//! `codec/<kind>.pb`; `tests/cluster/capture-codec-fixtures.py` captures them anew.

mod fixture;
mod mutation;

use fixture::Fixture;
use kstate::{
    catalog::{KINDS, Visitor, visit},
    resource::Resource,
    wire::{Context, decode, decode_json},
};

#[test]
fn protobuf_and_json_decode_to_equal_objects() {
    for kind in KINDS {
        let fixture = Fixture::read(kind.names.plural);
        visit(kind.names.plural, &mut Agreement(&fixture)).expect("the kind is in the catalog");
    }
}

struct Agreement<'a>(&'a Fixture);

impl Visitor for Agreement<'_> {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let context = Context::all();
        let plural = K::NAMES.plural;
        assert_eq!(self.0.kind, format!("{}List", K::NAMES.kind), "{plural}");
        assert!(self.0.objects.len() >= 3, "{plural}: {} objects are too few", self.0.objects.len());
        for (protobuf, json) in &self.0.objects {
            let from_protobuf: K = decode(protobuf, &context).unwrap_or_else(|e| panic!("{plural}: {e}"));
            let from_json: K = decode_json(json, &context).unwrap_or_else(|e| panic!("{plural}: {e}"));
            assert!(
                from_protobuf == from_json,
                "{plural}: protobuf (-) and JSON (+) differ:\n{}",
                difference(&format!("{from_protobuf:#?}"), &format!("{from_json:#?}"))
            );
            assert_ne!(from_protobuf, K::default(), "{plural}: nothing was decoded");
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
