//! Decodes a list as an API server sends it, in protobuf or in JSON, object by object.

#![no_main]

use kstate::{
    catalog::{KINDS, Visitor, visit},
    resource::Resource,
    wire::{Context, Fields, decode, decode_json, envelope},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    if let Ok((kind, list)) = envelope(body) {
        let mut fields = Fields(list);
        while let Ok(Some((number, field))) = fields.next() {
            if let (2, Ok(bytes)) = (number, field.bytes()) {
                object(kind, &mut Protobuf(bytes));
            }
        }
    } else if let Ok(list) = serde_json::from_slice::<Value>(body) {
        let kind = list["kind"].as_str().unwrap_or_default();
        for item in list["items"].as_array().into_iter().flatten() {
            object(kind, &mut Json(item.to_string()));
        }
    }
});

fn object(list: &str, visitor: &mut impl Visitor) {
    let kind = KINDS.iter().find(|kind| list.strip_suffix("List") == Some(kind.names.kind));
    if let Some(kind) = kind {
        visit(kind.names.plural, visitor);
    }
}

struct Protobuf<'a>(&'a [u8]);

impl Visitor for Protobuf<'_> {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let _ = decode::<K>(self.0, &Context::all());
    }
}

struct Json(String);

impl Visitor for Json {
    type Output = ();

    fn visit<K: Resource>(&mut self) {
        let _ = decode_json::<K>(self.0.as_bytes(), &Context::all());
    }
}
