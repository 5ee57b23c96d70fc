//! The golden files of the kinds, read as a scraper would; no tests of its own.

use crate::exposition::{Family, parse};
use std::{fs, path::Path};

/// The families of a kind's golden file.
pub(crate) fn families(plural: &str) -> Vec<Family> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/resources/testdata/{plural}.prom"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parse(&text)
}
