//! The pages of `metrics-docs/`, written from the code's own tables.
//!
//! `UPDATE_EXPECT=1 cargo test` writes them anew, after the golden files that their examples come
//! from. Without it a page that is stale, missing or superfluous fails.

mod configuration;
mod example;
mod flags;
mod http;
mod index;
mod kind;
mod readers;
mod self_metrics;
mod top;

use kstate::catalog::KINDS;
use readers::Readers;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

/// Pages that people write.
const BY_HAND: &[&str] =
    &["differences.md", "migrating.md", "relations.md", "resource-metrics-api.md", "runbook.md", "sizing.md"];

/// Other pages with links.
const OTHERS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "deploy/README.md",
    "jsonnet/README.md",
];

/// Says how a page came about to those who want to change it.
const NOTE: &str = "<!-- Written by `UPDATE_EXPECT=1 cargo test`; don't edit it by hand. -->\n\n";

#[test]
fn pages_are_up_to_date() {
    let pages = pages();
    let mut expected: BTreeSet<String> = pages.keys().cloned().collect();
    expected.extend(BY_HAND.iter().map(|page| (*page).to_owned()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(folder()).unwrap();
        for superfluous in there().difference(&expected) {
            fs::remove_file(folder().join(superfluous)).unwrap();
        }
        for (name, text) in &pages {
            fs::write(folder().join(name), text).unwrap();
        }
    }
    let is_stale = |(name, text): &(&String, &String)| {
        fs::read_to_string(folder().join(name)).ok().as_ref() != Some(*text)
    };
    let stale: Vec<&String> = pages.iter().filter(is_stale).map(|(name, _)| name).collect();
    let there = there();
    let other: Vec<&String> = there.symmetric_difference(&expected).collect();
    assert!(
        stale.is_empty() && other.is_empty(),
        "stale: {stale:?}; superfluous or missing: {other:?}; UPDATE_EXPECT=1 cargo test writes the pages"
    );
}

#[test]
fn links_lead_somewhere() {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = there().into_iter().map(|page| folder().join(page)).collect();
    pages.extend(OTHERS.iter().map(|page| project.join(page)));
    let mut links = 0;
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(linked.exists(), "{} links {target}, which isn't there", page.display());
            let found = anchor.is_empty()
                || headings(&fs::read_to_string(&linked).unwrap()).any(|heading| heading == anchor);
            assert!(found, "{} links {target}, which has no such heading", page.display());
            links += 1;
        }
    }
    assert!(links > 100);
}

/// The anchors of a page's headings, as code hosts make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| line.strip_prefix('#')).map(|heading| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    })
}

fn pages() -> BTreeMap<String, String> {
    let readers = Readers::new();
    let of_kinds = KINDS.iter().map(|kind| (kind.names.plural, kind::page(kind, &readers)));
    let others = [
        ("README", index::page()),
        ("configuration", configuration::page()),
        ("flags", flags::page()),
        ("http", http::page()),
        ("self-metrics", self_metrics::page(&readers)),
        ("top", top::page()),
    ];
    let mut pages = BTreeMap::new();
    for (name, text) in of_kinds.chain(others) {
        let earlier = pages.insert(format!("{name}.md"), NOTE.to_owned() + &text);
        assert!(earlier.is_none(), "{name} is the name of two pages");
    }
    pages
}

/// The names of the pages that are there.
fn there() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // There are pictures, too.
    names.filter(|name| name != "pictures").collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("metrics-docs")
}

/// A table with its head.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned)) + &line(&[const { "---" }; N].map(str::to_owned));
    for row in rows {
        text += &line(&row.map(|cell| cell.replace('|', "\\|").replace('\n', " ")));
    }
    text
}

/// Names as code, with commas between them.
fn code<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How far a family can be relied upon, in words.
fn stability(description: &kstate::exposition::Description) -> String {
    let mut words = vec![if description.stable { "stable" } else { "alpha" }.to_owned()];
    words.extend(description.opt_in.then(|| "on request".to_owned()));
    words.extend(description.deprecated.map(|release| format!("deprecated since {release}")));
    words.join(", ")
}
