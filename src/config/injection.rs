//! `--inject-labels`: labels of an object, its namespace or its node in all samples of the object.

use super::allowlist::{ByKind, check};
use crate::{
    catalog::KINDS,
    cli::UsageError,
    exposition::Keys,
    relations::{Injected, Origin},
    resource::Names,
};

/// The labels that the samples of each kind have, in the order in which they were named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Injection(ByKind<Vec<Injected>>);

impl Injection {
    /// Reads `pods=[app,namespace:team,node:zone]`.
    pub(super) fn parse(text: &str) -> Result<Self, UsageError> {
        let lists =
            ByKind::read("--inject-labels", "pods=[app,namespace:team,node:zone]", text, |plural, keys| {
                let names = KINDS.iter().map(|kind| kind.names).find(|names| names.plural == plural);
                keys.into_iter().map(|key| injected(names, key)).collect()
            })?;
        Ok(Self(lists))
    }

    /// Those of a kind, without what its objects can't have.
    pub(super) fn of(&self, names: Names) -> Vec<Injected> {
        let mut injected = self.0.of(names.plural);
        injected.retain(|injected| has(names, injected.origin));
        injected
    }

    /// True where no kind has any.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads one label, `names` being those of the kind unless it is for all kinds.
fn injected(names: Option<Names>, text: &str) -> Result<Injected, String> {
    let (origin, key) = match text.split_once(':') {
        None => (Origin::Own, text),
        Some(("namespace", key)) => (Origin::Namespace, key),
        Some(("node", key)) => (Origin::Node, key),
        Some((other, _)) => {
            return Err(format!("\"{other}:\", where only \"namespace:\" and \"node:\" are known,"));
        }
    };
    check(key)?;
    if names.is_some_and(|names| !has(names, origin)) {
        let what = if origin == Origin::Node { "node" } else { "namespace" };
        return Err(format!("\"{text}\", though such objects have no {what},"));
    }
    Ok(Injected { origin, keys: Keys::new([key]) })
}

/// Whether objects of a kind have such an origin.
fn has(names: Names, origin: Origin) -> bool {
    match origin {
        Origin::Own => true,
        Origin::Namespace => names.namespaced,
        Origin::Node => names.plural == "pods",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        resource::Resource as _,
        resources::{configmaps::ConfigMap, nodes::Node, pods::Pod},
    };

    fn one(origin: Origin, key: &str) -> Injected {
        Injected { origin, keys: Keys::new([key]) }
    }

    #[test]
    fn labels_stand_in_the_order_in_which_they_are_named() {
        let read = Injection::parse("pods=[namespace:team,app,node:zone-*],nodes=[*]").unwrap();
        let pods = [one(Origin::Namespace, "team"), one(Origin::Own, "app"), one(Origin::Node, "zone-*")];
        assert_eq!(read.of(Pod::NAMES), pods);
        assert_eq!(read.of(Node::NAMES), [one(Origin::Own, "*")]);
        assert!(read.of(ConfigMap::NAMES).is_empty());
        assert!(Injection::parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_for_all_kinds_is_for_those_that_can_have_it() {
        let read = Injection::parse("*=[team,namespace:team,node:zone]").unwrap();
        let labels = [one(Origin::Own, "team"), one(Origin::Namespace, "team"), one(Origin::Node, "zone")];
        assert_eq!(read.of(Pod::NAMES), labels);
        assert_eq!(read.of(ConfigMap::NAMES), labels[..2]);
        assert_eq!(read.of(Node::NAMES), labels[..1]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            (
                "pods=[zone:a]",
                "has \"zone:\", where only \"namespace:\" and \"node:\" are known, for \"pods\"",
            ),
            (
                "nodes=[namespace:a]",
                "has \"namespace:a\", though such objects have no namespace, for \"nodes\"",
            ),
            ("services=[node:a]", "has \"node:a\", though such objects have no node, for \"services\""),
            ("pods=[node:]", "has an empty key for \"pods\""),
            ("pods=[namespace:*a*]", "more than one *"),
            ("pod=[a]", "did you mean \"pods\"?"),
            ("pods=a", "it is written as in pods=[app,namespace:team,node:zone]"),
        ] {
            let error = Injection::parse(text).expect_err(text).to_string();
            assert!(error.starts_with("--inject-labels ") && error.contains(named), "{text}: {error}");
        }
    }
}
