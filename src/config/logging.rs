//! How the process logs.

use crate::cli::{KlogArgs, LogFormat, LoggingArgs, Severity as TypedSeverity};

/// How log lines are chosen and written.
#[derive(Debug, Clone)]
pub struct Logging {
    /// As klog counts it.
    pub verbosity: i32,
    /// Verbosities of source files that match patterns.
    pub modules: Vec<(String, i32)>,
    /// The least that is logged.
    pub least: Severity,
    /// As JSON.
    pub json: bool,
    /// With time and level.
    pub headers: bool,
    /// With the source file.
    pub places: bool,
    /// What of it has no effect, in a sentence.
    pub remark: Option<String>,
}

/// How grave a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Any.
    Any,
    /// Recovered from.
    Warning,
    /// Somebody must act.
    Error,
    /// The end, of which only the last line of the process tells.
    Fatal,
}

impl From<(LoggingArgs, KlogArgs)> for Logging {
    fn from((logging, klog): (LoggingArgs, KlogArgs)) -> Self {
        let LoggingArgs { verbosity, log_format } = logging;
        let KlogArgs {
            threshold,
            legacy_threshold,
            modules,
            skip_headers,
            add_dir_header,
            to_stderr,
            unused,
        } = klog;
        let least = match threshold {
            _ if legacy_threshold.0 => Severity::Any,
            TypedSeverity::Info => Severity::Any,
            TypedSeverity::Warning => Severity::Warning,
            TypedSeverity::Error => Severity::Error,
            TypedSeverity::Fatal => Severity::Fatal,
        };
        let mut unused = unused.typed();
        unused.extend((!to_stderr.0).then_some("--logtostderr=false"));
        let remark = match unused[..] {
            [] => None,
            _ => Some(format!("No effect: {}. All log lines go to standard error.", unused.join(", "))),
        };
        Self {
            verbosity,
            modules: modules.0,
            least,
            json: log_format == LogFormat::Json,
            headers: !skip_headers.0,
            places: add_dir_header.0,
            remark,
        }
    }
}
