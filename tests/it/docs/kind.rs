//! The page of a kind: what there is at a glance, then each family with an example.

use super::{code, example, readers::Readers, stability, table};
use crate::{exposition::Family, golden};
use kstate::catalog::{Kind, KindFamily, families};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// As many families as one table shows well.
const LONG: usize = 20;
/// As few families as are worth a table of their own.
const FEW: usize = 4;

/// The page of a kind.
pub(super) fn page(kind: &Kind, readers: &Readers) -> String {
    let names = kind.names;
    let families = families(kind);
    let identity = shared_labels(&families);
    let mut text = format!("# {}\n\n{}", names.kind, summary(kind, families.len()));
    if !identity.is_empty() {
        let _ = write!(text, " Every family has {}.", labels(identity));
    }
    text += "\n\n[All kinds](README.md)\n\n";
    for (title, group) in groups(&families) {
        if let Some(title) = title {
            let _ = writeln!(text, "## {title}\n");
        }
        let rows = group.iter().map(|family| {
            let description = family.description;
            [
                format!("[`{0}`](#{0})", description.name),
                description.metric_type.as_str().to_owned(),
                stability(description),
                description.help.to_owned(),
                readers.in_short(description.name),
            ]
        });
        text += &table(["family", "type", "stability", "what it says", "read by"], rows);
        text.push('\n');
    }
    let golden = golden::families(names.plural);
    let golden: BTreeMap<&str, &Family> = golden.iter().map(|family| (&*family.name, family)).collect();
    text += "## In detail\n\n";
    for family in &families {
        text += &details(family, golden[family.description.name], identity.len(), readers);
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn summary(kind: &Kind, number: usize) -> String {
    let names = kind.names;
    let place = if names.namespaced { "in namespaces" } else { "outside of namespaces" };
    let exported = if kind.default {
        "by default".to_owned()
    } else {
        format!("where `--resources` names `{}`", names.plural)
    };
    let families = if number == 1 { "1 family".to_owned() } else { format!("{number} families") };
    let (plural, version) = (names.plural, names.api_version());
    format!("{families} of `{plural}` (`{version}`). The objects live {place} and are exported {exported}.")
}

fn labels(labels: &[String]) -> String {
    format!("the {} {}", if labels.len() == 1 { "label" } else { "labels" }, code(labels))
}

/// The labels that stand first in all families.
fn shared_labels(families: &[KindFamily]) -> &[String] {
    let Some(first) = families.first() else { return &[] };
    let is_shared = |at: usize| families.iter().all(|family| family.labels.get(at) == first.labels.get(at));
    let shared = (0..first.labels.len()).take_while(|at| is_shared(*at)).count();
    &first.labels[..shared]
}

/// All families, or where these are many, those whose names begin alike together.
fn groups(families: &[KindFamily]) -> Vec<(Option<String>, Vec<&KindFamily>)> {
    if families.len() <= LONG {
        return vec![(None, families.iter().collect())];
    }
    let mut by_beginning: BTreeMap<String, Vec<&KindFamily>> = BTreeMap::new();
    let mut rest = Vec::new();
    let names: Vec<&str> = families.iter().map(|family| family.description.name).collect();
    for family in families {
        let beginnings = (3..=4).rev().map(|words| beginning(family.description.name, words));
        let common = beginnings
            .flatten()
            .find(|begin| names.iter().filter(|name| starts_with_words(name, begin)).count() >= FEW);
        match common {
            Some(begin) => by_beginning.entry(begin.to_owned()).or_default().push(family),
            None => rest.push(family),
        }
    }
    // What is left over of a beginning that most families share with a longer one.
    let (many, few): (Vec<_>, Vec<_>) = by_beginning.into_iter().partition(|(_, group)| group.len() >= FEW);
    rest.extend(few.into_iter().flat_map(|(_, group)| group));
    rest.sort_by_key(|family| names.iter().position(|name| *name == family.description.name));
    let titled = many.into_iter().map(|(begin, group)| (Some(format!("`{begin}_…`")), group));
    [(Some("General".to_owned()), rest)].into_iter().chain(titled).collect()
}

/// The first words of a name; `kube` is the first one.
fn beginning(name: &str, words: usize) -> Option<&str> {
    name.match_indices('_').nth(words - 1).map(|(at, _)| &name[..at])
}

fn starts_with_words(name: &str, words: &str) -> bool {
    name.strip_prefix(words).is_some_and(|rest| rest.starts_with('_'))
}

fn details(family: &KindFamily, golden: &Family, identity: usize, readers: &Readers) -> String {
    let description = family.description;
    let mut text = format!("### `{}`\n\n", description.name);
    let _ = writeln!(text, "{} Appears {}.\n", description.help, description.appears);
    let labels = if family.labels.is_empty() { "none".to_owned() } else { code(&family.labels) };
    let (metric_type, stability) = (description.metric_type.as_str(), stability(description));
    let _ = writeln!(text, "- Type: {metric_type}, {stability}\n- Labels: {labels}");
    let other = other_labels(family, golden);
    if !other.is_empty() {
        let _ = writeln!(text, "- In place of some of them, depending on the object: {}", code(&other));
    }
    text += &readers.in_full(description.name);
    let _ = writeln!(text, "\n```text\n{}```\n", example::of(golden, identity));
    text
}

/// Labels that samples have and the family doesn't declare.
fn other_labels(family: &KindFamily, golden: &Family) -> BTreeSet<String> {
    let declared = |label: &&String| {
        family.labels.iter().any(|known| match known.strip_suffix('*') {
            Some(prefix) => label.starts_with(prefix),
            None => known == *label,
        })
    };
    let shown = golden.samples.iter().flat_map(|sample| &sample.labels).map(|(name, _)| name);
    shown.filter(|label| !declared(label)).cloned().collect()
}
