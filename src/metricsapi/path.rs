//! What a request's path and method name, as the API server reads them.

use crate::selector::{Comparison, FieldSelector};
use axum::http::Method;
use k8s_openapi::api::authorization::v1::ResourceAttributes;

/// The group of the API.
pub(super) const GROUP: &str = "metrics.k8s.io";

/// A version of the API. They differ in their names only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V1Beta1,
}

/// A kind of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nodes,
    Pods,
}

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'p> {
    /// All groups.
    Groups,
    /// The group with its versions.
    Group,
    /// A version with its kinds.
    Version(Version),
    /// Objects, or one of them.
    Objects(Group<'p>),
    /// What describes the API, in version 2 of its notation.
    OpenApi,
    /// Something of the group that there is not.
    Other(Resource<'p>),
    /// Something else.
    Elsewhere,
}

/// Objects of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group<'p> {
    pub(super) version: Version,
    pub(super) kind: Kind,
    pub(super) resource: Resource<'p>,
}

/// A path in the group, in the API's terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resource<'p> {
    pub(super) version: &'p str,
    pub(super) namespace: Option<&'p str>,
    pub(super) plural: &'p str,
    pub(super) name: Option<&'p str>,
    pub(super) subresource: Option<&'p str>,
}

impl Version {
    /// The versions, the preferred one first.
    pub(super) const ALL: [Self; 2] = [Self::V1, Self::V1Beta1];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1Beta1 => "v1beta1",
        }
    }

    /// As in an object's `apiVersion`.
    pub(super) fn of_group(self) -> String {
        format!("{GROUP}/{}", self.name())
    }
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Nodes, Self::Pods];

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Pods => "pods",
        }
    }

    /// As in an object's `kind`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nodes => "NodeMetrics",
            Self::Pods => "PodMetrics",
        }
    }
}

impl<'p> Place<'p> {
    pub(super) fn of(path: &'p str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        match segments.as_slice() {
            ["openapi", "v2"] => Self::OpenApi,
            ["apis"] => Self::Groups,
            ["apis", GROUP] => Self::Group,
            ["apis", GROUP, version] => Version::ALL
                .into_iter()
                .find(|known| known.name() == *version)
                .map_or(Self::Elsewhere, Self::Version),
            ["apis", GROUP, version, rest @ ..] => Self::inside(version, rest),
            _ => Self::Elsewhere,
        }
    }

    fn inside(version: &'p str, rest: &[&'p str]) -> Self {
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let at = |index: usize| rest.get(index).copied();
        let resource = Resource {
            version,
            namespace,
            plural: at(0).unwrap_or_default(),
            name: at(1),
            subresource: at(2),
        };
        let version = Version::ALL.into_iter().find(|known| known.name() == version);
        let kind = Kind::ALL.into_iter().find(|known| known.plural() == resource.plural);
        // Nodes are in no namespace, and one pod is in one.
        let exists = match kind {
            Some(Kind::Nodes) => namespace.is_none(),
            Some(Kind::Pods) => namespace.is_some() || resource.name.is_none(),
            None => false,
        };
        match (version, kind) {
            (Some(version), Some(kind)) if exists && rest.len() <= 2 => {
                Self::Objects(Group { version, kind, resource })
            }
            _ => Self::Other(resource),
        }
    }

    /// What refusals call it.
    pub(super) fn kind(&self) -> String {
        self.resource().map_or_else(|| GROUP.to_owned(), |resource| format!("{}.{GROUP}", resource.plural))
    }

    /// The path in the API's terms, where it is one of the group's.
    pub(super) fn resource(&self) -> Option<&Resource<'p>> {
        match self {
            Self::Objects(Group { resource, .. }) | Self::Other(resource) => Some(resource),
            _ => None,
        }
    }
}

impl Resource<'_> {
    /// What is asked of somebody who would do something with it.
    pub(super) fn attributes(&self, verb: &str, query: &str) -> ResourceAttributes {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        // A list of the one object of a name is one for which leave for this object will do.
        let selected = || {
            let selector: FieldSelector = parameter(query, "fieldSelector")?.parse().ok()?;
            let names = |comparison: &&Comparison| comparison.equal && comparison.field == "metadata.name";
            selector.comparisons().iter().find(names).map(|comparison| comparison.value.clone())
        };
        ResourceAttributes {
            verb: Some(verb.to_owned()),
            group: Some(GROUP.to_owned()),
            version: text(Some(self.version)),
            namespace: text(self.namespace),
            resource: text(Some(self.plural)),
            subresource: text(self.subresource),
            name: text(self.name).or_else(selected),
            ..ResourceAttributes::default()
        }
    }
}

/// What a request would do, in the API's words.
pub(super) fn verb(method: &Method, place: &Place<'_>, query: &str) -> &'static str {
    let is_list = place.resource().is_some_and(|resource| resource.name.is_none());
    match *method {
        _ if place.resource().is_none() => match *method {
            Method::HEAD => "head",
            Method::GET => "get",
            Method::POST => "post",
            Method::PUT => "put",
            Method::PATCH => "patch",
            Method::DELETE => "delete",
            _ => "options",
        },
        Method::GET | Method::HEAD if is_watch(place, query) => "watch",
        Method::GET | Method::HEAD if is_list => "list",
        Method::GET | Method::HEAD => "get",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if is_list => "deletecollection",
        Method::DELETE => "delete",
        _ => "",
    }
}

/// Whether changes of a list are asked for.
pub(super) fn is_watch(place: &Place<'_>, query: &str) -> bool {
    place.resource().is_some_and(|resource| resource.name.is_none())
        && parameter(query, "watch").is_some_and(|value| !matches!(value.as_str(), "false" | "0"))
}

/// The first value of a parameter.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_places() {
        let objects = |version, kind, namespace, name| {
            let resource = Resource {
                version: Version::name(version),
                namespace,
                plural: Kind::plural(kind),
                name,
                subresource: None,
            };
            Place::Objects(Group { version, kind, resource })
        };
        let (v1, beta) = (Version::V1, Version::V1Beta1);
        for (path, place) in [
            ("/apis", Place::Groups),
            ("/apis/", Place::Groups),
            ("/apis/metrics.k8s.io", Place::Group),
            ("/apis/metrics.k8s.io/v1", Place::Version(v1)),
            ("/apis/metrics.k8s.io/v1beta1/", Place::Version(beta)),
            ("/apis/metrics.k8s.io/v2", Place::Elsewhere),
            ("/apis/metrics.k8s.io/v1/nodes", objects(v1, Kind::Nodes, None, None)),
            ("/apis/metrics.k8s.io/v1/nodes/n1", objects(v1, Kind::Nodes, None, Some("n1"))),
            ("/apis/metrics.k8s.io/v1beta1/pods", objects(beta, Kind::Pods, None, None)),
            ("/apis/metrics.k8s.io/v1/namespaces/a/pods", objects(v1, Kind::Pods, Some("a"), None)),
            ("/apis/metrics.k8s.io/v1/namespaces/a/pods/p", objects(v1, Kind::Pods, Some("a"), Some("p"))),
            ("/", Place::Elsewhere),
            ("/openapi/v2", Place::OpenApi),
            ("/openapi/v3", Place::Elsewhere),
            ("/apis/apps/v1", Place::Elsewhere),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
        for path in [
            "v1/pods/p",
            "v1/namespaces/a/nodes",
            "v1/namespaces/a",
            "v1/namespaces",
            "v1/things",
            "v2/pods",
            "v1/namespaces/a/pods/p/log",
            "v1//pods",
        ] {
            let path = format!("/apis/metrics.k8s.io/{path}");
            assert!(matches!(Place::of(&path), Place::Other(_)), "{path}");
        }
    }

    #[test]
    fn methods_are_verbs() {
        let (list, one, page) = ("/apis/metrics.k8s.io/v1/pods", "/apis/metrics.k8s.io/v1/nodes/a", "/apis");
        for (method, path, query, expected) in [
            (Method::GET, list, "", "list"),
            (Method::HEAD, list, "watch=false", "list"),
            (Method::GET, list, "watch=true", "watch"),
            (Method::GET, list, "watch", "watch"),
            (Method::GET, one, "watch=1", "get"),
            (Method::GET, one, "", "get"),
            (Method::DELETE, list, "", "deletecollection"),
            (Method::DELETE, one, "", "delete"),
            (Method::POST, list, "", "create"),
            (Method::PUT, one, "", "update"),
            (Method::PATCH, one, "", "patch"),
            (Method::GET, page, "", "get"),
            (Method::POST, page, "", "post"),
        ] {
            assert_eq!(verb(&method, &Place::of(path), query), expected, "{method} {path}?{query}");
        }
    }
}
