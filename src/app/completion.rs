//! `kstate completion`: a script that completes command lines.

use super::Failure;
use crate::cli::Cli;
use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Prints the script.
pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kstate", &mut script);
    let script = String::from_utf8(script).context("the script is text")?;
    super::print_text(&if shell == Shell::Fish { without_dots(&script) } else { script })
}

/// The script for fish, whose parser of options refuses all of them where one has a dot in its name.
/// Such a flag is completed, but nothing behind it.
fn without_dots(script: &str) -> String {
    let without = |line: &str| {
        let words = line.split(' ').filter(|word| !word.contains('.'));
        words.collect::<Vec<_>>().join(" ")
    };
    let names = |line: &str| line.trim_start().starts_with("string join \\n ");
    script.lines().map(|line| if names(line) { without(line) } else { line.to_owned() } + "\n").collect()
}
