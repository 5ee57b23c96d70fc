//! What is to be read for what is worked out.

use crate::{
    catalog::{KINDS, Kind},
    config::Needs,
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
    let request = |names: Names, namespace: Option<&String>, field_selector| Request {
        group: names.group.to_owned(),
        version: names.version.to_owned(),
        plural: names.plural.to_owned(),
        namespace: namespace.cloned(),
        field_selector,
        representation: Representation::Metadata,
        cached: scope.cached,
        ..Request::default()
    };
    let named = |name: &String| format!("metadata.name={name}");
    let labels = |keys: &Keys| Context { labels: keys.clone(), annotations: Keys::default() };
    for Kind { names, .. } in kinds(needs) {
        let mut follow = |says, resource, request, context| {
            followings.push(Following { says, resource, request, context });
        };
        match names.plural {
            "namespaces" => {
                for namespace in somewhere(&scope.namespaces) {
                    let request = request(names, None, namespace.map(named));
                    follow(Says::Namespace, "labels of namespaces", request, labels(&needs.namespaces));
                }
            }
            "nodes" => {
                let node = scope.node.as_ref().filter(|node| !node.is_empty());
                let request = request(names, None, node.map(named));
                follow(Says::Node, "labels of nodes", request, labels(&needs.nodes));
            }
            _ => {
                for namespace in somewhere(&scope.namespaces) {
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

/// The namespaces that objects are read from, `None` for all of them at once.
pub(super) fn somewhere(namespaces: &[String]) -> Vec<Option<&String>> {
    if namespaces.is_empty() { vec![None] } else { namespaces.iter().map(Some).collect() }
}
