//! Field and label selectors of lists and watches.

use super::kinds::Kind;
use super::object::Stored;

/// What a request asks of objects; everything must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selector {
    fields: Vec<FieldTerm>,
    labels: Vec<LabelTerm>,
}

/// A selector that cannot be understood, or a field that the kind does not select by.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SelectorError {
    /// The text is no selector.
    #[error("unable to parse requirement: {0}")]
    Syntax(String),
    /// The kind does not index this field.
    #[error("field label not supported: {0}")]
    Field(String),
}

#[derive(Debug, PartialEq, Eq)]
struct FieldTerm {
    field: FieldPath,
    equal: bool,
    value: String,
}

#[derive(Debug, PartialEq, Eq)]
enum FieldPath {
    Name,
    Namespace,
    /// Field numbers from the object downwards.
    Numbers(&'static [u32]),
}

#[derive(Debug, PartialEq, Eq)]
enum LabelTerm {
    /// The label exists and has one of the values.
    In(String, Vec<String>),
    /// The label is absent or has none of the values.
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    /// Reads both query parameters; an empty text selects everything.
    pub(super) fn parse(kind: &Kind, fields: &str, labels: &str) -> Result<Self, SelectorError> {
        let fields = fields.split(',').filter(|term| !term.is_empty());
        Ok(Self {
            fields: fields.map(|term| field_term(kind, term)).collect::<Result<_, _>>()?,
            labels: split_outside_parentheses(labels).map(label_term).collect::<Result<_, _>>()?,
        })
    }

    /// Whether every object matches.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.labels.is_empty()
    }

    /// Whether an object matches.
    pub(super) fn matches(&self, object: &Stored) -> bool {
        self.fields.iter().all(|term| term.matches(object)) && self.labels_match(object)
    }

    fn labels_match(&self, object: &Stored) -> bool {
        if self.labels.is_empty() {
            return true;
        }
        let metadata = object.metadata_json();
        let label = |key: &str| metadata["labels"][key].as_str();
        self.labels.iter().all(|term| match term {
            LabelTerm::In(key, values) => label(key).is_some_and(|label| values.iter().any(|v| v == label)),
            LabelTerm::NotIn(key, values) => label(key).is_none_or(|label| values.iter().all(|v| v != label)),
            LabelTerm::Exists(key) => label(key).is_some(),
            LabelTerm::Absent(key) => label(key).is_none(),
        })
    }
}

impl FieldTerm {
    fn matches(&self, object: &Stored) -> bool {
        let value = match self.field {
            FieldPath::Name => object.name(),
            FieldPath::Namespace => object.namespace(),
            FieldPath::Numbers(path) => object.text(path),
        };
        (value == self.value) == self.equal
    }
}

fn field_term(kind: &Kind, term: &str) -> Result<FieldTerm, SelectorError> {
    let (field, equal, value) = if let Some((field, value)) = term.split_once("!=") {
        (field, false, value)
    } else if let Some((field, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (field, true, value)
    } else {
        return Err(SelectorError::Syntax(term.to_owned()));
    };
    let path = match (kind.plural, field) {
        (_, "metadata.name") => FieldPath::Name,
        (_, "metadata.namespace") => FieldPath::Namespace,
        ("pods", "spec.nodeName") => FieldPath::Numbers(&[2, 10]),
        ("pods", "spec.restartPolicy") => FieldPath::Numbers(&[2, 3]),
        ("pods", "spec.serviceAccountName") => FieldPath::Numbers(&[2, 8]),
        ("pods", "spec.schedulerName") => FieldPath::Numbers(&[2, 19]),
        ("pods" | "namespaces", "status.phase") => FieldPath::Numbers(&[3, 1]),
        ("pods", "status.podIP") => FieldPath::Numbers(&[3, 6]),
        ("secrets", "type") => FieldPath::Numbers(&[3]),
        ("certificatesigningrequests", "spec.signerName") => FieldPath::Numbers(&[2, 7]),
        _ => return Err(SelectorError::Field(field.to_owned())),
    };
    Ok(FieldTerm { field: path, equal, value: value.to_owned() })
}

fn label_term(term: &str) -> Result<LabelTerm, SelectorError> {
    let syntax = || SelectorError::Syntax(term.to_owned());
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some(list) = term.strip_suffix(')') {
        let (head, values) = list.split_once('(').ok_or_else(syntax)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) = head.trim().rsplit_once(' ').ok_or_else(syntax)?;
        return match operator {
            "in" => Ok(LabelTerm::In(key.trim().to_owned(), values)),
            "notin" => Ok(LabelTerm::NotIn(key.trim().to_owned(), values)),
            _ => Err(syntax()),
        };
    }
    if let Some((key, value)) = term.split_once("!=") {
        return Ok(LabelTerm::NotIn(key.trim().to_owned(), one(value)));
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(LabelTerm::In(key.trim().to_owned(), one(value)));
    }
    let key = term.trim().to_owned();
    match key.strip_prefix('!') {
        Some(key) => Ok(LabelTerm::Absent(key.to_owned())),
        None if key.contains(char::is_whitespace) => Err(syntax()),
        None => Ok(LabelTerm::Exists(key)),
    }
}

fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
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
    use serde_json::{Value, json};

    use super::*;

    fn selects(fields: &str, labels: &str) -> bool {
        let pods = Kind::plural("pods").unwrap();
        let object = json!({
            "metadata": {"namespace": "shop", "name": "web-1", "labels": {"app": "web", "tier": "front"}},
            "spec": {"nodeName": "node-1"},
            "status": {"phase": "Running"},
        });
        let Value::Object(object) = object else { unreachable!() };
        let pod = Stored::new(pods, object, 1).unwrap();
        Selector::parse(pods, fields, labels).unwrap().matches(&pod)
    }

    #[test]
    fn fields_are_compared_with_all_operators() {
        assert!(selects("", ""));
        assert!(selects("metadata.name=web-1,metadata.namespace==shop", ""));
        assert!(selects("spec.nodeName=node-1,status.phase!=Failed", ""));
        assert!(!selects("spec.nodeName=node-2", ""));
        assert!(!selects("metadata.name!=web-1", ""));
        assert!(!selects("spec.nodeName=", ""));
    }

    #[test]
    fn labels_are_compared_with_all_operators() {
        for labels in ["app=web", "app==web,tier in (front, back)", "app,!gone", "app!=db", "gone notin (a)"]
        {
            assert!(selects("", labels), "{labels}");
        }
        for labels in ["app=db", "tier in (back)", "gone", "!app", "app!=web", "app notin (web,db)"] {
            assert!(!selects("", labels), "{labels}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        let pods = Kind::plural("pods").unwrap();
        for (fields, labels) in
            [("metadata.name", ""), ("spec.color=red", ""), ("", "a within (b)"), ("", "a b")]
        {
            assert!(Selector::parse(pods, fields, labels).is_err(), "{fields} {labels}");
        }
        assert!(Selector::parse(Kind::plural("nodes").unwrap(), "spec.nodeName=a", "").is_err());
    }
}
