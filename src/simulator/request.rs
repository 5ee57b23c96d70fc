//! What a request is about: its path and its query.

use hashbrown::HashMap;
use http::{HeaderMap, Uri, header};

use super::kinds::Kind;
use super::media::Media;
use super::selector::Selector;
use super::status::ApiError;
use super::writer::Rows;

/// A path that names a kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The plural name of the kind.
    pub(super) plural: &'static str,
    /// One namespace, or all.
    pub(super) namespace: Option<String>,
    /// One object, or all.
    pub(super) name: Option<String>,
}

impl Target {
    /// Reads the segments of a path; `None` when they do not lead to a kind that is served.
    pub(super) fn parse(path: &[&str]) -> Option<Self> {
        let (group, version, rest) = match path {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
            ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
            [plural] => (None, *plural, None),
            [plural, name] => (None, *plural, Some(*name)),
            _ => return None,
        };
        let kind = Kind::served(group, version, plural)?;
        // A namespace narrows only what lives in one, and an object in one is not named without it.
        let fits = if kind.namespaced { namespace.is_some() || name.is_none() } else { namespace.is_none() };
        fits.then(|| Self {
            plural: kind.plural,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        })
    }

    /// The kind.
    pub(super) fn kind(&self) -> &'static Kind {
        Kind::plural(self.plural).expect("only kinds that are served become targets")
    }
}

/// The query of a list or watch.
#[derive(Debug, Default)]
pub(super) struct Query {
    parameters: HashMap<String, String>,
}

impl Query {
    /// Reads the query of an address.
    pub(super) fn parse(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self { parameters: form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }

    /// A parameter as text; empty when it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A parameter that is true or false; false when it is absent.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "true" | "1")
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| ApiError::new(400, format!("{name}: invalid value {text:?}"))),
        }
    }

    /// The selectors.
    pub(super) fn selector(&self, kind: &Kind) -> Result<Selector, ApiError> {
        Selector::parse(kind, self.text("fieldSelector"), self.text("labelSelector"))
            .map_err(|error| ApiError::new(400, error.to_string()))
    }

    /// What rows of tables hold.
    pub(super) fn rows(&self) -> Result<Rows, ApiError> {
        match self.text("includeObject") {
            "None" => Ok(Rows::Nothing),
            "Object" => Ok(Rows::Whole),
            "" | "Metadata" => Ok(Rows::Metadata),
            other => Err(ApiError::new(400, format!("Unable to convert to Table as requested: {other:?}"))),
        }
    }
}

/// What the `Accept` header asks for.
pub(super) fn media(headers: &HeaderMap) -> Result<Media, ApiError> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept = accept.collect::<Vec<_>>().join(",");
    Media::negotiate(&accept).ok_or_else(|| {
        ApiError::new(406, "only application/json and application/vnd.kubernetes.protobuf are served")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Option<(&'static str, Option<String>, Option<String>)> {
        let segments: Vec<_> = path.split('/').collect();
        Target::parse(&segments).map(|target| (target.plural, target.namespace, target.name))
    }

    #[test]
    fn paths_name_kinds_namespaces_and_objects() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(target("api/v1/pods"), Some(("pods", None, None)));
        assert_eq!(target("api/v1/namespaces/a/pods"), Some(("pods", some("a"), None)));
        assert_eq!(target("api/v1/namespaces/a/pods/b"), Some(("pods", some("a"), some("b"))));
        assert_eq!(target("api/v1/namespaces/a"), Some(("namespaces", None, some("a"))));
        assert_eq!(target("api/v1/nodes/n"), Some(("nodes", None, some("n"))));
        assert_eq!(target("apis/apps/v1/deployments"), Some(("deployments", None, None)));
        for path in [
            "apis/batch/v1/deployments",
            "api/v1/pods/b",
            "api/v1/namespaces/a/nodes",
            "apis/apps/v2/deployments",
            "apis/autoscaling/v1/horizontalpodautoscalers",
            "api/v1/events",
        ] {
            assert_eq!(target(path), None, "{path}");
        }
    }
}
