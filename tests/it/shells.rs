//! `kstate completion` in the shells themselves, and `kstate version`.

use crate::process::{errors, run};
use std::{
    fs,
    process::{Command, Stdio},
};

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments, b"");
    assert!(output.status.success(), "{arguments:?}: {}", errors(&output));
    assert_eq!(errors(&output), "");
    String::from_utf8(output.stdout).unwrap()
}

/// What a shell prints that sources the script for it; `None` where it is not installed. A command
/// finds the script as its first argument.
fn shell(name: &str, flags: &[&str], command: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, printed(&["completion", name])).unwrap();
    let output = Command::new(name)
        .args(flags)
        .args(["-c", command])
        // Unlike others, fish has no name of the script in front of the arguments.
        .args((name != "fish").then_some("-"))
        .arg(&script)
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .output();
    let output = output.ok()?;
    assert!(output.status.success(), "{name}: {}", errors(&output));
    assert_eq!(errors(&output), "", "{name}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn bash_completes_flags_and_subcommands() {
    for (word, want) in [
        ("--resources", "--resources\n"),
        ("--resou", "--resources\n--resource-metrics-api\n"),
        ("--web.listen", "--web.listen-address\n"),
        ("--skip_h", "--skip_headers\n"),
        ("rend", "render\n"),
    ] {
        let completed = shell(
            "bash",
            &["--norc", "--noprofile"],
            &format!(
                "source $1; complete -p kstate >/dev/null; COMP_WORDS=(kstate {word}); COMP_CWORD=1; \
                 _kstate kstate {word} kstate; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            ),
        );
        assert_eq!(completed.expect("bash is installed"), want);
    }
}

#[test]
fn fish_completes_flags_and_subcommands() {
    for (line, want) in [
        ("kstate --resources", "--resources"),
        ("kstate rend", "render"),
        ("kstate render --openm", "--openmetrics"),
    ] {
        let command = format!("source $argv[1]; complete --do-complete '{line}'");
        let Some(completed) = shell("fish", &["--no-config"], &command) else { return };
        let words: Vec<&str> = completed.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(words, [want], "{line}");
    }
}

#[test]
fn zsh_knows_the_command() {
    let command = "autoload -U compinit; compinit -D -u; source $1; print $_comps[kstate]";
    let Some(known) = shell("zsh", &["-f"], command) else { return };
    assert_eq!(known, "_kstate\n");
}

#[test]
fn the_script_is_the_same_by_each_name() {
    let script = printed(&["completion", "bash"]);
    assert_eq!(printed(&["comp", "bash"]), script);
    assert_eq!(printed(&["c", "bash"]), script);
}

#[test]
fn the_version_is_printed_as_prometheus_programs_do() {
    let text = printed(&["version"]);
    let first = format!("kstate, version {} (branch: ", env!("CARGO_PKG_VERSION"));
    assert!(text.starts_with(&first) && text.contains(", revision: "), "{text}");
    assert!(text.contains("\n  platform:         linux/"), "{text}");
    assert!(printed(&["help"]).contains("Usage: kstate"));
}
