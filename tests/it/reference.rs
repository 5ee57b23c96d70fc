//! What kube-state-metrics printed for real objects, against what we render for them.
//!
//! `objects.json.gz` holds odd but valid objects as a real API server gave them;
//! `all.prom.gz` is the exposition of every kind with all labels, annotations and opt-in families,
//! `default.prom.gz` that of a start without any flags. HELP lines were left out.

use crate::{
    contract::{OUR_FAMILIES, is_our_kind},
    exposition::{Family, Sample, parse},
};
use flate2::read::GzDecoder;
use kstate::{
    catalog::{KINDS, Kind, Visitor, visit},
    exposition::{Description, Keys, Selection},
    resource::Resource,
    wire::decode_json,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Read,
};

/// Families in which kube-state-metrics repeats samples. We print each once.
const REPEATED: &[&str] = &["kube_ingress_path", "kube_endpoint_address", "kube_endpoint_ports"];

/// The family whose values moved on between the recordings for the API server's own leases.
const RENEWED: &str = "kube_lease_renew_time";

/// The exposition with everything selected.
pub(crate) const ALL: &[u8] = include_bytes!("reference/all.prom.gz");

/// The objects, as one list in JSON.
pub(crate) const OBJECTS: &[u8] = include_bytes!("reference/objects.json.gz");

/// How many differing lines a failure shows for a family.
const SHOWN: usize = 20;

#[test]
fn with_everything_selected_all_kinds_are_as_recorded() {
    let selection = Selection { labels: Keys::all(), annotations: Keys::all(), ..Selection::default() };
    let kinds: Vec<Kind> = KINDS.iter().filter(|kind| !is_our_kind(kind)).copied().collect();
    compare(ALL, &selection, true, &kinds);
}

#[test]
fn without_flags_the_default_kinds_are_as_recorded() {
    let kinds: Vec<Kind> = KINDS.iter().filter(|kind| kind.default).copied().collect();
    compare(include_bytes!("reference/default.prom.gz"), &Selection::default(), false, &kinds);
}

#[test]
fn all_kinds_but_our_own_are_recorded_and_no_others() {
    let objects = objects();
    let recorded: BTreeSet<&str> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    let known: BTreeSet<&str> =
        KINDS.iter().filter(|kind| !is_our_kind(kind)).map(|kind| kind.names.kind).collect();
    let other: Vec<&&str> = recorded.symmetric_difference(&known).collect();
    assert!(other.is_empty(), "recorded and not in the catalog, or the other way round: {other:?}");
}

fn compare(recording: &[u8], selection: &Selection, opt_in: bool, kinds: &[Kind]) {
    let recording = unpacked(recording);
    // One of them was asked for as OpenMetrics, in which no line differs but the last.
    let mut recording = parse(recording.strip_suffix("# EOF\n").unwrap_or(&recording));
    for family in recording.iter_mut().filter(|family| REPEATED.contains(&&*family.name)) {
        family.samples.sort_by(|a, b| a.line.cmp(&b.line));
        family.samples.dedup();
    }
    let objects = objects();
    let mut rendering = Rendering { objects: &objects, selection, opt_in };
    let mut differences = String::new();
    let mut known = BTreeSet::new();
    let mut from = 0;
    for kind in kinds {
        let plural = kind.names.plural;
        let rendered = visit(plural, &mut rendering).expect("the kind is in the catalog");
        let first = &rendered.first().expect("every kind has families").name;
        let Some(at) = recording.iter().position(|family| family.name == *first) else {
            let _ = writeln!(differences, "{plural}: {first} was not recorded");
            continue;
        };
        assert!(at >= from, "{plural} were recorded before the kind in front of them");
        from = at + rendered.len();
        for (ours, recorded) in rendered.into_iter().zip(&recording[at..]) {
            differences += &difference(&ours, recorded);
            known.insert(ours.name);
        }
    }
    let unknown: Vec<&str> =
        recording.iter().map(|family| &*family.name).filter(|name| !known.contains(*name)).collect();
    assert!(differences.is_empty(), "recorded (-) and rendered (+) families differ:\n{differences}");
    assert_eq!(unknown, [""; 0], "recorded, but of no kind");
}

/// The lines that only one of the two has; empty where both are the same. Their order is free.
fn difference(ours: &Family, recorded: &Family) -> String {
    if ours.name != recorded.name || ours.metric_type != recorded.metric_type {
        return format!(
            "- {} {}\n+ {} {}\n",
            recorded.name, recorded.metric_type, ours.name, ours.metric_type
        );
    }
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    for Sample { line, .. } in &ours.samples {
        *counts.entry(comparable(&ours.name, line)).or_default() += 1;
    }
    for Sample { line, .. } in &recorded.samples {
        *counts.entry(comparable(&ours.name, line)).or_default() -= 1;
    }
    counts.retain(|_, count| *count != 0);
    let mut text = String::new();
    for (line, count) in counts.iter().take(SHOWN) {
        let sign = if *count < 0 { "-" } else { "+" };
        let _ = writeln!(text, "{} {line}", sign.repeat(count.unsigned_abs() as usize));
    }
    if counts.len() > SHOWN {
        let _ = writeln!(text, "  {}: {} more lines differ", ours.name, counts.len() - SHOWN);
    }
    text
}

/// The part of a sample that is the same whenever it is recorded.
fn comparable<'l>(family: &str, line: &'l str) -> &'l str {
    if family == RENEWED && line.contains("namespace=\"kube-system\"") {
        line.rsplit_once(' ').map_or(line, |(sample, _)| sample)
    } else {
        line
    }
}

/// Renders what is recorded of a kind, family by family.
struct Rendering<'a> {
    objects: &'a [Value],
    selection: &'a Selection,
    opt_in: bool,
}

impl Visitor for Rendering<'_> {
    type Output = Vec<Family>;

    fn visit<K: Resource>(&mut self) -> Vec<Family> {
        let context = K::context(self.selection, &Keys::default());
        let api_version = K::NAMES.api_version();
        let objects: Vec<(K, Vec<u8>)> = self
            .objects
            .iter()
            .filter(|object| object["kind"] == K::NAMES.kind && object["apiVersion"] == *api_version)
            .map(|object| {
                let object: K =
                    decode_json(object.to_string().as_bytes(), &context).expect("the object is valid");
                let mut identity = Vec::new();
                object.write_identity(&mut identity);
                (object, identity)
            })
            .collect();
        let mut out = Vec::new();
        let shown = |description: &Description| {
            (self.opt_in || !description.opt_in) && !OUR_FAMILIES.contains(&description.name)
        };
        for family in K::FAMILIES.iter().filter(|family| shown(family.description())) {
            family.description().write_header(&mut out);
            for (object, identity) in &objects {
                family.render(object, identity, self.selection, &mut out);
            }
        }
        parse(&String::from_utf8(out).expect("only texts are written"))
    }
}

fn objects() -> Vec<Value> {
    let list: Value = serde_json::from_str(&unpacked(OBJECTS)).expect("the list is JSON");
    list["items"].as_array().expect("a list has items").clone()
}

/// The text of a compressed file.
pub(crate) fn unpacked(gzip: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(gzip).read_to_string(&mut text).expect("the file is compressed text");
    text
}
