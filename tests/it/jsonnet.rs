//! What the jsonnet libraries know of the kinds, which is written from the catalog.
//!
//! `UPDATE_EXPECT=1 cargo test` writes it anew.

use kstate::catalog::KINDS;
use serde_json::json;
use std::{fs, path::Path};

#[test]
fn kinds_are_up_to_date() {
    let kind = |kind: &kstate::catalog::Kind| json!({ "resource": kind.names.plural, "group": kind.names.group, "default": kind.default });
    let kinds: Vec<_> = KINDS.iter().map(kind).collect();
    let expected = serde_json::to_string_pretty(&kinds).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("jsonnet/kstate/kinds.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &expected).unwrap();
    }
    let there = fs::read_to_string(&file).unwrap();
    assert!(there == expected, "{} is stale; UPDATE_EXPECT=1 cargo test writes it", file.display());
}
