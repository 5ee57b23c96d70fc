//! The flags of klog, the library that Kubernetes' own programs log with.

use super::{
    Bool,
    notation::{UNLIMITED, whole},
};
use clap::Args;
use std::str::FromStr;

/// klog's flags besides --v. Log lines go to standard error here, so that those that are about log
/// files have no effect.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logging as klog")]
pub struct KlogArgs {
    /// The least that is logged: INFO, WARNING, ERROR or FATAL, or 0 to 3.
    #[arg(long = "stderrthreshold", value_name = "SEVERITY", default_value = "INFO", hide_short_help = true)]
    pub threshold: Severity,
    /// Ignore --stderrthreshold, as klog did.
    #[arg(long = "legacy_stderr_threshold_behavior", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, hide_short_help = true)]
    pub legacy_threshold: Bool,
    /// Verbosity by source file, as in running=4,src/watch/*=5: a name without its end, with * and ?
    /// for whatever there is.
    #[arg(
        long = "vmodule",
        value_name = "LIST",
        default_value = "",
        hide_default_value = true,
        hide_short_help = true
    )]
    pub modules: Modules,
    /// Log without time and level.
    #[arg(long = "skip_headers", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, hide_short_help = true)]
    pub skip_headers: Bool,
    /// Log the source file of each line with its folder.
    #[arg(long = "add_dir_header", num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, hide_short_help = true)]
    pub add_dir_header: Bool,
    /// Log to standard error, which is what happens anyway.
    #[arg(long = "logtostderr", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, hide_short_help = true)]
    pub to_stderr: Bool,
    /// Those without an effect.
    #[command(flatten)]
    pub unused: UnusedKlogArgs,
}

/// Flags of klog that have no effect here.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logging as klog")]
pub struct UnusedKlogArgs {
    /// No effect: lines go to standard error only.
    #[arg(long = "alsologtostderr", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_short_help = true)]
    pub also_to_stderr: Option<Bool>,
    /// No effect: lines go to standard error only.
    #[arg(long = "alsologtostderrthreshold", value_name = "SEVERITY", hide_short_help = true)]
    pub also_to_stderr_threshold: Option<Severity>,
    /// No effect: there are no stack traces of log lines.
    #[arg(long = "log_backtrace_at", value_name = "FILE:LINE", hide_short_help = true)]
    pub backtrace_at: Option<CodeLine>,
    /// No effect: there are no log files.
    #[arg(long = "log_dir", value_name = "FOLDER", hide_short_help = true)]
    pub folder: Option<String>,
    /// No effect: there are no log files.
    #[arg(long = "log_file", value_name = "FILE", hide_short_help = true)]
    pub file: Option<String>,
    /// No effect: there are no log files.
    #[arg(long = "log_file_max_size", value_name = "MEGABYTES", hide_short_help = true, value_parser = whole::<u64>(0..=UNLIMITED))]
    pub file_max_size: Option<u64>,
    /// No effect: there are no log files.
    #[arg(long = "one_output", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_short_help = true)]
    pub one_output: Option<Bool>,
    /// No effect: there are no log files.
    #[arg(long = "skip_log_headers", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_short_help = true)]
    pub skip_file_headers: Option<Bool>,
}

impl UnusedKlogArgs {
    /// The flags that were typed.
    pub fn typed(&self) -> Vec<&'static str> {
        let flags = [
            ("--alsologtostderr", self.also_to_stderr.is_some()),
            ("--alsologtostderrthreshold", self.also_to_stderr_threshold.is_some()),
            ("--log_backtrace_at", self.backtrace_at.is_some()),
            ("--log_dir", self.folder.is_some()),
            ("--log_file", self.file.is_some()),
            ("--log_file_max_size", self.file_max_size.is_some()),
            ("--one_output", self.one_output.is_some()),
            ("--skip_log_headers", self.skip_file_headers.is_some()),
        ];
        flags.into_iter().filter(|(_, typed)| *typed).map(|(flag, _)| flag).collect()
    }
}

/// How grave a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Recovered from.
    Warning,
    /// Somebody must act.
    Error,
    /// The end.
    Fatal,
}

impl FromStr for Severity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_uppercase().as_str() {
            "INFO" | "0" => Ok(Self::Info),
            "WARNING" | "1" => Ok(Self::Warning),
            "ERROR" | "2" => Ok(Self::Error),
            "FATAL" | "3" => Ok(Self::Fatal),
            _ => Err("a severity is INFO, WARNING, ERROR or FATAL"),
        }
    }
}

/// Source files and the verbosity that each has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules(pub Vec<(String, i32)>);

impl FromStr for Modules {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "files and numbers from 0 on are needed, as in running=4,src/watch/*=5";
        let module = |item: &str| {
            let (file, verbosity) = item.split_once('=').filter(|(file, _)| !file.is_empty())?;
            let verbosity = verbosity.parse().ok().filter(|verbosity: &i32| *verbosity >= 0)?;
            Some((file.to_owned(), verbosity))
        };
        let items = text.split(',').filter(|item| !item.is_empty());
        items.map(|item| module(item).ok_or(WANTED)).collect::<Result<_, _>>().map(Self)
    }
}

/// A line of the source; nothing is a place, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine(pub Option<(String, u32)>);

impl FromStr for CodeLine {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = || {
            let (file, line) = text.split_once(':').filter(|(file, _)| file.contains('.'))?;
            let line = line.parse().ok().filter(|line: &u32| *line > 0)?;
            Some((file.to_owned(), line))
        };
        match text {
            "" => Ok(Self(None)),
            _ => place()
                .map(|place| Self(Some(place)))
                .ok_or("a file and a line are needed, as in file.go:234"),
        }
    }
}
