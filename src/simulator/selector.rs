//! Which objects lists and watches are about.

use super::kinds::Kind;
use super::object::Stored;
use crate::selector::{Comparison, FieldSelector, LabelSelector, SyntaxError};

/// What a request asks of objects; everything must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selector {
    fields: Vec<FieldTerm>,
    labels: LabelSelector,
}

/// A selector that cannot be understood, or a field that the kind does not select by.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SelectorError {
    /// The text is no selector.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
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

impl Selector {
    /// Reads both query parameters; an empty text selects everything.
    pub(super) fn parse(kind: &Kind, fields: &str, labels: &str) -> Result<Self, SelectorError> {
        let fields: FieldSelector = fields.parse()?;
        let fields = fields.comparisons().iter().map(|comparison| FieldTerm::new(kind, comparison));
        Ok(Self { fields: fields.collect::<Result<_, _>>()?, labels: labels.parse()? })
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
        self.labels.matches(|key| metadata["labels"][key].as_str())
    }
}

impl FieldTerm {
    fn new(kind: &Kind, Comparison { field, equal, value }: &Comparison) -> Result<Self, SelectorError> {
        let path = match (kind.plural, &**field) {
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
            _ => return Err(SelectorError::Field(field.clone())),
        };
        Ok(Self { field: path, equal: *equal, value: value.clone() })
    }

    fn matches(&self, object: &Stored) -> bool {
        let value = match self.field {
            FieldPath::Name => object.name(),
            FieldPath::Namespace => object.namespace(),
            FieldPath::Numbers(path) => object.text(path),
        };
        (value == self.value) == self.equal
    }
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
    fn fields_and_labels_are_those_of_the_object() {
        assert!(selects("", ""));
        assert!(selects("metadata.name=web-1,metadata.namespace==shop", "app=web"));
        assert!(selects("spec.nodeName=node-1,status.phase!=Failed", "tier in (front)"));
        assert!(!selects("spec.nodeName=node-2", ""));
        assert!(!selects("metadata.name!=web-1", ""));
        assert!(!selects("", "app=db"));
    }

    #[test]
    fn mistakes_are_refused() {
        let pods = Kind::plural("pods").unwrap();
        for (fields, labels) in [("metadata.name", ""), ("spec.color=red", ""), ("", "a within (b)")] {
            assert!(Selector::parse(pods, fields, labels).is_err(), "{fields} {labels}");
        }
        assert!(Selector::parse(Kind::plural("nodes").unwrap(), "spec.nodeName=a", "").is_err());
    }
}
