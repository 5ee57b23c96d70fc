//! Whatever objects there are, what is printed is a sound exposition.
//!
//! The objects are drawn from the lean types themselves: a deserializer answers each type's
//! question for a field with a random value. So they have missing parts, empty texts, unknown words
//! and repeated entries of lists in every combination, and new kinds and fields are covered as soon
//! as they exist.

mod draw;

use crate::exposition;
use draw::{Draw, Words};
use kstate::{
    catalog::{KINDS, Visitor, visit},
    exposition::{Keys, Selection},
    resource::Resource,
    wire::{Atom, Relations, Shared, Workload},
};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use std::{collections::HashSet, fs};

/// Expositions of each kind.
const ROUNDS: u64 = 300;
/// Objects in each.
const OBJECTS: usize = 4;

#[test]
fn no_series_is_printed_twice_and_all_can_be_read() {
    for kind in KINDS {
        let plural = kind.names.plural;
        let fixture = format!("{}/src/resources/testdata/{plural}.yaml", env!("CARGO_MANIFEST_DIR"));
        let fixture = fs::read_to_string(&fixture).unwrap_or_else(|error| panic!("{fixture}: {error}"));
        let words = Words::of(&fixture);
        let seen: HashSet<String> =
            (0..ROUNDS).flat_map(|seed| visit(plural, &mut Round { seed, words: &words }).unwrap()).collect();
        // Only what has samples is tested at all.
        let families = visit(plural, &mut Families).unwrap();
        let without: Vec<_> = families.iter().filter(|name| !seen.contains(**name)).collect();
        assert!(without.is_empty(), "{plural}: nothing was drawn that has samples of {without:?}");
    }
}

/// The families of a kind.
struct Families;

impl Visitor for Families {
    type Output = Vec<&'static str>;

    fn visit<K: Resource>(&mut self) -> Vec<&'static str> {
        K::FAMILIES.iter().map(|family| family.description().name).collect()
    }
}

/// Draws and prints some objects of a kind, and says which families they have samples of.
struct Round<'a> {
    seed: u64,
    words: &'a Words,
}

impl Visitor for Round<'_> {
    type Output = Vec<String>;

    fn visit<K: Resource>(&mut self) -> Vec<String> {
        let mut random = SmallRng::seed_from_u64(self.seed);
        let mut objects: Vec<K> = Vec::new();
        for number in 0..OBJECTS {
            let drawn = K::deserialize(Draw::new(&mut random, self.words));
            let mut object = drawn.unwrap_or_else(|error| panic!("{}: {error}", self.case::<K>()));
            // The API server sees to it that no two have the same, and that all have one.
            object.metadata_mut().name = format!("o{number}").into();
            // Which are not part of what is read.
            object.metadata_mut().relations = relations(random.random_range(0..3));
            objects.push(object);
        }
        let keys = |random: &mut SmallRng| {
            [Keys::default(), Keys::all(), Keys::new(["app", "*a*", "b"])][random.random_range(0..3)].clone()
        };
        let selection =
            Selection { labels: keys(&mut random), annotations: keys(&mut random), ..Selection::default() };

        let (mut text, mut printed) = (Vec::new(), 0);
        for family in K::FAMILIES {
            family.description().write_header(&mut text);
            for object in &objects {
                let mut identity = Vec::new();
                object.write_identity(&mut identity);
                printed += family.render(object, &identity, &selection, &mut text);
            }
        }
        let text = String::from_utf8(text).expect("only texts are written");
        let families = exposition::read(&text)
            .unwrap_or_else(|error| panic!("{}: {error}\n{objects:#?}", self.case::<K>()));
        let samples: usize = families.iter().map(|family| family.samples.len()).sum();
        assert_eq!(samples, printed, "{}: the number of samples", self.case::<K>());
        for family in &families {
            let (name, metric_type) = (&family.name, family.metric_type.as_str());
            assert!(["gauge", "counter"].contains(&metric_type), "{name} is a {metric_type}");
            let mut series = HashSet::new();
            for sample in &family.samples {
                let mut labels = sample.labels.clone();
                labels.sort();
                assert!(
                    series.insert(labels),
                    "{}: the series of this is there twice: {sample:?}\n{objects:#?}",
                    self.case::<K>()
                );
            }
        }
        let shown = families.into_iter().filter(|family| !family.samples.is_empty());
        shown.map(|family| family.name).collect()
    }
}

/// Somebody who runs an object, and so many labels that it gets, which it may show by itself.
fn relations(labels: usize) -> Relations {
    let [a, b] = ["a", "b"].map(Atom::new);
    let workload =
        Workload { kind: a.clone(), name: b.clone(), top_kind: a.clone(), top_name: Atom::default() };
    let labels = ["label_app", "label_b"].into_iter().take(labels).map(|name| (Atom::new(name), a.clone()));
    Relations { labels: Shared::new(labels.collect()), workload: Shared::new(vec![workload]) }
}

impl Round<'_> {
    fn case<K: Resource>(&self) -> String {
        format!("{}, seed {}", K::NAMES.plural, self.seed)
    }
}
