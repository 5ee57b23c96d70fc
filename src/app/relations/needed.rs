//! What is to be read for what is worked out.

use crate::{
    catalog::{KINDS, Kind},
    config::{Needs, Scope},
    exposition::Keys,
    relations::Says,
    resource::Names,
    watch::Request,
    wire::{Context, Representation},
};

/// The kinds of owners that are read from the start; others are once somebody is owned by one.
pub(super) const OWNERS: [&str; 7] = [
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
];

/// What is read together.
pub(super) struct Following {
    pub(super) says: Says,
    pub(super) resource: &'static str,
    pub(super) request: Request,
    pub(super) context: Context,
}

/// What needs say is to be read.
pub(super) fn followings_of(needs: &Needs) -> Vec<Following> {
    let scope = &needs.scope;
    let mut followings = Vec::new();
    let request = |names: Names, namespace, field_selector| {
        metadata([names.group, names.version, names.plural], namespace, field_selector, scope)
    };
    let named = |name: String| format!("metadata.name={name}");
    let labels = |keys: &Keys| Context { labels: keys.clone(), annotations: Keys::default() };
    for Kind { names, .. } in kinds(needs) {
        let mut follow = |says, resource, request, context| {
            followings.push(Following { says, resource, request, context });
        };
        match names.plural {
            "namespaces" => {
                // Each by its name, since namespaces are in none.
                for namespace in scope.places(true) {
                    let request = request(names, None, namespace.map(named));
                    follow(Says::Namespace, "labels of namespaces", request, labels(&needs.namespaces));
                }
            }
            "nodes" => {
                let node = scope.node.clone().filter(|node| !node.is_empty());
                let request = request(names, None, node.map(named));
                follow(Says::Node, "labels of nodes", request, labels(&needs.nodes));
            }
            _ => {
                for namespace in scope.places(names.namespaced) {
                    let request = request(names, namespace, scope.field_selector(names));
                    follow(Says::Owner, "owners of owners", request, Context::default());
                }
            }
        }
    }
    followings
}

/// The kinds that are read from the start for what is needed.
pub(in super::super) fn kinds(needs: &Needs) -> Vec<Kind> {
    let is_needed = |kind: &&Kind| match kind.names.plural {
        "namespaces" => !needs.namespaces.is_empty(),
        "nodes" => !needs.nodes.is_empty(),
        plural => needs.owners && OWNERS.contains(&plural),
    };
    KINDS.iter().filter(is_needed).copied().collect()
}

/// Metadata of all objects of a kind, by its group, version and plural name, in a namespace or everywhere.
pub(super) fn metadata(
    [group, version, plural]: [&str; 3],
    namespace: Option<String>,
    field_selector: Option<String>,
    scope: &Scope,
) -> Request {
    Request {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: plural.to_owned(),
        namespace,
        field_selector,
        representation: Representation::Metadata,
        cached: scope.cached,
        ..Request::default()
    }
}
