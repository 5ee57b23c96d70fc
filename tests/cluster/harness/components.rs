//! The programs of a cluster, and definitions of custom resources.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The path of a component, which is built first where that was never done.
pub(crate) fn component(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build).join(name)
}

fn build() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/components/build.sh");
    let output = Command::new("bash").arg(script).stderr(Stdio::inherit()).output().expect("bash is there");
    assert!(output.status.success(), "building the components ended with {}", output.status);
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}
