//! What the API has, in the forms that clients and the aggregation layer ask for.

use super::{
    media,
    path::{GROUP, Kind, Version},
};
use axum::http::HeaderMap;
use serde_json::{Value, json};

const VERBS: [&str; 2] = ["get", "list"];

/// All groups and, where that is asked for, all that is in them; with its content type.
pub(super) fn groups(headers: &HeaderMap) -> (Value, &'static str) {
    let aggregated = media::aggregated(headers);
    let Some(version) = aggregated else {
        return (
            json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [group_entry()] }),
            media::JSON,
        );
    };
    let content_type = match version {
        "v2" => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        _ => "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
    };
    let resource = |of: Version, kind: Kind| {
        json!({
            "resource": kind.plural(),
            "responseKind": { "group": GROUP, "version": of.name(), "kind": kind.name() },
            "scope": if kind == Kind::Pods { "Namespaced" } else { "Cluster" },
            "singularResource": "",
            "verbs": VERBS,
        })
    };
    let versions = Version::ALL.map(|of| {
        let resources = Kind::ALL.map(|kind| resource(of, kind));
        json!({ "version": of.name(), "resources": resources, "freshness": "Current" })
    });
    let list = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": format!("apidiscovery.k8s.io/{version}"),
        "metadata": {},
        "items": [{ "metadata": { "name": GROUP }, "versions": versions }],
    });
    (list, content_type)
}

/// The group with its versions.
pub(super) fn group() -> Value {
    let mut group = group_entry();
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    group
}

/// What there is in a version.
pub(super) fn resources(version: Version) -> Value {
    let resources = Kind::ALL.map(|kind| {
        json!({
            "name": kind.plural(),
            "singularName": "",
            "namespaced": kind == Kind::Pods,
            "kind": kind.name(),
            "verbs": VERBS,
        })
    });
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version.of_group(), "resources": resources,
    })
}

/// The description of the API that the API server merges with its own. It has no more than its title: the
/// API server only complains where there is none at all.
pub(super) fn openapi() -> Value {
    json!({ "swagger": "2.0", "info": { "title": GROUP, "version": env!("CARGO_PKG_VERSION") }, "paths": {} })
}

fn group_entry() -> Value {
    let version = |version: Version| json!({ "groupVersion": version.of_group(), "version": version.name() });
    json!({ "name": GROUP, "versions": Version::ALL.map(version), "preferredVersion": version(Version::V1) })
}
