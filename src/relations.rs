//! What other objects say of an object: who runs it, and labels of its namespace and its node.
//!
//! It is worked out when an object is stored, from what is [known](Known) of the others by then, and
//! stands in the object's metadata. So rendering stays a pure function of one object, and nothing is
//! kept for an object but two pointers to what it shares with others. Where something becomes known
//! later, the objects are looked through and those that it concerns are stored anew.

mod held;
mod owners;

pub use held::Source;
pub use owners::{Unknown, workload};

use crate::{
    exposition::{Keys, LabelNames},
    wire::{Atom, Labels, ObjectMeta, OwnerReference, Relations, Shared, Uid},
};
use held::Held;

/// What is to be worked out for the objects of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Which labels all of their samples have. Where two have the same name, the first counts.
    pub labels: Vec<Injected>,
    /// Whether it is asked who runs them.
    pub workload: bool,
}

/// Labels of an object that the samples of another one have, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// Whose labels.
    pub origin: Origin,
    /// Which of them.
    pub keys: Keys,
}

/// Whose labels are injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The object's own.
    Own,
    /// Those of its namespace.
    Namespace,
    /// Those of its node.
    Node,
}

impl Rules {
    /// True where nothing is to be worked out.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && !self.workload
    }

    /// The keys of an origin's labels.
    pub fn keys(&self, origin: Origin) -> Keys {
        let injected = self.labels.iter().filter(|injected| injected.origin == origin);
        injected.fold(Keys::default(), |keys, injected| keys.union(&injected.keys))
    }

    /// Whether what has changed between two versions matters.
    pub fn concern(&self, before: Versions, now: Versions) -> bool {
        let reads = |origin| self.labels.iter().any(|injected| injected.origin == origin);
        (self.workload && before.owners != now.owners)
            || (reads(Origin::Namespace) && before.namespaces != now.namespaces)
            || (reads(Origin::Node) && before.nodes != now.nodes)
    }
}

/// An object for which relations are worked out.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its kind, such as `Pod`.
    pub kind: &'static str,
    /// Its metadata.
    pub metadata: &'a ObjectMeta,
    /// The name of its node, empty where it has none.
    pub node: &'a str,
}

/// How often something became known that objects may have been stored without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Versions {
    owners: u64,
    namespaces: u64,
    nodes: u64,
}

/// What is known of the objects that others refer to. What has vanished stays known as long as
/// somebody refers to it.
#[derive(Debug, Default)]
pub struct Known {
    /// The one owner that manages an owner, or none.
    owners: Held<Uid, Shared<OwnerReference>>,
    namespaces: Held<Atom, Labels>,
    nodes: Held<Atom, Labels>,
    versions: Versions,
}

/// What an object that others refer to says of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// By its own owner, who runs them.
    Owner,
    /// The labels of their namespace.
    Namespace,
    /// The labels of their node.
    Node,
}

impl Known {
    /// How often something became known late.
    pub fn versions(&self) -> Versions {
        self.versions
    }

    /// A list of a source begins.
    pub fn begin(&mut self, says: Says, source: Source) {
        match says {
            Says::Owner => self.owners.begin(source),
            Says::Namespace => self.namespaces.begin(source),
            Says::Node => self.nodes.begin(source),
        }
    }

    /// An object is there, or has changed.
    pub fn put(&mut self, says: Says, source: Source, object: ObjectMeta) {
        let name = || Atom::new(&object.name);
        match says {
            // Nobody can refer to it.
            Says::Owner if object.uid.is_empty() => {}
            Says::Owner => {
                let owner = object.controller().cloned().into_iter().collect();
                self.versions.owners += u64::from(self.owners.put(source, object.uid, Shared::new(owner)));
            }
            Says::Namespace => {
                let late = self.namespaces.put(source, name(), object.labels);
                self.versions.namespaces += u64::from(late);
            }
            Says::Node => {
                let late = self.nodes.put(source, name(), object.labels);
                self.versions.nodes += u64::from(late);
            }
        }
    }

    /// An object has vanished.
    pub fn vanish(&mut self, says: Says, object: &ObjectMeta) {
        match says {
            Says::Owner => self.owners.vanish(&object.uid),
            Says::Namespace => self.namespaces.vanish(&Atom::new(&object.name)),
            Says::Node => self.nodes.vanish(&Atom::new(&object.name)),
        }
    }

    /// A list is complete: what it did not bring has vanished.
    pub fn finish(&mut self, says: Says, source: Source) {
        match says {
            Says::Owner => self.owners.finish(source),
            Says::Namespace => self.namespaces.finish(source),
            Says::Node => self.nodes.finish(source),
        }
    }

    /// Forgets what has vanished and was not asked for since this was called last. Everything is to be
    /// worked out once more, so that what is still referred to is asked for again.
    pub fn sweep(&mut self) {
        self.owners.sweep();
        self.namespaces.sweep();
        self.nodes.sweep();
        let Versions { owners, namespaces, nodes } = self.versions;
        self.versions = Versions { owners: owners + 1, namespaces: namespaces + 1, nodes: nodes + 1 };
    }

    /// Works out what there is to say of an object. Each owner of which nothing is known is told.
    pub fn relations(
        &self,
        rules: &Rules,
        subject: Subject<'_>,
        unknown: &mut dyn FnMut(Unknown<'_>),
    ) -> Relations {
        // What is as before is not looked up in the pool.
        let before = &subject.metadata.relations;
        let labels = if rules.labels.is_empty() { Vec::new() } else { self.labels(rules, subject) };
        let labels = if labels == *before.labels { before.labels.clone() } else { Shared::new(labels) };
        let owner_of = |uid: &Uid| Some(self.owners.get(uid)?.first());
        let workload = rules.workload.then(|| workload(subject, owner_of, unknown));
        let workload = if before.workload.first() == workload.as_ref() {
            before.workload.clone()
        } else {
            Shared::new(workload.into_iter().collect())
        };
        Relations { labels, workload }
    }

    fn labels(&self, rules: &Rules, Subject { metadata, node, .. }: Subject<'_>) -> Vec<(Atom, Atom)> {
        let mut all: Vec<(Atom, Atom)> = Vec::new();
        for Injected { origin, keys } in &rules.labels {
            let of = match origin {
                Origin::Own => Some(&metadata.labels),
                Origin::Namespace => self.namespaces.get(&metadata.namespace),
                Origin::Node => (!node.is_empty()).then(|| self.nodes.get(&Atom::new(node))).flatten(),
            };
            let Some(of) = of else { continue };
            let chosen = || of.iter().filter(|(key, _)| keys.matches(key));
            let names = LabelNames::new(PREFIX, chosen().map(|(key, _)| key));
            for (name, (_, value)) in names.iter().zip(chosen()) {
                if !all.iter().any(|(other, _)| *other == *name) {
                    all.push((Atom::new(name), Atom::new(value)));
                }
            }
        }
        all
    }
}

/// What the names of injected labels begin with, as those of the families of labels.
const PREFIX: &str = "label_";

#[cfg(test)]
mod tests;
