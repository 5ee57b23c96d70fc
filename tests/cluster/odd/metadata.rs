//! What all objects have: names, labels, annotations, owners, finalizers, and deletions that these
//! hold up.

use super::dice::{Dice, thin, with};
use serde_json::{Map, Value, json};

/// The namespaces of most objects. Not all of them are there as objects.
pub(super) const NAMESPACES: [&str; 5] = ["default", "kube-system", "odd-0", "odd-1", "nowhere"];

const LABEL_KEYS: [&str; 14] = [
    "app",
    "app.kubernetes.io/name",
    "app_kubernetes_io_name",
    "app.kubernetes.io/part-of",
    "camelCase",
    "camel_case",
    "a.b",
    "a-b",
    "a_b",
    "0starts-with-digit",
    "example.com/0",
    "HTTPServer",
    "x",
    "topology.kubernetes.io/zone",
];

const LABEL_VALUES: [&str; 7] = ["", "web", "A.b-c_D", "0", "true", "1.2.3", "europe-west1-b"];

/// The metadata of an object in one of the namespaces.
pub(super) fn namespaced(name: &str, dice: &mut Dice) -> Value {
    let namespace = dice.pick(&NAMESPACES);
    with(metadata(name, dice), json!({ "namespace": namespace }))
}

/// The metadata of an object of the whole cluster.
pub(super) fn metadata(name: &str, dice: &mut Dice) -> Value {
    let parts = json!({
        "labels": labels(dice),
        "annotations": annotations(dice),
        "ownerReferences": owners(dice),
        "finalizers": finalizers(dice),
        "generateName": "generated-",
    });
    let mut metadata = with(thin(parts, dice), json!({ "name": name }));
    if dice.percent(12) {
        // Finalizers hold it, so that it can be seen while it is being deleted.
        metadata["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        metadata["finalizers"] = json!(["example.com/held"]);
    }
    metadata
}

/// A name by the rules of most kinds: it may have dots and be very long.
pub(super) fn name(index: usize, dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => format!("odd.{index}.example.com"),
        1 => format!("{index}-starts-with-a-digit"),
        2 => format!("odd-{index}-{}", "long.".repeat(40) + "name"),
        _ => format!("odd-{index}"),
    }
}

/// A name that may be part of a host's name: no dots, at most 63 letters.
pub(super) fn short_name(index: usize, dice: &mut Dice) -> String {
    if dice.percent(10) { format!("odd-{index}-{}", "l".repeat(40)) } else { format!("odd-{index}") }
}

/// A name of a kind that admits everything that fits into a path.
pub(super) fn free_name(index: usize, dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => format!("system:odd:{index}"),
        1 => format!("Odd \"name\" \\ {index}"),
        2 => format!("ünïcödé\u{1f980}\n{index}"),
        3 => format!("?a={index}&b#c+d "),
        _ => name(index, dice),
    }
}

/// A set of labels, at times with several that read alike as metrics' labels.
pub(super) fn labels(dice: &mut Dice) -> Value {
    let keys = dice.some_of(&LABEL_KEYS);
    keys.into_iter()
        .map(|key| (key.to_owned(), json!(dice.pick(&LABEL_VALUES))))
        .collect::<Map<_, _>>()
        .into()
}

/// A set of annotations, whose values may be any text.
pub(super) fn annotations(dice: &mut Dice) -> Value {
    let mut keys = dice.some_of(&LABEL_KEYS);
    if dice.percent(10) {
        keys.push("kubectl.kubernetes.io/last-applied-configuration");
    }
    keys.into_iter().map(|key| (key.to_owned(), json!(dice.text()))).collect::<Map<_, _>>().into()
}

/// References to owners, at most one of which controls the object.
pub(super) fn owners(dice: &mut Dice) -> Value {
    let controller = dice.below(4);
    let owners = dice.list(0, |dice, index| {
        let kinds =
            [("apps/v1", "ReplicaSet"), ("v1", "Node"), ("example.com/v1beta1", "Odd"), ("batch/v1", "Job")];
        let (version, kind) = dice.pick(&kinds);
        // The same owner may be named twice, as one that controls and one that does not.
        let name = dice.pick(&["owner", "owner", "other.owner"]);
        let owner = json!({ "apiVersion": version, "kind": kind, "name": name, "uid": dice.uid() });
        let flags = json!({ "controller": index == controller, "blockOwnerDeletion": dice.coin() });
        with(thin(flags, dice), owner)
    });
    owners.into()
}

fn finalizers(dice: &mut Dice) -> Value {
    dice.some_of(&["example.com/a", "example.com/b-c.d"]).into()
}
