//! Label and field selectors, in the notation of the Kubernetes API.

use std::{fmt, str::FromStr};

/// A selector that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unable to parse requirement: {0}")]
pub struct SyntaxError(String);

/// What an object's labels must be; all of it must hold. The empty text selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

/// What an object's fields must be; all of it must hold. The empty text selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<Comparison>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// There is one of the values.
    In(Vec<String>),
    /// There is none, or none of the values.
    NotIn(Vec<String>),
    Exists,
    Absent,
    /// There is a larger whole number.
    Above(i64),
    /// There is a smaller whole number.
    Below(i64),
}

/// A field that is compared with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The path of the field, such as `spec.nodeName`.
    pub field: String,
    /// Whether it must have the value, or must not.
    pub equal: bool,
    /// The value.
    pub value: String,
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Requirement { key, rule }) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            match rule {
                Rule::In(values) => write!(f, "{key} in ({})", values.join(","))?,
                Rule::NotIn(values) => write!(f, "{key} notin ({})", values.join(","))?,
                Rule::Exists => f.write_str(key)?,
                Rule::Absent => write!(f, "!{key}")?,
                Rule::Above(least) => write!(f, "{key}>{least}")?,
                Rule::Below(most) => write!(f, "{key}<{most}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Comparison { field, equal, value }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{field}{}{value}", if *equal { "=" } else { "!=" })?;
        }
        Ok(())
    }
}

impl LabelSelector {
    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of the labels that it looks at.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| &*requirement.key)
    }

    /// Whether an object with these labels is selected.
    pub fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.0.iter().all(|Requirement { key, rule }| {
            let value = label(key);
            let number = || value.and_then(|value| value.parse::<i64>().ok());
            match rule {
                Rule::In(values) => value.is_some_and(|value| values.iter().any(|wanted| wanted == value)),
                Rule::NotIn(values) => value.is_none_or(|value| values.iter().all(|wrong| wrong != value)),
                Rule::Exists => value.is_some(),
                Rule::Absent => value.is_none(),
                Rule::Above(least) => number().is_some_and(|number| number > *least),
                Rule::Below(most) => number().is_some_and(|number| number < *most),
            }
        })
    }
}

impl FieldSelector {
    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is compared.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.0
    }

    /// Whether an object with these fields is selected.
    pub fn matches<'f>(&self, field: impl Fn(&str) -> &'f str) -> bool {
        self.0.iter().all(|Comparison { field: path, equal, value }| (field(path) == value) == *equal)
    }
}

impl FromStr for LabelSelector {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        terms(text).map(requirement).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for FieldSelector {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty());
        terms.map(comparison).collect::<Result<_, _>>().map(Self)
    }
}

fn comparison(term: &str) -> Result<Comparison, SyntaxError> {
    let (field, equal, value) = if let Some((field, value)) = term.split_once("!=") {
        (field, false, value)
    } else if let Some((field, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (field, true, value)
    } else {
        return Err(SyntaxError(term.to_owned()));
    };
    Ok(Comparison { field: field.to_owned(), equal, value: value.to_owned() })
}

fn requirement(term: &str) -> Result<Requirement, SyntaxError> {
    let syntax = || SyntaxError(term.to_owned());
    let (key, rule) = if let Some(list) = term.strip_suffix(')') {
        let (head, values) = list.split_once('(').ok_or_else(syntax)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace).ok_or_else(syntax)?;
        match operator {
            "in" => (key, Rule::In(values)),
            "notin" => (key, Rule::NotIn(values)),
            _ => return Err(syntax()),
        }
    } else if let Some((key, value)) = term.split_once("!=") {
        (key, Rule::NotIn(vec![value.trim().to_owned()]))
    } else if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (key, Rule::In(vec![value.trim().to_owned()]))
    } else if let Some((key, bound)) = term.split_once('>') {
        (key, Rule::Above(bound.trim().parse().map_err(|_| syntax())?))
    } else if let Some((key, bound)) = term.split_once('<') {
        (key, Rule::Below(bound.trim().parse().map_err(|_| syntax())?))
    } else if let Some(key) = term.strip_prefix('!') {
        (key, Rule::Absent)
    } else {
        (term, Rule::Exists)
    };
    let key = key.trim();
    if key.is_empty() || key.contains(|c: char| c.is_whitespace() || "()!=<>".contains(c)) {
        return Err(syntax());
    }
    Ok(Requirement { key: key.to_owned(), rule })
}

/// What stands between commas that are not in parentheses.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    text.split(move |character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|term| !term.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(labels: &str) -> bool {
        let selector: LabelSelector = labels.parse().unwrap();
        selector.matches(|key| match key {
            "app" => Some("web"),
            "tier" => Some("front"),
            "wave" => Some("3"),
            _ => None,
        })
    }

    #[test]
    fn labels_are_compared_with_all_operators() {
        for labels in [
            "",
            "app=web",
            "app==web,tier in (front, back)",
            "app,!gone",
            "app!=db",
            "gone notin (a)",
            "gone!=a",
            "wave>2,wave < 4",
        ] {
            assert!(selects(labels), "{labels}");
            let selector: LabelSelector = labels.parse().unwrap();
            assert_eq!(selector.to_string().parse(), Ok(selector), "{labels}");
        }
        for labels in
            ["app=db", "tier in (back)", "gone", "!app", "app!=web", "app notin (web,db)", "wave>3", "app<9"]
        {
            assert!(!selects(labels), "{labels}");
        }
    }

    #[test]
    fn fields_are_compared_with_all_operators() {
        let selects = |fields: &str| {
            let selector: FieldSelector = fields.parse().unwrap();
            selector.matches(|path| if path == "spec.nodeName" { "node-1" } else { "" })
        };
        for fields in ["", "spec.nodeName=node-1", "spec.nodeName==node-1, metadata.name!=a", "other="] {
            assert!(selects(fields), "{fields}");
        }
        for fields in ["spec.nodeName=", "spec.nodeName!=node-1", "other=a"] {
            assert!(!selects(fields), "{fields}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for labels in ["a within (b)", "a b", "=a", "!", "a (b)", "a>b", "in (a)", "a in b)"] {
            assert!(labels.parse::<LabelSelector>().is_err(), "{labels}");
        }
        assert!("metadata.name".parse::<FieldSelector>().is_err());
    }
}
