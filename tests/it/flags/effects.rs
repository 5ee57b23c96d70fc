//! Where the effect of a flag shows.

use crate::{
    process::{errors, run},
    world::Exporter,
};
use kstate::{
    cli::Cli,
    config::{Config, Logging},
};
use std::{fmt::Debug, fs};
use tempfile::TempDir;

/// Objects for flags that choose among them.
const OBJECTS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: a, uid: n-a}
---
apiVersion: v1
kind: Node
metadata: {name: n1, uid: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a, uid: abc-2, labels: {app: web, team: x}, annotations: {owner: me}}
spec: {nodeName: n1, nodeSelector: {disk: ssd}}
---
apiVersion: v1
kind: Pod
metadata: {name: q, namespace: b, uid: abc-4, labels: {app: api}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: s, namespace: a, uid: s}
";

/// What the exporter would be configured to do.
pub(super) fn config(line: &str) -> Config {
    cli(line).exporter.try_into().unwrap()
}

/// How it would log.
pub(super) fn logging(line: &str) -> Logging {
    let Cli { logging, klog, .. } = cli(line);
    (logging, klog).into()
}

fn cli(line: &str) -> Cli {
    let arguments = std::iter::once("kstate").chain(line.split_whitespace());
    Cli::read(arguments.map(Into::into)).unwrap()
}

/// Compares what is configured without and with a flag.
pub(super) fn sets<T: PartialEq + Debug>(line: &str, of: fn(Config) -> T, [without, with]: [T; 2]) {
    assert_eq!(of(config("")), without);
    assert_eq!(of(config(line)), with, "{line}");
}

/// What is printed of the objects.
pub(super) fn render(line: &str) -> String {
    let mut arguments = vec!["render", "-"];
    arguments.extend(line.split_whitespace());
    let output = run(&arguments, OBJECTS.as_bytes());
    assert!(output.status.success(), "{line}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares which samples are printed without and with a flag, by how they begin.
pub(super) fn chooses(line: &str, sample: &str, [without, with]: [bool; 2]) {
    let has = |line| render(line).lines().any(|printed| printed.starts_with(sample));
    assert_eq!([has(""), has(line)], [without, with], "{line}: {sample}");
}

/// An exporter of one kind, which is ready soon.
pub(super) fn exporter(line: &str) -> Exporter {
    let arguments: Vec<&str> = line.split_whitespace().chain(["--resources=nodes"]).collect();
    Exporter::start(&arguments)
}

/// A file with this text, which is there as long as the folder.
pub(super) fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.yaml");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}
