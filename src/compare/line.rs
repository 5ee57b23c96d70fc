//! A line of exposition, read strictly, in the text format and in OpenMetrics.

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Line<'t> {
    /// What a family is about.
    Help {
        /// The family.
        family: &'t str,
        /// The text, with its escapes.
        text: &'t str,
    },
    /// The type of a family.
    Type {
        /// The family.
        family: &'t str,
        /// Such as `gauge`.
        metric_type: &'t str,
    },
    /// A sample.
    Sample(Sample<'t>),
    /// The end mark of `OpenMetrics`; a comment in the text format.
    End,
    /// A comment, a unit or an empty line.
    Nothing,
}

/// A sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'t> {
    /// The metric's name, with suffixes such as `_bucket`.
    pub name: &'t str,
    /// Names and values, the latter with their escapes: each value has one notation only.
    pub labels: Vec<(&'t str, &'t str)>,
    /// The value as it is written.
    pub written: &'t str,
    /// The value.
    pub value: f64,
    /// When it was taken, as it is written: milliseconds in the text format, seconds in `OpenMetrics`.
    /// Empty where it doesn't say.
    pub timestamp: &'t str,
}

/// Why a line is not one of an exposition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// There is no name where there should be one.
    #[error("a metric's name was expected at {0:?}")]
    MetricName(String),
    /// There is no label where there should be one.
    #[error("a label was expected at {0:?}")]
    Label(String),
    /// A value of a label that does not end, or has an unknown escape.
    #[error("the value of the label {0:?} has no end or an unknown escape")]
    LabelValue(String),
    /// A label that stands there twice.
    #[error("the label {0:?} is there twice")]
    RepeatedLabel(String),
    /// The value is no number.
    #[error("{0:?} is no value")]
    Value(String),
    /// A type without a family, or the other way round.
    #[error("a family and its type were expected")]
    Type,
}

/// Reads a line, which has no line break.
pub fn read_line(line: &str) -> Result<Line<'_>, SyntaxError> {
    let line = blanks(line);
    if let Some(comment) = line.strip_prefix('#') {
        return declaration(comment);
    }
    if line.is_empty() { Ok(Line::Nothing) } else { sample(line).map(Line::Sample) }
}

fn declaration(comment: &str) -> Result<Line<'_>, SyntaxError> {
    if comment == " EOF" {
        return Ok(Line::End);
    }
    let (keyword, rest) = word(blanks(comment));
    let (family, rest) = word(blanks(rest));
    match keyword {
        "TYPE" => {
            let (metric_type, rest) = word(blanks(rest));
            let whole = is_name(family, ":") && !metric_type.is_empty() && blanks(rest).is_empty();
            if whole { Ok(Line::Type { family, metric_type }) } else { Err(SyntaxError::Type) }
        }
        "HELP" if is_name(family, ":") => Ok(Line::Help { family, text: blanks(rest) }),
        "HELP" => Err(SyntaxError::MetricName(family.to_owned())),
        _ => Ok(Line::Nothing),
    }
}

fn sample(line: &str) -> Result<Sample<'_>, SyntaxError> {
    let (name, rest) = line.split_at(line.find(['{', ' ', '\t']).unwrap_or(line.len()));
    if !is_name(name, ":") {
        return Err(SyntaxError::MetricName(start(line)));
    }
    let rest = blanks(rest);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    let (written, rest) = word(blanks(rest));
    let value = written.parse().map_err(|_| SyntaxError::Value(written.to_owned()))?;
    // A timestamp, and an exemplar of OpenMetrics, may follow.
    let (timestamp, rest) = match blanks(rest) {
        exemplar if exemplar.starts_with('#') => ("", ""),
        more => word(more),
    };
    let rest = blanks(rest);
    if !(timestamp.is_empty() || timestamp.parse::<f64>().is_ok()) {
        return Err(SyntaxError::Value(timestamp.to_owned()));
    }
    if !(rest.is_empty() || rest.starts_with('#')) {
        return Err(SyntaxError::Value(start(rest)));
    }
    Ok(Sample { name, labels, written, value, timestamp })
}

type Labels<'t> = Vec<(&'t str, &'t str)>;

/// The labels up to the closing brace, and what follows it.
fn labels(inside: &str) -> Result<(Labels<'_>, &str), SyntaxError> {
    let mut labels = Labels::new();
    let mut rest = blanks(inside);
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        let expected = || SyntaxError::Label(start(rest));
        let (name, after) = rest.split_once('=').ok_or_else(expected)?;
        let name = name.trim_end_matches([' ', '\t']);
        if !is_name(name, "") {
            return Err(expected());
        }
        if labels.iter().any(|(other, _)| *other == name) {
            return Err(SyntaxError::RepeatedLabel(name.to_owned()));
        }
        let value = blanks(after).strip_prefix('"').ok_or_else(expected)?;
        let end = closing_quote(value).ok_or_else(|| SyntaxError::LabelValue(name.to_owned()))?;
        labels.push((name, &value[..end]));
        rest = blanks(&value[end + 1..]);
        match rest.strip_prefix(',') {
            Some(after) => rest = blanks(after),
            None if rest.starts_with('}') => {}
            None => return Err(SyntaxError::Label(start(rest))),
        }
    }
}

/// Where the quote is that ends a value. The escapes in front of it are those of the format.
fn closing_quote(value: &str) -> Option<usize> {
    let bytes = value.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' if matches!(bytes.get(at + 1)?, b'\\' | b'"' | b'n') => at += 2,
            b'\\' => return None,
            _ => at += 1,
        }
    }
}

/// Whether a text is a name of letters, digits, underscores and some other characters, which doesn't
/// begin with a digit.
fn is_name(text: &str, others: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || others.as_bytes().contains(&b))
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// What stands in front of the next blank, and the rest.
fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find([' ', '\t']).unwrap_or(text.len()))
}

/// As much of a text as a message shows.
fn start(text: &str) -> String {
    const SHOWN: usize = 40;
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_in_all_notations() {
        for (line, labels, value) in [
            (r"a 1", &[][..], 1.0),
            (r"a{} 1e+06", &[], 1e6),
            (r#"a:b{x="1",y=""} -0.5"#, &[("x", "1"), ("y", "")], -0.5),
            (r#"a{x="}, \" \\ \n ="} +Inf 1395066363000"#, &[("x", r#"}, \" \\ \n ="#)], f64::INFINITY),
            ("\ta { x = \"ä b\" , }  3.25  ", &[("x", "ä b")], 3.25),
            (r#"a{le="1"} 17 1.5 # {trace="b"} 0.6"#, &[("le", "1")], 17.0),
            (r#"a{le="1"} 17 # {trace="b"} 0.6"#, &[("le", "1")], 17.0),
        ] {
            let Ok(Line::Sample(sample)) = read_line(line) else { panic!("{line}") };
            assert_eq!((&*sample.labels, sample.value), (labels, value), "{line}");
        }
        let Ok(Line::Sample(sample)) = read_line("a NaN") else { panic!() };
        assert!(sample.value.is_nan() && sample.written == "NaN" && sample.timestamp.is_empty());
        let Ok(Line::Sample(sample)) = read_line("a 1 1395066363000 ") else { panic!() };
        assert_eq!(sample.timestamp, "1395066363000");
    }

    #[test]
    fn declarations_and_comments_are_told_apart() {
        for (line, want) in [
            ("# TYPE a counter", Line::Type { family: "a", metric_type: "counter" }),
            ("#\tTYPE  a  gauge ", Line::Type { family: "a", metric_type: "gauge" }),
            (r"# HELP a:b What \\ is.", Line::Help { family: "a:b", text: r"What \\ is." }),
            ("# HELP a", Line::Help { family: "a", text: "" }),
            ("# EOF", Line::End),
            ("# UNIT a_seconds seconds", Line::Nothing),
            ("# TYPED a counter", Line::Nothing),
            ("#", Line::Nothing),
            ("  ", Line::Nothing),
        ] {
            assert_eq!(read_line(line), Ok(want), "{line}");
        }
    }

    #[test]
    fn whatever_else_there_is_gets_a_reason() {
        for (line, reason) in [
            ("<html>", r#"a metric's name was expected at "<html>""#),
            ("9a 1", r#"a metric's name was expected at "9a 1""#),
            ("a", r#""" is no value"#),
            ("a one", r#""one" is no value"#),
            ("a 1 soon", r#""soon" is no value"#),
            ("a 1 2 3", r#""3" is no value"#),
            (r#"a{x="1" 1"#, r#"a label was expected at "1""#),
            (r#"a{x="1"y="2"} 1"#, r#"a label was expected at "y=\"2\"} 1""#),
            (r#"a{x:y="1"} 1"#, r#"a label was expected at "x:y=\"1\"} 1""#),
            (r"a{x=1} 1", r#"a label was expected at "x=1} 1""#),
            (r"a{", r#"a label was expected at """#),
            (r#"a{x="1} 1"#, r#"the value of the label "x" has no end or an unknown escape"#),
            (r#"a{x="\t"} 1"#, r#"the value of the label "x" has no end or an unknown escape"#),
            (r#"a{x="\"#, r#"the value of the label "x" has no end or an unknown escape"#),
            (r#"a{x="1",x="2"} 1"#, r#"the label "x" is there twice"#),
            ("# TYPE a", "a family and its type were expected"),
            ("# TYPE a b c", "a family and its type were expected"),
            ("# HELP 1 one", r#"a metric's name was expected at "1""#),
        ] {
            assert_eq!(read_line(line).unwrap_err().to_string(), reason, "{line}");
        }
    }
}
