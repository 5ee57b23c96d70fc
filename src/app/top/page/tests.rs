//! Answers from a small cluster, as they are printed.

use super::{Terminal, csv, table, yaml};
use crate::{
    app::top::files::Files,
    cli::TopArgs,
    config::{Asking, TopSource},
    top::Received,
    wire::Timestamp,
};
use clap::{Args as _, FromArgMatches as _};
use expect_test::{ExpectFile, expect_file};
use std::path::PathBuf;

/// Noon of 2026-03-01.
const NOON: Timestamp = Timestamp::new(1_772_366_400);

fn asking(line: &str) -> Asking {
    let command = TopArgs::augment_args(clap::Command::new("top").no_binary_name(true));
    let matches = command.try_get_matches_from(line.split_whitespace()).unwrap();
    TopArgs::from_arg_matches(&matches).unwrap().try_into().unwrap()
}

fn answer(asking: &Asking) -> Received {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/app/top/testdata/cluster.yaml");
    assert!(matches!(asking.from, TopSource::Cluster { .. }), "the file is ours");
    let files = Files::read(asking.view, &[file]).unwrap();
    files.answer_at(asking.view, &asking.query, NOON).unwrap()
}

/// The table in a terminal of so many columns.
fn shown(line: &str, width: usize) -> String {
    let asking = asking(line);
    let terminal = Terminal { is_one: true, width, height: 50, colours: false };
    let text = table(&answer(&asking), &asking, &terminal);
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(widest <= width, "{line}: {widest} columns in {width}");
    text
}

fn check(lines: &[&str], width: usize, expected: &ExpectFile) {
    let page = |line: &&str| format!("$ kstate top {line}\n{}", shown(line, width));
    let pages: Vec<String> = lines.iter().map(page).collect();
    expected.assert_eq(&pages.join("\n"));
}

const VIEWS: &[&str] = &[
    "nodes",
    "pods -A",
    "pods -n shop -l app=web",
    "namespaces",
    "workloads",
    "quotas",
    "images",
    "images --by registry",
    "containers",
    "containers --by node",
];

const PROBLEMS: &[&str] = &[
    "nodes --problems",
    "pods --problems",
    "namespaces --problems",
    "workloads --problems",
    "quotas --problems",
    "containers --problems",
];

#[test]
fn tables_fit_eighty_columns() {
    check(VIEWS, 80, &expect_file!["../testdata/narrow.txt"]);
}

#[test]
fn tables_have_more_where_there_is_room() {
    check(VIEWS, 200, &expect_file!["../testdata/broad.txt"]);
}

#[test]
fn problems_have_their_reasons() {
    check(PROBLEMS, 100, &expect_file!["../testdata/problems.txt"]);
}

#[test]
fn wide_tables_have_all_columns() {
    check(
        &["nodes -o wide", "pods -o wide", "workloads -o wide", "containers -o wide"],
        usize::MAX,
        &expect_file!["../testdata/wide.txt"],
    );
}

#[test]
fn rows_are_sorted_chosen_and_limited() {
    check(
        &[
            "pods --sort-by memory_requests --limit 3",
            "pods --sort-by memory_used%,name:desc --limit 3",
            "pods --sort-by created --limit 2 --no-headers",
            "pods --field-selector spec.nodeName=node-a,status.phase!=Pending",
            "pods db-0 db-1",
            "nodes -l zone!=a --sort-by NAME:desc",
            "workloads -l app=web",
            "namespaces -n shop",
        ],
        120,
        &expect_file!["../testdata/chosen.txt"],
    );
}

#[test]
fn programs_get_everything() {
    let asking = asking("quotas");
    let mut text = Vec::new();
    csv(&answer(&asking), true, &mut text).unwrap();
    let lines = String::from_utf8(text).unwrap();
    // The file that it is compared with has other ends of lines.
    assert!(lines.lines().count() == 6 && lines.matches("\r\n").count() == 6, "{lines:?}");
    let mut text = lines.replace("\r\n", "\n").into_bytes();
    yaml(answer(&asking), None, &mut text).unwrap();
    let mut json = Vec::new();
    answer(&asking).write(None, &mut json).unwrap();
    text.extend(json);
    expect_file!["../testdata/programs.txt"].assert_eq(&String::from_utf8(text).unwrap());
}

#[test]
fn what_is_bad_is_red_and_what_comes_from_the_cluster_steers_nothing() {
    let asking = asking("pods --problems --limit 1");
    let terminal = Terminal { is_one: true, width: 100, height: 50, colours: true };
    let mut answer = answer(&asking);
    let text = table(&answer, &asking, &terminal);
    assert!(text.contains("\x1b[31mcritical\x1b[0m"), "{text:?}");
    for row in &mut answer.rows {
        row[1] = crate::top::Cell::Text("a\x1b[2Jb\n".to_owned());
    }
    let text = table(&answer, &asking, &Terminal { colours: false, ..terminal });
    assert!(text.contains("a?[2Jb?") && !text.contains('\x1b'), "{text:?}");
}
