//! Differences for programs.

use super::{
    source::Source,
    text::{apart, instant, number},
};
use crate::compare::{Changed, FamilyReport, Report, Totals};
use serde::Serialize;

/// The report. The keys are what programs rely on: none is renamed or left out.
#[derive(Serialize)]
struct Object<'a> {
    same: bool,
    old: Exposition<'a>,
    new: Exposition<'a>,
    seconds_apart: Option<f64>,
    empty_families_of_one_side: u64,
    families: Vec<Family<'a>>,
}

#[derive(Serialize)]
struct Exposition<'a> {
    source: &'a str,
    time: Option<String>,
    format: &'a str,
    families: u64,
    samples: u64,
    repeated_samples: u64,
}

#[derive(Serialize)]
struct Family<'a> {
    name: &'a str,
    samples: Pair<Option<u64>>,
    types: Option<Pair<&'a str>>,
    helps: Option<Pair<&'a str>>,
    labels_only_in: Pair<&'a [String]>,
    samples_only_in: Pair<u64>,
    examples_only_in: Pair<&'a [String]>,
    values_changed: u64,
    examples_changed: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Pair<T> {
    old: T,
    new: T,
}

/// Values are texts, as JSON has no infinity.
#[derive(Serialize)]
struct Change<'a> {
    series: &'a str,
    old: String,
    new: String,
}

/// One object.
pub(super) fn object(report: &Report, [old, new]: [&Source; 2]) -> String {
    let object = Object {
        same: report.is_same(),
        old: exposition(old, report.old),
        new: exposition(new, report.new),
        seconds_apart: apart([old, new]),
        empty_families_of_one_side: report.empty,
        families: report.families.iter().map(family).collect(),
    };
    serde_json::to_string_pretty(&object).expect("texts and finite numbers are always JSON") + "\n"
}

fn exposition(source: &Source, totals: Totals) -> Exposition<'_> {
    let Totals { families, samples, repeated: repeated_samples, open_metrics } = totals;
    let format = if open_metrics { "openmetrics" } else { "text" };
    let time = source.time.and_then(instant);
    Exposition { source: &source.name, time, format, families, samples, repeated_samples }
}

fn family(family: &FamilyReport) -> Family<'_> {
    Family {
        name: &family.name,
        samples: family.samples.into(),
        types: family.types.as_ref().map(texts),
        helps: family.helps.as_ref().map(texts),
        labels_only_in: family.labels.each_ref().map(Vec::as_slice).into(),
        samples_only_in: family.only.into(),
        examples_only_in: family.examples.each_ref().map(Vec::as_slice).into(),
        values_changed: family.changed,
        examples_changed: family.changes.iter().map(change).collect(),
    }
}

fn texts(pair: &[String; 2]) -> Pair<&str> {
    pair.each_ref().map(String::as_str).into()
}

fn change(Changed { series, old, new }: &Changed) -> Change<'_> {
    Change { series, old: number(*old), new: number(*new) }
}

impl<T> From<[T; 2]> for Pair<T> {
    fn from([old, new]: [T; 2]) -> Self {
        Self { old, new }
    }
}
