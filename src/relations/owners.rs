//! Who runs an object: the chain of its owners.

use super::Subject;
use crate::wire::{Atom, OwnerReference, Uid, Workload};

/// Owners of owners that are followed. No real chain is as long, and one that bites its tail ends here.
const LONGEST: usize = 16;

/// An owner of which nothing is known.
#[derive(Debug, Clone, Copy)]
pub struct Unknown<'a> {
    /// Who it is.
    pub owner: &'a OwnerReference,
}

/// The workload of an object is what somebody has deployed: its owner, and where that is only a step on
/// the way, such as a Deployment's `ReplicaSet`, the owner of that. What nobody owns is its own workload,
/// and so is a static pod, whose owner is the node.
///
/// `owner_of` says who manages an owner, nobody, or that nothing is known of it; those are told.
pub fn workload<'a>(
    Subject { kind, metadata, .. }: Subject<'a>,
    owner_of: impl Fn(&Uid) -> Option<Option<&'a OwnerReference>>,
    unknown: &mut dyn FnMut(Unknown<'_>),
) -> Workload {
    let (mut workload, mut top, mut on_the_way) = (None, None, true);
    let mut next = metadata.controller();
    for _ in 0..LONGEST {
        let Some(owner) = next else { break };
        top = Some(owner);
        if is_node(owner) {
            break;
        }
        if on_the_way {
            workload = top;
            on_the_way = is_step(owner);
        }
        if owner.uid.is_empty() {
            break;
        }
        let known = owner_of(&owner.uid);
        if known.is_none() {
            unknown(Unknown { owner });
        }
        next = known.flatten();
    }
    // Names of pods are not worth interning unless they are shown.
    let names = |owner: Option<&OwnerReference>| match owner {
        Some(owner) => (owner.kind.clone(), owner.name.clone()),
        None => (Atom::new(kind), Atom::new(&metadata.name)),
    };
    let ((kind, name), (top_kind, top_name)) = (names(workload), names(top));
    Workload { kind, name, top_kind, top_name }
}

fn is_node(owner: &OwnerReference) -> bool {
    is(owner, "v1", "Node")
}

/// Whether an owner as a rule does the work of another one.
fn is_step(owner: &OwnerReference) -> bool {
    [("apps/v1", "ReplicaSet"), ("batch/v1", "Job"), ("v1", "ReplicationController")]
        .into_iter()
        .any(|(api_version, kind)| is(owner, api_version, kind))
}

fn is(owner: &OwnerReference, api_version: &str, kind: &str) -> bool {
    *owner.api_version == *api_version && *owner.kind == *kind
}
