//! Jsonnet as its users run it.

use super::components::component;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the libraries.
pub(crate) fn jsonnet_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("jsonnet")
}

/// What a program yields that imports from the libraries' folder, and from further ones first.
pub(crate) fn evaluate(program: &str, folders: &[PathBuf]) -> Value {
    let mut command = Command::new(component("jsonnet"));
    command.arg("-J").arg(jsonnet_folder());
    for folder in folders {
        command.arg("-J").arg(folder);
    }
    let output = command.args(["-e", program]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "jsonnet ended with {}: {errors}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}
