//! The form of an answer, by what its client accepts.

use super::path::parameter;
use axum::http::{HeaderMap, header::ACCEPT};

/// The content type of objects.
pub(super) const JSON: &str = "application/json";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The objects.
    Objects,
    /// Rows of a table, of this version of the table's kind.
    Table(&'static str, Included),
}

/// What there is of a row's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Included {
    Nothing,
    Metadata,
    Object,
}

/// One thing that a client accepts.
struct Clause<'a> {
    media: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f64,
}

impl Form {
    /// The form that a client likes best; `None` where it takes none that there is.
    pub(super) fn negotiate(headers: &HeaderMap, query: &str) -> Option<Self> {
        let included = match parameter(query, "includeObject").as_deref() {
            Some("None") => Included::Nothing,
            Some("Object") => Included::Object,
            _ => Included::Metadata,
        };
        let accepted = accepted(headers);
        if accepted.is_empty() {
            return Some(Self::Objects);
        }
        clauses(&accepted).iter().find_map(|clause| clause.form(included))
    }
}

impl Clause<'_> {
    fn form(&self, included: Included) -> Option<Form> {
        if !self.is_json() {
            return None;
        }
        match (self.parameter("as"), self.parameter("g"), self.parameter("v")) {
            (None, ..) => Some(Form::Objects),
            (Some("Table"), Some("meta.k8s.io"), Some("v1")) => Some(Form::Table("v1", included)),
            (Some("Table"), Some("meta.k8s.io"), Some("v1beta1")) => Some(Form::Table("v1beta1", included)),
            _ => None,
        }
    }

    fn is_json(&self) -> bool {
        ["application/json", "application/*", "*/*"]
            .iter()
            .any(|media| self.media.eq_ignore_ascii_case(media))
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// The version of aggregated discovery that a client likes best, if it takes one.
pub(super) fn aggregated(headers: &HeaderMap) -> Option<&'static str> {
    clauses(&accepted(headers)).iter().filter(|clause| clause.is_json()).find_map(|clause| {
        match (clause.parameter("as"), clause.parameter("g"), clause.parameter("v")) {
            (None, ..) => Some(None),
            (Some("APIGroupDiscoveryList"), Some("apidiscovery.k8s.io"), Some("v2")) => Some(Some("v2")),
            (Some("APIGroupDiscoveryList"), Some("apidiscovery.k8s.io"), Some("v2beta1")) => {
                Some(Some("v2beta1"))
            }
            _ => None,
        }
    })?
}

fn accepted(headers: &HeaderMap) -> String {
    let values: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

/// What is accepted, what is liked best first.
fn clauses(accept: &str) -> Vec<Clause<'_>> {
    let mut clauses: Vec<Clause<'_>> =
        accept.split(',').map(clause).filter(|clause| clause.quality > 0.0).collect();
    clauses.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    clauses
}

fn clause(text: &str) -> Clause<'_> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
    let quality =
        parameters.iter().find(|(key, _)| *key == "q").map_or(Some(1.0), |(_, value)| value.parse().ok());
    Clause { media, parameters, quality: quality.unwrap_or(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        [(ACCEPT, accept.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn clients_get_the_form_that_they_like_best() {
        let table = |version| Some(Form::Table(version, Included::Metadata));
        for (accept, form) in [
            ("", Some(Form::Objects)),
            ("*/*", Some(Form::Objects)),
            ("application/vnd.kubernetes.protobuf, */*", Some(Form::Objects)),
            ("application/vnd.kubernetes.protobuf,application/json", Some(Form::Objects)),
            ("application/vnd.kubernetes.protobuf", None),
            ("text/html", None),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
                table("v1"),
            ),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", table("v1beta1")),
            ("application/json;as=Table;v=v7;g=meta.k8s.io,application/json", Some(Form::Objects)),
            ("application/json;as=Table;v=v1;g=meta.k8s.io;q=0.5,application/json", Some(Form::Objects)),
            ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(Form::negotiate(&headers(accept), ""), form, "{accept}");
        }
        let kubectl = headers("application/json;as=Table;v=v1;g=meta.k8s.io");
        for (query, included) in [
            ("limit=500&includeObject=Object", Included::Object),
            ("includeObject=None", Included::Nothing),
            ("includeObject=Metadata", Included::Metadata),
        ] {
            assert_eq!(Form::negotiate(&kubectl, query), Some(Form::Table("v1", included)), "{query}");
        }
    }

    #[test]
    fn the_version_of_aggregated_discovery_is_one_that_was_asked_for() {
        let version =
            |number| format!("application/json;g=apidiscovery.k8s.io;v={number};as=APIGroupDiscoveryList");
        for (accept, expected) in [
            (format!("{},{},application/json", version("v2"), version("v2beta1")), Some("v2")),
            (format!("{},application/json", version("v2beta1")), Some("v2beta1")),
            (format!("{},application/json", version("v3")), None),
            ("application/json".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(aggregated(&headers(&accept)), expected, "{accept}");
        }
    }
}
