//! The families of both expositions, while they are read.

use super::{
    Terms,
    declared::Declared,
    line::{Line, Sample},
    reading::{Item, ReadError, Reader},
    report::{Changed, FamilyReport, Report, Totals},
    series::{Key, Outcome, Series},
};
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use std::io::BufRead;

/// What is known of both expositions.
#[derive(Debug)]
pub(super) struct Families {
    terms: Terms,
    hashes: RandomState,
    known: HashMap<String, Family>,
    old: Totals,
    new: Totals,
}

#[derive(Debug, Default)]
struct Family {
    old: Option<Declared>,
    new: Option<Declared>,
    series: Series,
    only: [u64; 2],
    examples: [Vec<String>; 2],
    changed: u64,
    changes: Vec<Changed>,
}

impl Families {
    pub(super) fn new(terms: Terms) -> Self {
        let [old, new] = [Totals::default(); 2];
        Self { terms, hashes: RandomState::default(), known: HashMap::new(), old, new }
    }

    /// Takes all of the old exposition.
    pub(super) fn read_old(&mut self, mut reader: Reader<impl BufRead>) -> Result<(), ReadError> {
        while let Some(item) = reader.next_item()? {
            let Some(family) = family_of(&mut self.known, &item) else { continue };
            let declared = family.old.get_or_insert_default();
            let Some(sample) = declared.take(&item.line) else { continue };
            let key = Key::of(sample, &self.hashes);
            if family.series.add_old(key, sample.value) == Outcome::Repeated {
                declared.repeated += 1;
            }
        }
        self.old = Totals::of(self.known.values().filter_map(|family| family.old.as_ref()), reader.ended());
        Ok(())
    }

    /// Takes all of the new exposition, after the old one.
    pub(super) fn read_new(&mut self, mut reader: Reader<impl BufRead>) -> Result<(), ReadError> {
        let Terms { tolerance, examples, .. } = self.terms;
        while let Some(item) = reader.next_item()? {
            let Some(family) = family_of(&mut self.known, &item) else { continue };
            let Item { family: name, line, text } = item;
            let declared = family.new.get_or_insert_default();
            let Some(sample) = declared.take(&line) else { continue };
            let key = Key::of(sample, &self.hashes);
            match family.series.add_new(key, sample.value) {
                Outcome::Repeated => declared.repeated += 1,
                Outcome::Added => {
                    family.only[1] += 1;
                    if family.examples[1].len() < examples {
                        family.examples[1].push(text.to_owned());
                    }
                }
                Outcome::Met(old) if same(name, old, sample.value, tolerance) => {}
                Outcome::Met(old) => {
                    family.changed += 1;
                    if family.changes.len() < examples {
                        let series = series(sample);
                        family.changes.push(Changed { series, old, new: sample.value });
                    }
                }
            }
        }
        self.new = Totals::of(self.known.values().filter_map(|family| family.new.as_ref()), reader.ended());
        for family in self.known.values_mut() {
            family.only[0] = family.series.only_old();
        }
        Ok(())
    }

    /// Whether lines of the old exposition are to be shown.
    pub(super) fn lack_examples(&self) -> bool {
        self.terms.examples > 0 && self.known.values().any(|family| family.only[0] > 0)
    }

    /// Reads the old exposition again, for the lines that the new one lacks.
    pub(super) fn find_missing(&mut self, mut reader: Reader<impl BufRead>) -> Result<(), ReadError> {
        while let Some(Item { family: name, line, text }) = reader.next_item()? {
            let (Line::Sample(sample), Some(family)) = (&line, self.known.get_mut(name)) else { continue };
            let wanted = family.only[0].min(self.terms.examples as u64);
            let lacks = (family.examples[0].len() as u64) < wanted;
            if lacks && family.series.tell(Key::of(sample, &self.hashes)) {
                family.examples[0].push(text.to_owned());
            }
        }
        Ok(())
    }

    /// What differs.
    pub(super) fn finish(self) -> Report {
        let Self { terms, known, old, new, .. } = self;
        let as_text = old.open_metrics != new.open_metrics;
        let (mut families, mut empty) = (Vec::new(), 0);
        for (name, family) in known {
            if family.is_declared_only() {
                empty += 1;
                continue;
            }
            let report = family.finish(name, terms.help, as_text);
            families.extend(report.differs().then_some(report));
        }
        families.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Report { old, new, families, empty }
    }
}

/// The family of a line that says something of it.
fn family_of<'k>(known: &'k mut HashMap<String, Family>, item: &Item<'_>) -> Option<&'k mut Family> {
    let says = !matches!(item.line, Line::Nothing | Line::End);
    says.then(|| known.entry_ref(item.family).or_default())
}

impl Family {
    /// Whether one side alone has it, and that without samples.
    fn is_declared_only(&self) -> bool {
        match (&self.old, &self.new) {
            (Some(only), None) | (None, Some(only)) => only.samples == 0,
            _ => false,
        }
    }

    fn finish(self, name: String, help: bool, as_text: bool) -> FamilyReport {
        let Self { old, new, only, examples, changed, changes, .. } = self;
        let samples = [&old, &new].map(|side| side.as_ref().map(|side| side.samples));
        let mut report =
            FamilyReport { name, samples, only, examples, changed, changes, ..FamilyReport::default() };
        if let (Some(old), Some(new)) = (old, new) {
            let types = [&old, &new].map(|side| side.type_in(as_text).to_owned());
            report.types = Some(types).filter(|[old, new]| old != new);
            let helps = [&old, &new].map(|side| side.help.as_deref().unwrap_or_default().to_owned());
            report.helps = Some(helps).filter(|[old, new]| help && old != new);
            // Names of labels are those of samples: a side without any has none to compare.
            if old.samples > 0 && new.samples > 0 {
                report.labels = [old.labels_beyond(&new), new.labels_beyond(&old)];
            }
        }
        report
    }
}

/// Whether two values are the same, for a family of points in time within the tolerance.
#[allow(clippy::float_cmp)] // whatever was written with the same digits
fn same(family: &str, old: f64, new: f64, tolerance: f64) -> bool {
    const TIME: [&str; 4] = ["time", "timestamp", "created", "started"];
    let is_time = || family.split('_').any(|word| TIME.contains(&word));
    old == new || (old.is_nan() && new.is_nan()) || ((old - new).abs() <= tolerance && is_time())
}

/// The name and the labels of a sample, in their order.
fn series(sample: &Sample<'_>) -> String {
    let labels: Vec<String> =
        sample.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    if labels.is_empty() {
        sample.name.to_owned()
    } else {
        format!("{}{{{}}}", sample.name, labels.join(","))
    }
}
