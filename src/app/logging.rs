//! Log lines.

use super::Failure;
use crate::config::Logging;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging to standard error.
pub(super) fn start(logging: Logging) -> Result<(), Failure> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::try_new(&directives)
            .map_err(|error| Failure::usage(format!("RUST_LOG is not a list of log directives: {error}")))?,
        _ => EnvFilter::new(directives(logging.verbosity)),
    };
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start in one process, as in tests, leaves the first in place.
    let _ = if logging.json {
        lines.json().try_init()
    } else {
        lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
    };
    Ok(())
}

/// klog's verbosity: the libraries speak up only where somebody wants to see every step.
fn directives(verbosity: i32) -> &'static str {
    match verbosity {
        ..=1 => "warn,kstate=info",
        2..=4 => "info,kstate=debug",
        5..=7 => "debug,kstate=trace,h2=info,hyper_util=info",
        8.. => "trace",
    }
}
