//! Prometheus' own opinion of an exposition.

use super::components::component;
use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// Panics when `promtool check metrics` has anything to say.
pub(crate) fn assert_promtool_is_silent(exposition: &str) {
    let mut promtool = Command::new(component("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(exposition.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.is_empty(), "promtool ended with {}: {said}", output.status);
}
