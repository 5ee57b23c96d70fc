//! Scrapes of stores, end to end.

mod cached;
mod histories;
mod queries;

use super::*;
use crate::{
    exposition::{Keys, Selection},
    resource::Resource,
    resources::namespaces::Namespace,
    store::{Writer, store},
    wire::{Context, decode_json},
};
use flate2::bufread::GzDecoder;
use futures::StreamExt as _;
use kube_runtime::watcher::Event;
use std::{
    io::Read as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// More compressed bytes than a test makes.
const ROOM: usize = 1 << 26;

fn namespace(id: usize) -> Namespace {
    let json = format!(
        r#"{{"metadata": {{"name": "n{id}", "uid": "u{id}", "labels": {{"a": "b"}}, "creationTimestamp": "2023-11-14T22:13:20Z"}}, "status": {{"phase": "Active"}}}}"#
    );
    decode_json(json.as_bytes(), &Context::all()).unwrap()
}

/// An object in a state that shows in some of its families, a new one under its name with each birth.
fn object<K: Resource>(id: usize, birth: usize, state: usize) -> K {
    let labels = if state == 0 { String::new() } else { format!(r#""state": "{state}""#) };
    let json = format!(
        r#"{{"metadata": {{"name": "o{id}", "namespace": "n{}", "uid": "u{id}-{birth}", "generation": {state}, "creationTimestamp": "2023-11-14T22:13:2{}Z", "labels": {{{labels}}}}}, "status": {{"phase": "{}"}}}}"#,
        id % 3,
        birth % 10,
        ["Active", "Terminating"][state % 2],
    );
    decode_json(json.as_bytes(), &Context::all()).unwrap()
}

/// The text of one gzip member with nothing behind it.
fn unpacked(gzip: &[u8]) -> String {
    let mut text = String::new();
    let mut decoder = GzDecoder::new(gzip);
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty());
    text
}

fn filled(ids: std::ops::Range<usize>) -> (Writer<Namespace>, Part<Namespace>) {
    let (mut writer, objects) = store();
    let events = ids.map(|id| Event::InitApply(namespace(id)));
    writer.apply(std::iter::once(Event::Init).chain(events).chain([Event::InitDone]));
    (writer, Part { objects, excused: Arc::default() })
}

fn scraper(parts: Vec<Part<Namespace>>) -> Scraper {
    let selection = Arc::new(Selection { labels: Keys::all(), ..Selection::default() });
    Scraper::new(vec![Arc::new(KindSource::new(parts, selection, |_| true))], 2)
}

async fn text(scraper: &Scraper, format: Format) -> String {
    String::from_utf8(scraper.scrape(&Query::default(), format, Encoding::Identity).collect().await).unwrap()
}

/// Every header once, every family's samples together and in the order of the table.
fn check(text: &str, objects: usize) {
    let names: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let table: Vec<&str> = Namespace::FAMILIES.iter().map(|family| family.description().name).collect();
    assert_eq!(names, table);
    let mut family = "";
    let mut seen = std::collections::HashSet::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("# TYPE ") {
            family = header.split(' ').next().unwrap();
        } else if !line.starts_with('#') {
            assert_eq!(line.split('{').next().unwrap(), family, "a sample stands in another family: {line}");
            assert!(seen.insert(line), "twice: {line}");
        }
    }
    // created, annotations (not selected: none), labels, two phases
    assert_eq!(seen.len(), objects * 4);
}

#[tokio::test]
async fn families_stand_together_in_order_at_any_size() {
    for objects in [1, 64, 1000, 1025, 5000] {
        let scraper = scraper(vec![filled(0..objects).1]);
        check(&text(&scraper, Format::Text).await, objects);
    }
}

#[tokio::test]
async fn parts_add_up() {
    let scraper = scraper(vec![filled(0..700).1, filled(700..1500).1]);
    check(&text(&scraper, Format::Text).await, 1500);
}

#[tokio::test]
async fn gzip_holds_the_same_text() {
    let scraper = scraper(vec![filled(0..3000).1]);
    let gzip = scraper.scrape(&Query::default(), Format::OPEN_METRICS, Encoding::Gzip);
    let totals = gzip.totals();
    let gzip = gzip.collect().await;
    let unpacked = unpacked(&gzip);
    assert_eq!(unpacked, text(&scraper, Format::OPEN_METRICS).await);
    assert!(unpacked.ends_with("\n# EOF\n"));
    assert_eq!(totals.samples(), 12_000);
    assert_eq!(totals.text_bytes(), unpacked.len() as u64);
    assert_eq!(totals.sent_bytes(), gzip.len() as u64);
}

#[tokio::test]
async fn a_kind_without_objects_or_not_selected_is_silent() {
    assert_eq!(text(&scraper(vec![filled(0..0).1]), Format::Text).await, "");
    let scraper = scraper(vec![filled(0..9).1]);
    assert_eq!(scraper.snapshot(&Query::of("pods")).len(), 0);
    assert_eq!(scraper.snapshot(&Query::of("namespaces")).len(), 1);
}

#[tokio::test]
async fn a_kind_is_served_whole_or_not_at_all() {
    let (_writer, objects) = store();
    let excused = Arc::new(AtomicBool::new(false));
    let late = Part { objects, excused: Arc::clone(&excused) };
    let scraper = scraper(vec![filled(0..5).1, late]);
    assert_eq!(text(&scraper, Format::Text).await, "");
    excused.store(true, Ordering::Relaxed);
    check(&text(&scraper, Format::Text).await, 5);
}

#[tokio::test]
async fn a_scrape_shows_one_point_in_time() {
    let (mut writer, part) = filled(0..2000);
    let scraper = scraper(vec![part]);
    let mut body = scraper.scrape(&Query::default(), Format::Text, Encoding::Identity);
    let first = body.next().await.unwrap();
    writer.apply((0..1500).map(|id| Event::Delete(namespace(id))));
    let rest = body.collect().await;
    check(&String::from_utf8([&first[..], &rest].concat()).unwrap(), 2000);
    check(&text(&scraper, Format::Text).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_on_hold_up_no_other() {
    let (_writer, part) = filled(0..5_000);
    let scraper = scraper(vec![part]);
    let scrape = || scraper.scrape(&Query::default(), Format::Text, Encoding::Identity);
    let mut stalled: Vec<Body> = (0..8).map(|_| scrape()).collect();
    let whole = async {
        // Two pieces each, so that all leave off while their next ones wait for a thread.
        futures::future::join_all(stalled.iter_mut().map(|body| body.take(2).count())).await;
        text(&scraper, Format::Text).await
    };
    let whole = tokio::time::timeout(Duration::from_secs(20), whole).await;
    check(&whole.expect("threads are left for those who read"), 5_000);
}
