//! What is exported: kinds, namespaces, families and labels.

use super::{
    allowlist::Allowlist,
    external_labels,
    families::Patterns,
    injection::Injection,
    kinds::{chosen, resource_mistake},
    names,
};
use crate::{
    catalog::{self, KINDS, Kind},
    cli::{List, Profile, SelectionArgs, ShardingArgs, UsageError},
    exposition::{Description, Keys, Selection},
    relations::{Origin, Rules},
    resource::{Names, Resource},
    shard::{Placement, Shard},
    wire::Context,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How long matching the patterns for families may take.
const MATCHING: Duration = Duration::from_secs(5);

/// What is exported.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The kinds of which a family is exported, in the order of the catalogue.
    pub kinds: Vec<Kind>,
    /// Which objects of them.
    pub scope: Scope,
    /// As many series as kinds may have, by their plural names.
    pub budgets: Vec<(String, u64)>,
    current_states_only: bool,
    constant: Box<[u8]>,
    families: Arc<BTreeSet<&'static str>>,
    labels: Allowlist,
    annotations: Allowlist,
    injection: Injection,
    /// Kinds of which all labels are kept, by their plural names.
    kept: BTreeSet<&'static str>,
}

/// What is to be read of objects that others refer to, whatever kinds are exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whether the owners of owners are.
    pub owners: bool,
    /// Keys of the labels of namespaces.
    pub namespaces: Keys,
    /// Keys of the labels of nodes.
    pub nodes: Keys,
    /// Where, as far as it matters.
    pub scope: Scope,
}

/// Which objects are exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The namespaces that objects are read from; all where there are none.
    pub namespaces: Vec<String>,
    /// The namespaces that objects are not read from.
    pub denied: Vec<String>,
    /// The node whose pods are read, the empty text for pods that have none; `None` for all pods.
    pub node: Option<String>,
    /// Whose share of them.
    pub shard: Shard,
    /// The most objects that a list brings.
    pub limit: Option<u64>,
    /// Whether the API server may answer from its cache.
    pub cached: bool,
}

impl Choice {
    /// Whether a family is exported.
    pub fn serves(&self, family: &Description) -> bool {
        self.families.contains(family.name)
    }

    /// Which labels and annotations of a kind's objects are shown: none where no family shows them.
    pub fn selection<K: Resource>(&self) -> Selection {
        let shown = |prefix, list: &Allowlist| {
            let mut served = K::FAMILIES.iter().map(|family| family.description()).filter(|f| self.serves(f));
            let shows = served.any(|family| family.label_prefix == Some(prefix));
            if shows { list.of(K::NAMES.plural) } else { Keys::default() }
        };
        Selection {
            labels: shown("label_", &self.labels),
            annotations: shown("annotation_", &self.annotations),
            current_states_only: self.current_states_only,
            constant: self.constant.clone(),
        }
    }

    /// What is kept of the labels and annotations of a kind's objects.
    pub fn context<K: Resource>(&self) -> Context {
        let context = K::context(&self.selection::<K>(), &self.rules::<K>().keys(Origin::Own));
        if self.kept.contains(K::NAMES.plural) { Context { labels: Keys::all(), ..context } } else { context }
    }

    /// Keeps all labels of a kind from now on.
    pub fn keep_labels(&mut self, kind: Kind) {
        self.kept.insert(kind.names.plural);
    }

    /// What is worked out for a kind's objects from others.
    pub fn rules<K: Resource>(&self) -> Rules {
        self.rules_of(K::NAMES, K::FAMILIES.iter().map(|family| family.description()))
    }

    fn rules_of<'f>(&self, names: Names, mut families: impl Iterator<Item = &'f Description>) -> Rules {
        Rules {
            labels: self.injection.of(names),
            workload: families.any(|family| family.owners && self.serves(family)),
        }
    }

    /// What that takes for all kinds.
    pub fn needs(&self) -> Needs {
        let Scope { namespaces, denied, node, shard: _, limit: _, cached } = self.scope.clone();
        let scope = Scope { namespaces, denied, node, cached, ..Scope::default() };
        let mut needs = Needs { scope, ..Needs::default() };
        for kind in &self.kinds {
            let families = catalog::families(kind);
            let rules = self.rules_of(kind.names, families.iter().map(|family| family.description));
            needs.owners |= rules.workload;
            needs.namespaces = needs.namespaces.union(&rules.keys(Origin::Namespace));
            needs.nodes = needs.nodes.union(&rules.keys(Origin::Node));
        }
        if needs.nodes.is_empty() {
            needs.scope.node = None;
        }
        needs
    }

    /// Whether anything is worked out for objects from others, or from their own labels.
    pub fn relates(&self) -> bool {
        self.injects() || self.needs().owners
    }

    /// Whether samples may have a label that an object's labels give its name.
    pub(super) fn injects(&self) -> bool {
        !self.injection.is_empty()
    }
}

impl Scope {
    /// The namespaces that objects of a kind are read from one by one, `None` for all of them at once.
    pub fn places(&self, namespaced: bool) -> Vec<Option<String>> {
        if namespaced && !self.namespaces.is_empty() {
            self.namespaces.iter().cloned().map(Some).collect()
        } else {
            vec![None]
        }
    }

    /// The field selector for objects of a kind.
    pub fn field_selector(&self, names: Names) -> Option<String> {
        let mut terms: Vec<String> = Vec::new();
        if names.namespaced {
            terms.extend(self.denied.iter().map(|namespace| format!("metadata.namespace!={namespace}")));
        }
        if let Some(node) = self.node_of(names) {
            terms.push(format!("spec.nodeName={node}"));
        }
        (!terms.is_empty()).then(|| terms.join(","))
    }

    /// Whether an object of a kind in this namespace, and on this node, is exported.
    pub fn covers(&self, names: Names, namespace: &str, node: &str) -> bool {
        let is = |other: &String| other == namespace;
        let in_scope =
            (self.namespaces.is_empty() || self.namespaces.iter().any(is)) && !self.denied.iter().any(is);
        (!names.namespaced || in_scope) && self.node_of(names).is_none_or(|wanted| wanted == node)
    }

    fn node_of(&self, names: Names) -> Option<&str> {
        self.node.as_deref().filter(|_| names.plural == "pods")
    }
}

impl TryFrom<ShardingArgs> for Shard {
    type Error = UsageError;

    fn try_from(args: ShardingArgs) -> Result<Self, UsageError> {
        let ShardingArgs { shard: ordinal, total_shards: total, server_side_sharding } = args;
        if total == 0 {
            return Err(UsageError::new("--total-shards=0 leaves nothing to export; at least 1 is needed"));
        }
        if ordinal >= total {
            let last = total - 1;
            let wrong =
                format!("--shard={ordinal} is none of --total-shards={total}: it has to be from 0 to {last}");
            return Err(UsageError::new(wrong));
        }
        // They place objects differently, so that none is ever chosen in place of the other.
        let placement = if server_side_sharding.0 { Placement::Range } else { Placement::Jump };
        Ok(Self { ordinal, total, placement })
    }
}

impl TryFrom<SelectionArgs> for Choice {
    type Error = UsageError;

    fn try_from(args: SelectionArgs) -> Result<Self, UsageError> {
        let items = |lists: &[List]| {
            let mut items: Vec<String> = List::all(lists).map(str::to_owned).collect();
            items.sort_unstable();
            items.dedup();
            items
        };
        let kinds = chosen("--resources", &args.resources, |kind| kind.default)?;
        let all: Vec<(Names, &Description)> = KINDS
            .iter()
            .flat_map(|kind| {
                catalog::families(kind).into_iter().map(|family| (kind.names, family.description))
            })
            .collect();
        let patterns = |lists| List::all(lists).collect();
        let patterns = Patterns {
            allowed: patterns(&args.metric_allowlist),
            denied: patterns(&args.metric_denylist),
            opt_in: patterns(&args.metric_opt_in_list),
            patience: MATCHING,
        };
        let descriptions: Vec<&Description> = all.iter().map(|(_, description)| *description).collect();
        let mut families = patterns.select(&descriptions)?;
        let labels = Allowlist::parse("--metric-labels-allowlist", &args.metric_labels_allowlist)?;
        let annotations =
            Allowlist::parse("--metric-annotations-allowlist", &args.metric_annotations_allowlist)?;
        for (names, family) in &all {
            let keys = match family.label_prefix {
                Some("label_") => labels.of(names.plural),
                Some("annotation_") => annotations.of(names.plural),
                _ => Keys::default(),
            };
            // What is on request only is there because it was requested.
            if !family.opt_in && keys.is_empty() && !args.profile.holds(family.name) {
                families.remove(family.name);
            }
        }
        let served = |kind: &Kind| {
            all.iter().any(|(names, family)| *names == kind.names && families.contains(family.name))
        };
        let (namespaces, denied) = (items(&args.namespaces), items(&args.namespaces_denylist));
        names::namespaces("--namespaces", &namespaces)?;
        names::namespaces("--namespaces-denylist", &denied)?;
        let node = args.node.filter(|node| !node.is_empty());
        node.iter().try_for_each(|node| names::object("--node", node))?;
        let kept = chosen("--keep-labels", &args.keep_labels, |_| false)?;
        let mut choice = Self {
            kinds: kinds.into_iter().filter(served).collect(),
            scope: Scope {
                namespaces,
                denied,
                node: if args.track_unscheduled_pods.0 { Some(String::new()) } else { node },
                shard: args.sharding.try_into()?,
                limit: Some(args.reading.object_limit).filter(|limit| *limit > 0),
                cached: args.reading.use_apiserver_cache.0,
            },
            budgets: budgets(&args.series_budget)?,
            current_states_only: args.profile == Profile::Lean,
            constant: Box::default(),
            families: Arc::new(families),
            labels,
            annotations,
            injection: Injection::parse(&args.inject_labels)?,
            kept: kept.into_iter().map(|kind| kind.names.plural).collect(),
        };
        choice.constant = external_labels::parse(&args.external_labels, &choice)?;
        Ok(choice)
    }
}

/// Reads `pods=500000,nodes=20000`; the last one counts for a kind.
fn budgets(lists: &[List]) -> Result<Vec<(String, u64)>, UsageError> {
    let mut budgets = BTreeMap::new();
    for item in List::all(lists) {
        let (resource, most) = item.split_once('=').unwrap_or((item, ""));
        let (resource, most) = (resource.trim(), most.trim());
        if let Some(wrong) = resource_mistake(resource) {
            return Err(UsageError::new(format!("--series-budget {wrong}")));
        }
        let most = most.parse().map_err(|_| {
            UsageError::new(format!(
                "--series-budget needs a number of series for \"{resource}\", as in pods=500000,nodes=20000"
            ))
        })?;
        budgets.insert(resource.to_owned(), most);
    }
    Ok(budgets.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{namespaces::Namespace, nodes::Node, pods::Pod};

    fn list(text: &str) -> Vec<List> {
        vec![text.parse().unwrap()]
    }

    fn choice(args: SelectionArgs) -> Choice {
        args.try_into().unwrap()
    }

    #[test]
    fn an_empty_list_of_resources_means_the_default() {
        let chosen = choice(SelectionArgs { resources: list(""), ..SelectionArgs::default() });
        assert_eq!(chosen.kinds.len(), KINDS.iter().filter(|kind| kind.default).count());
        assert!(chosen.scope.namespaces.is_empty());
    }

    #[test]
    fn names_are_checked_and_ordered() {
        let resources = list(" pods ,namespaces,pods");
        let namespaces = list("b,a,,b");
        let chosen = choice(SelectionArgs { resources, namespaces, ..SelectionArgs::default() });
        assert_eq!(chosen.kinds.iter().map(|k| k.names.plural).collect::<Vec<_>>(), ["namespaces", "pods"]);
        assert_eq!(chosen.scope.namespaces, ["a", "b"]);
        let args = SelectionArgs { resources: list("namespaces,pod"), ..SelectionArgs::default() };
        let error = Choice::try_from(args).unwrap_err().to_string();
        assert!(error.starts_with("--resources has no kind \"pod\"; did you mean \"pods\"?"), "{error}");
    }

    #[test]
    fn only_what_is_shown_is_kept() {
        let metric_denylist = list("kube_node_|kube_pod_labels");
        let labels = SelectionArgs {
            metric_labels_allowlist: "*=[app]".to_owned(),
            metric_annotations_allowlist: "pods=[team]".to_owned(),
            metric_denylist,
            ..SelectionArgs::default()
        };
        let chosen = choice(labels);
        let team = Keys::new(["team"]);
        assert_eq!(chosen.selection::<Pod>(), Selection { annotations: team, ..Selection::default() });
        let app = Keys::new(["app"]);
        assert_eq!(chosen.selection::<Namespace>(), Selection { labels: app, ..Selection::default() });
        assert_eq!(chosen.selection::<Node>(), Selection::default());
        assert!(!chosen.kinds.iter().any(|kind| kind.names == Node::NAMES), "nodes have no family left");
    }

    #[test]
    fn selectors_are_for_what_they_can_select() {
        let scope = |namespaces: &str, denied: &str, node: &str, unscheduled| {
            choice(SelectionArgs {
                namespaces: list(namespaces),
                namespaces_denylist: list(denied),
                node: Some(node.to_owned()),
                track_unscheduled_pods: crate::cli::Bool(unscheduled),
                ..SelectionArgs::default()
            })
            .scope
        };
        let (pods, claims, nodes) =
            (Pod::NAMES, crate::resources::persistentvolumeclaims::PersistentVolumeClaim::NAMES, Node::NAMES);
        for (scope, of_pods, of_claims, of_nodes) in [
            (scope("", "", "", false), None, None, None),
            (
                scope("", "b,a", "", false),
                Some("metadata.namespace!=a,metadata.namespace!=b"),
                Some("metadata.namespace!=a,metadata.namespace!=b"),
                None,
            ),
            (scope("c", "", "n1", false), Some("spec.nodeName=n1"), None, None),
            (scope("", "", "n1", true), Some("spec.nodeName="), None, None),
            (
                scope("", "a", "n1", false),
                Some("metadata.namespace!=a,spec.nodeName=n1"),
                Some("metadata.namespace!=a"),
                None,
            ),
        ] {
            assert_eq!(scope.field_selector(pods).as_deref(), of_pods);
            assert_eq!(scope.field_selector(claims).as_deref(), of_claims);
            assert_eq!(scope.field_selector(nodes).as_deref(), of_nodes);
        }
        let some = scope("a,b", "b", "n1", false);
        assert!(some.covers(pods, "a", "n1") && some.covers(claims, "a", "") && some.covers(nodes, "", ""));
        for (namespace, node) in [("b", "n1"), ("c", "n1"), ("a", "n2"), ("a", "")] {
            assert!(!some.covers(pods, namespace, node), "{namespace} {node}");
        }
        let unscheduled = scope("", "", "n1", true);
        assert!(unscheduled.covers(pods, "a", "") && !unscheduled.covers(pods, "a", "n1"));
    }
}
