//! A strict reader of the text format.

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

/// The name of a sample, and its labels.
fn sample(line: &str) -> Option<(&str, Vec<(String, String)>)> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels: Vec<(String, String)> = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = unquoted(after)?;
            if !is_label_name(label) || labels.iter().any(|(other, _)| other == label) {
                return None;
            }
            labels.push((label.to_owned(), value));
            if let Some(after) = after.strip_prefix('}') {
                rest = after;
                break;
            }
            rest = after.strip_prefix(',')?;
        }
    }
    let value = rest.strip_prefix(' ')?;
    let is_number = matches!(value, "NaN" | "+Inf" | "-Inf")
        || (value.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && value.parse::<f64>().is_ok());
    is_number.then_some((name, labels))
}

/// A value in front of its closing quote, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                _ => return None,
            }),
            _ => value.push(char),
        }
    }
    None
}

fn is_label_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with("__")
}
