//! A strict reader of the text format.

use kstate::exposition::MetricType;

/// A line with a value.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) name: String,
    /// Names and values in the order in which they were printed.
    pub(super) labels: Vec<(String, String)>,
}

/// Reads a text, or says which line of it is wrong.
pub(super) fn read(text: &str) -> Result<Vec<Sample>, String> {
    let mut samples = Vec::new();
    let mut family = String::new();
    for line in text.split_terminator('\n') {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, metric_type) = described.split_once(' ').ok_or(line)?;
            let known = [MetricType::Gauge, MetricType::Counter].map(MetricType::as_str);
            if !known.contains(&metric_type) {
                return Err(format!("the type of {line}"));
            }
            name.clone_into(&mut family);
        } else if !line.starts_with("# HELP ") {
            let sample = sample(line).ok_or_else(|| format!("the line {line:?}"))?;
            if sample.name != family {
                return Err(format!("{line:?} in the family {family}"));
            }
            samples.push(sample);
        }
    }
    Ok(samples)
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let name = line[..end].to_owned();
    let mut rest = &line[end..];
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
    is_number.then_some(Sample { name, labels })
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
