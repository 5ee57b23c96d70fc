//! Differences for people.

use super::source::Source;
use crate::{
    compare::{Changed, FamilyReport, Report, Totals},
    exposition::write_number,
};
use jiff::{Timestamp, Unit};
use std::{fmt::Write as _, time::SystemTime};

/// All of them, and a summary as the last line.
pub(super) fn page(report: &Report, sources: [&Source; 2]) -> String {
    let mut text = String::new();
    for (sign, source, totals) in [("---", sources[0], report.old), ("+++", sources[1], report.new)] {
        let _ = writeln!(text, "{sign} {}: {}{}", source.name, counted(&totals), time(source.time));
    }
    if let Some(seconds) = apart(sources) {
        let _ = writeln!(
            text,
            "    {seconds:.0} s lie between them: what changed meanwhile is among the differences."
        );
    }
    if report.old.open_metrics != report.new.open_metrics {
        text += "    Only one is OpenMetrics: types are compared as the text format has them.\n";
    }
    if report.empty > 0 {
        let _ = writeln!(
            text,
            "    {} without samples on one side only, which nobody can see in Prometheus.",
            number_of(report.empty, FAMILY)
        );
    }
    text.push('\n');
    for family in &report.families {
        write_family(family, &mut text);
    }
    text + &summary(report)
}

/// The seconds between two scrapes, where it is more than one.
pub(super) fn apart([old, new]: [&Source; 2]) -> Option<f64> {
    let (old, new) = (old.time?, new.time?);
    let between = new.duration_since(old).unwrap_or_else(|earlier| earlier.duration());
    Some(between.as_secs_f64()).filter(|seconds| *seconds > 1.0)
}

/// A point in time, in UTC.
pub(super) fn instant(time: SystemTime) -> Option<String> {
    Some(Timestamp::try_from(time).ok()?.round(Unit::Second).ok()?.to_string())
}

/// A value as it is written in expositions.
pub(super) fn number(value: f64) -> String {
    let mut text = Vec::new();
    write_number(&mut text, value);
    String::from_utf8(text).expect("numbers are written in ASCII")
}

fn time(time: Option<SystemTime>) -> String {
    time.and_then(instant).map(|time| format!(", {time}")).unwrap_or_default()
}

fn counted(totals: &Totals) -> String {
    let Totals { samples, repeated, open_metrics, .. } = *totals;
    let mut text = format!("{}, {}", number_of(totals.families, FAMILY), number_of(samples, SAMPLE));
    if repeated > 0 {
        let _ = write!(text, " ({repeated} of them repeated)");
    }
    if open_metrics {
        text += ", OpenMetrics";
    }
    text
}

fn write_family(family: &FamilyReport, text: &mut String) {
    let FamilyReport { name, samples, types, helps, labels, only, examples, changed, changes } = family;
    let what = match samples {
        [Some(samples), None] => format!("only in old, {}", number_of(*samples, SAMPLE)),
        [None, Some(samples)] => format!("only in new, {}", number_of(*samples, SAMPLE)),
        _ => differences(family).join(", "),
    };
    let _ = writeln!(text, "{name}: {what}");
    let pairs = [("type", types), ("help", helps)];
    for (what, [old, new]) in pairs.into_iter().filter_map(|(what, pair)| Some((what, pair.as_ref()?))) {
        let _ = writeln!(text, "  {what}: {old} -> {new}");
    }
    for (sign, names) in ["-", "+"].into_iter().zip(labels).filter(|(_, names)| !names.is_empty()) {
        let _ = writeln!(text, "{sign} labels: {}", names.join(", "));
    }
    for ((sign, lines), only) in ["-", "+"].into_iter().zip(examples).zip(only) {
        for line in lines {
            let _ = writeln!(text, "{sign} {line}");
        }
        write_rest(*only, lines.len(), text);
    }
    for Changed { series, old, new } in changes {
        let _ = writeln!(text, "~ {series} {} -> {}", number(*old), number(*new));
    }
    write_rest(*changed, changes.len(), text);
    text.push('\n');
}

fn write_rest(all: u64, shown: usize, text: &mut String) {
    let rest = all - shown as u64;
    if rest > 0 && shown > 0 {
        let _ = writeln!(text, "  … and {rest} more");
    }
}

/// What differs in a family that both have, in a few words each.
fn differences(family: &FamilyReport) -> Vec<String> {
    let mut words = Vec::new();
    let mut say = |number: u64, what: &str| {
        if number > 0 {
            words.push(format!("{number} {what}"));
        }
    };
    say(family.only[0], "only in old");
    say(family.only[1], "only in new");
    say(family.changed, "with another value");
    let others = [
        (family.types.is_some(), "another type"),
        (family.helps.is_some(), "another help text"),
        (has_other_labels(family), "other label names"),
    ];
    words.extend(others.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what.to_owned()));
    words
}

/// One line that says it all.
fn summary(report: &Report) -> String {
    let Report { families, new, .. } = report;
    if report.is_same() {
        return format!(
            "The same: {}, {}.\n",
            number_of(new.families, FAMILY),
            number_of(new.samples, SAMPLE)
        );
    }
    let sum = |of: fn(&FamilyReport) -> u64| families.iter().map(of).sum::<u64>();
    let parts: [&[(u64, &str)]; 2] = [
        &[
            (sum(|family| u64::from(family.samples[1].is_none())), "only in old"),
            (sum(|family| u64::from(family.samples[0].is_none())), "only in new"),
            (sum(|family| u64::from(family.types.is_some())), "with another type"),
            (sum(|family| u64::from(family.helps.is_some())), "with another help text"),
            (sum(|family| u64::from(has_other_labels(family))), "with other label names"),
        ],
        &[
            (sum(|family| family.only[0]), "only in old"),
            (sum(|family| family.only[1]), "only in new"),
            (sum(|family| family.changed), "with another value"),
        ],
    ];
    let [of_families, of_samples] = parts.map(|part| {
        let told = part.iter().filter(|(number, _)| *number > 0);
        told.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
    });
    let mut line = number_of(families.len() as u64, FAMILY);
    line += if families.len() == 1 { " differs" } else { " differ" };
    for (what, part) in [("families", of_families), ("samples", of_samples)] {
        if !part.is_empty() {
            let _ = write!(line, "; {what}: {part}");
        }
    }
    line + ".\n"
}

fn has_other_labels(family: &FamilyReport) -> bool {
    family.labels.iter().any(|names| !names.is_empty())
}

/// A noun for one and for any other number.
type Noun = [&'static str; 2];
const FAMILY: Noun = ["family", "families"];
const SAMPLE: Noun = ["sample", "samples"];

fn number_of(number: u64, noun: Noun) -> String {
    format!("{number} {}", noun[usize::from(number != 1)])
}
