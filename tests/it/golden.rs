//! The golden files of the kinds, read as a scraper would; no tests of its own.

use std::{fs, path::Path};

/// What a golden file has of a family.
#[derive(Debug)]
pub(crate) struct GoldenFamily {
    /// The metric's name.
    pub(crate) name: String,
    /// The samples in their order.
    pub(crate) samples: Vec<Sample>,
}

/// A sample.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The line.
    pub(crate) line: String,
    /// Label names with their values, still escaped.
    pub(crate) labels: Vec<(String, String)>,
}

/// The families of a kind's golden file.
pub(crate) fn families(plural: &str) -> Vec<GoldenFamily> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/resources/testdata/{plural}.prom"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parse(&text)
}

/// Reads an exposition.
pub(crate) fn parse(text: &str) -> Vec<GoldenFamily> {
    let mut families: Vec<GoldenFamily> = Vec::new();
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let name = described.split(' ').next().unwrap().to_owned();
            families.push(GoldenFamily { name, samples: Vec::new() });
        } else if !line.starts_with('#') {
            families.last_mut().unwrap().samples.push(sample(line));
        }
    }
    families
}

fn sample(line: &str) -> Sample {
    let mut labels = Vec::new();
    let mut rest = line.split_once('{').map_or("", |(_, rest)| rest);
    while let Some((name, behind)) = rest.trim_start_matches(',').split_once("=\"") {
        let end = value_end(behind);
        labels.push((name.to_owned(), behind[..end].to_owned()));
        rest = &behind[end + 1..];
    }
    Sample { line: line.to_owned(), labels }
}

/// Where the quote stands that ends a label's value.
fn value_end(text: &str) -> usize {
    let mut escaped = false;
    text.bytes()
        .position(|byte| {
            let end = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            end
        })
        .unwrap()
}
