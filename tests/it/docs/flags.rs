//! The page of the flags, from their declaration.

use super::table;
use clap::{Arg, Command, CommandFactory as _};
use kstate::cli::Cli;
use std::fmt::Write as _;

/// The page.
pub(super) fn page() -> String {
    let mut command = Cli::command();
    command.build();
    let mut text = "# Flags

The exporter's own come first, then those of the subcommands. They are read as Go programs read theirs:
`--flag value` and `--flag=value`, the last one counts, and lists add up. `kstate --help` and
`kstate render --help` say the same in a terminal. Most of the exporter's can be set by a
[configuration file](configuration.md) as well.

"
    .to_owned();
    for (heading, flags) in headings(&command) {
        let _ = writeln!(text, "## {heading}\n\n{}", rows(&flags));
    }
    for (name, subcommand) in subcommands(&command) {
        let _ = writeln!(text, "## {name}\n\n{}\n", about(subcommand));
        let (shared, own): (Vec<&Arg>, Vec<&Arg>) = headings(subcommand)
            .into_iter()
            .flat_map(|(_, flags)| flags)
            .partition(|flag| is_shared(&command, flag));
        if !own.is_empty() {
            let _ = writeln!(text, "{}", rows(&own));
        }
        let mut links: Vec<String> =
            shared.iter().filter_map(|flag| flag.get_help_heading()).map(link).collect();
        links.dedup();
        if !links.is_empty() {
            let _ = writeln!(text, "And the flags of {}.\n", links.join(", "));
        }
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// The commands that do something, with their whole names.
fn subcommands(command: &Command) -> Vec<(String, &Command)> {
    let below = command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help");
    below
        .flat_map(|subcommand| {
            let name = format!("{} {}", command.get_name(), subcommand.get_name());
            let deeper = subcommands(subcommand).into_iter();
            let deeper: Vec<_> =
                deeper.map(|(rest, below)| (format!("{} {rest}", command.get_name()), below)).collect();
            if deeper.is_empty() { vec![(name, subcommand)] } else { deeper }
        })
        .collect()
}

fn link(heading: &str) -> String {
    format!("[{heading}](#{})", heading.to_lowercase().replace(' ', "-"))
}

fn about(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    format!("{}.", about.trim_end_matches('.'))
}

/// The flags by their heading, in the order of their declaration.
fn headings(command: &Command) -> Vec<(String, Vec<&Arg>)> {
    let mut headings: Vec<(String, Vec<&Arg>)> = Vec::new();
    for flag in command.get_arguments() {
        if flag.is_hide_set() || matches!(flag.get_id().as_str(), "help" | "version") {
            continue;
        }
        let heading = flag.get_help_heading().unwrap_or("Own").to_owned();
        match headings.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, flags)) => flags.push(flag),
            None => headings.push((heading, vec![flag])),
        }
    }
    headings
}

/// Whether a flag is the exporter's, too.
fn is_shared(exporter: &Command, flag: &Arg) -> bool {
    exporter.get_arguments().any(|known| {
        known.get_long() == flag.get_long()
            && known.get_help_heading() == flag.get_help_heading()
            && flag.get_long().is_some()
    })
}

fn rows(flags: &[&Arg]) -> String {
    let rows = flags.iter().map(|flag| {
        let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
        [notation(flag), default(flag), literal(&help) + &choices(flag)]
    });
    table(["flag", "default", "meaning"], rows)
}

/// A text in which asterisks outside of code are themselves.
fn literal(text: &str) -> String {
    let escaped = |(at, part): (usize, &str)| match at % 2 {
        0 => part.replace('*', "\\*"),
        _ => part.to_owned(),
    };
    text.split('`').enumerate().map(escaped).collect::<Vec<_>>().join("`")
}

fn notation(flag: &Arg) -> String {
    let value = flag.get_value_names().map(|names| names[0].to_string()).unwrap_or_default();
    match (flag.get_short(), flag.get_long()) {
        (_, None) if matches!(flag.get_action(), clap::ArgAction::Append) => format!("`{value}…`"),
        (_, None) => format!("`{value}`"),
        (short, Some(long)) => {
            let short = short.map(|short| format!("`-{short}`, ")).unwrap_or_default();
            let value = if is_switch(flag) { String::new() } else { format!(" {value}") };
            format!("{short}`--{long}{value}`")
        }
    }
}

/// Whether a flag may stand without a value.
fn is_switch(flag: &Arg) -> bool {
    flag.get_num_args().is_some_and(|number| number.min_values() == 0)
}

fn default(flag: &Arg) -> String {
    let values: Vec<_> = flag.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    match values.join(",") {
        default if default.is_empty() => String::new(),
        default => format!("`{default}`"),
    }
}

/// The values that a flag may have, where they are few.
fn choices(flag: &Arg) -> String {
    let values = flag.get_possible_values();
    let described: Vec<String> = values
        .iter()
        .map(|value| {
            let help = value.get_help().map(ToString::to_string).unwrap_or_default();
            let help = help.trim_end_matches('.');
            format!("`{}` {}{}", value.get_name(), help[..1].to_lowercase(), &help[1..])
        })
        .collect();
    if described.is_empty() { String::new() } else { format!(": {}", described.join("; ")) }
}
