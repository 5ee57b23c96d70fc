//! A strict reader of the text format.

use kstate::compare::{self, Line, read_line};

/// A family as it is printed.
#[derive(Debug, PartialEq)]
pub(crate) struct Family {
    /// The metric's name.
    pub(crate) name: String,
    /// Such as `gauge`.
    pub(crate) metric_type: String,
    /// The samples in their order.
    pub(crate) samples: Vec<Sample>,
}

/// A sample.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    /// The line.
    pub(crate) line: String,
    /// Names and values in the order in which they were printed.
    pub(crate) labels: Vec<(String, String)>,
}

/// The families of a text that is known to be good.
pub(crate) fn parse(text: &str) -> Vec<Family> {
    read(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads a text, or says what is wrong with it.
pub(crate) fn read(text: &str) -> Result<Vec<Family>, String> {
    let mut families: Vec<Family> = Vec::new();
    for line in text.split_terminator('\n') {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, metric_type) = described.split_once(' ').ok_or(line)?;
            let (name, metric_type) = (name.to_owned(), metric_type.to_owned());
            families.push(Family { name, metric_type, samples: Vec::new() });
        } else if !line.starts_with("# HELP ") {
            let (name, labels) = sample(line).ok_or_else(|| format!("the line {line:?}"))?;
            let family = families.last_mut().ok_or_else(|| format!("{line:?} without a type"))?;
            if !family.has(name) {
                return Err(format!("{line:?} in the family {}", family.name));
            }
            family.samples.push(Sample { line: line.to_owned(), labels });
        }
    }
    Ok(families)
}

impl Family {
    /// Whether samples of the family may be called so.
    fn has(&self, name: &str) -> bool {
        match name.strip_prefix(self.name.as_str()) {
            Some("_bucket" | "_sum" | "_count") => self.metric_type == "histogram",
            suffix => suffix == Some(""),
        }
    }
}

/// The name of a sample, and its labels. The line must be written in the one way in which exporters
/// write it.
fn sample(line: &str) -> Option<(&str, Vec<(String, String)>)> {
    let Ok(Line::Sample(compare::Sample { name, labels, written, .. })) = read_line(line) else {
        return None;
    };
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let pairs = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) };
    let reserved = labels.iter().any(|(name, _)| name.starts_with("__"));
    let is_number = matches!(written, "NaN" | "+Inf" | "-Inf")
        || written.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if reserved || !is_number || line != format!("{name}{pairs} {written}") {
        return None;
    }
    Some((name, labels.into_iter().map(|(name, value)| (name.to_owned(), unescaped(value))).collect()))
}

/// A value without its escapes, which were found to be those of the format.
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                escaped => escaped.expect("a backslash escapes something"),
            },
            char => char,
        });
    }
    text
}
