//! The table of all kinds and families, held to the conventions and to the contract.

use crate::{
    contract::{self, ContractFamily, ContractKind, OUR_FAMILIES, is_our_kind},
    golden,
};
use kstate::catalog::{KINDS, Kind, KindFamily, families};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds whose families aren't named after their singular name in full.
const SHORTENED: &[(&str, &str)] = &[("endpoints", "endpoint")];

/// Families that are named as their kind is, with nothing behind it.
const BARE: &[&str] = &["kube_limitrange", "kube_resourcequota"];

/// Counters whose name doesn't end as a counter's should.
const COUNTERS_WITHOUT_TOTAL: &[&str] = &[];

/// Labels that some samples of a family have in place of its own.
const OTHER_LABELS: &[(&str, &[&str])] =
    &[("kube_ingress_path", &["resource_api_group", "resource_kind", "resource_name"])];

#[test]
fn the_table_is_that_of_the_contract() {
    let mut expected: BTreeMap<String, ContractKind> =
        contract::kinds().into_iter().map(|kind| (kind.resource.clone(), kind)).collect();
    assert_eq!(expected.len(), 39);
    assert_eq!(expected.values().map(|kind| kind.families.len()).sum::<usize>(), 336);
    for kind in KINDS.iter().filter(|kind| !is_our_kind(kind)) {
        let ours = ContractKind {
            resource: kind.names.plural.to_owned(),
            api_version: kind.names.api_version(),
            namespaced: kind.names.namespaced,
            default: kind.default,
            families: families(kind).iter().filter(|family| !is_ours(family)).map(facts).collect(),
        };
        let expected = expected.remove(kind.names.plural);
        let expected = expected.unwrap_or_else(|| {
            panic!("contract/families.json lacks {0}, and OUR_KINDS does, too", kind.names.plural)
        });
        for (ours, expected) in ours.families.iter().zip(&expected.families) {
            assert_eq!(ours, expected, "{}", kind.names.plural);
        }
        assert_eq!(ours, expected, "{}", kind.names.plural);
    }
    let absent: Vec<String> = expected.into_keys().collect();
    assert!(absent.is_empty(), "the catalog lacks {absent:?}");
}

#[test]
fn our_own_kinds_and_families_are_on_request() {
    for kind in KINDS.iter().filter(|kind| is_our_kind(kind)) {
        assert!(!kind.default, "{} are served by default", kind.names.plural);
    }
    let all = all();
    for name in OUR_FAMILIES {
        let family = all.iter().find(|(_, family)| family.description.name == *name);
        let (_, family) = family.unwrap_or_else(|| panic!("{name} is of no kind"));
        assert!(family.description.opt_in, "{name} is served by default");
    }
}

#[test]
fn names_are_unique_and_begin_as_their_kind() {
    let mut seen = BTreeSet::new();
    for (kind, family) in all() {
        let name = family.description.name;
        assert!(seen.insert(name), "{name} is there twice");
        let prefix = prefix(kind);
        let rest = name.strip_prefix(&prefix).unwrap_or_else(|| panic!("{name} doesn't begin with {prefix}"));
        if BARE.contains(&name) {
            assert_eq!(rest, "");
        } else {
            assert!(rest.starts_with('_') && rest.len() > 1, "{name}");
        }
        assert!(is_legal(name), "{name}");
    }
}

#[test]
fn labels_are_legal_and_unique() {
    for (_, family) in all() {
        let mut seen = BTreeSet::new();
        for label in &family.labels {
            assert!(seen.insert(label), "{} has the label {label} twice", family.description.name);
            let begin = label.strip_suffix('*').unwrap_or(label);
            assert!(is_legal(begin) && !begin.starts_with("__"), "{} {label}", family.description.name);
        }
    }
}

#[test]
fn counters_are_called_totals() {
    for (_, family) in all() {
        let name = family.description.name;
        let counter = family.description.metric_type.as_str() == "counter";
        assert_eq!(counter && !COUNTERS_WITHOUT_TOTAL.contains(&name), name.ends_with("_total"), "{name}");
    }
}

#[test]
fn every_family_is_described_in_sentences() {
    for (_, family) in all() {
        let description = family.description;
        let help = description.help;
        assert!(help.ends_with('.') && help.starts_with(char::is_uppercase), "{}: {help}", description.name);
        assert!(help.lines().count() == 1 && !help.contains("  "), "{}: {help}", description.name);
        // The rest of a sentence that begins with "Appears".
        let appears = description.appears;
        assert!(appears.starts_with(char::is_lowercase), "{}: {appears}", description.name);
        assert!(!appears.ends_with('.') && appears.trim() == appears, "{}: {appears}", description.name);
    }
}

#[test]
fn every_family_has_a_sample_in_its_golden_file() {
    for kind in KINDS {
        let golden = golden::families(kind.names.plural);
        let names: Vec<&str> = golden.iter().map(|family| &*family.name).collect();
        let listed = families(kind);
        let expected: Vec<&str> = listed.iter().map(|family| family.description.name).collect();
        assert_eq!(
            names, expected,
            "{}.prom; UPDATE_EXPECT=1 cargo test golden writes it",
            kind.names.plural
        );
        for (golden, family) in golden.iter().zip(&listed) {
            assert!(!golden.samples.is_empty(), "{}", golden.name);
            for sample in &golden.samples {
                for (label, _) in &sample.labels {
                    assert!(declares(family, label), "{} has no label {label}", golden.name);
                }
            }
        }
    }
}

fn declares(family: &KindFamily, label: &str) -> bool {
    let other = OTHER_LABELS.iter().find(|(name, _)| *name == family.description.name);
    if other.is_some_and(|(_, labels)| labels.contains(&label)) {
        return true;
    }
    family.labels.iter().any(|declared| match declared.strip_suffix('*') {
        Some(prefix) => label.starts_with(prefix),
        None => label == declared,
    })
}

fn all() -> Vec<(&'static Kind, KindFamily)> {
    let all: Vec<_> =
        KINDS.iter().flat_map(|kind| families(kind).into_iter().map(move |family| (kind, family))).collect();
    assert!(all.len() > 100);
    all
}

fn is_ours(family: &KindFamily) -> bool {
    OUR_FAMILIES.contains(&family.description.name)
}

fn facts(family: &KindFamily) -> ContractFamily {
    let description = family.description;
    ContractFamily {
        name: description.name.to_owned(),
        r#type: description.metric_type.as_str().to_owned(),
        stable: description.stable,
        opt_in: description.opt_in,
        deprecated: description.deprecated.map(str::to_owned),
        labels: family.labels.clone(),
    }
}

/// `kube_` and the kind's name in the API in lower case, which is its singular.
fn prefix(kind: &Kind) -> String {
    let shortened = SHORTENED.iter().find(|(plural, _)| *plural == kind.names.plural);
    let singular = shortened.map_or_else(|| kind.names.kind.to_lowercase(), |(_, name)| (*name).to_owned());
    format!("kube_{singular}")
}

/// Whether metrics and labels may be called so.
fn is_legal(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && name.chars().all(legal)
}
