//! What Go's pflag does with a command line, and clap doesn't by itself.

use super::{Bool, UsageError};
use clap::{Arg, Command};
use std::ffi::OsString;

/// A command whose flags take whatever follows them as their value, also what looks like a flag.
pub(super) fn parsing(command: Command) -> Command {
    let takes_any = |flag: Arg| {
        let takes_next = flag.get_action().takes_values() && !flag.is_require_equals_set();
        if takes_next && !flag.is_positional() { flag.allow_hyphen_values(true) } else { flag }
    };
    command.mut_args(takes_any).mut_subcommands(parsing)
}

/// The arguments with `--help` as a flag that stands alone: as any boolean it may have a value.
pub(super) fn plain_help(arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<OsString>, UsageError> {
    let mut plain = Vec::new();
    let mut flags = true;
    for argument in arguments {
        flags &= argument != "--";
        let value = argument.to_str().and_then(|text| {
            text.strip_prefix("--help=").or_else(|| text.strip_prefix("-h=")).filter(|_| flags)
        });
        match value.map(str::parse) {
            None => plain.push(argument),
            Some(Ok(Bool(true))) => plain.push("--help".into()),
            Some(Ok(Bool(false))) => {}
            Some(Err(wrong)) => return Err(UsageError::new(format!("--help: {wrong}"))),
        }
    }
    Ok(plain)
}
