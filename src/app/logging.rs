//! Log lines.

mod modules;

use super::Failure;
use crate::config::{Logging, Severity};
use modules::Modules;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Starts logging to standard error.
pub(super) fn start(logging: Logging) -> Result<(), Failure> {
    let Logging { verbosity, modules, least, json, headers, places, remark } = logging;
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::try_new(&directives)
            .map_err(|error| Failure::usage(format!("RUST_LOG is not a list of log directives: {error}")))?,
        _ => EnvFilter::new(directives(verbosity)),
    };
    let modules = Modules::new(modules);
    let of_modules = filter_fn(move |of| modules.show(of.file().unwrap_or_default(), *of.level()));
    let filter = filter.or(of_modules).and(match least {
        Severity::Any => LevelFilter::TRACE,
        Severity::Warning => LevelFilter::WARN,
        Severity::Error => LevelFilter::ERROR,
        Severity::Fatal => LevelFilter::OFF,
    });
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_level(headers)
        .with_file(places)
        .with_line_number(places);
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = match (json, headers) {
        (true, true) => lines.json().boxed(),
        (true, false) => lines.json().without_time().boxed(),
        (false, true) => lines.with_ansi(colours).boxed(),
        (false, false) => lines.with_ansi(colours).without_time().boxed(),
    };
    // A second start in one process, as in tests, leaves the first in place.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    if let Some(remark) = remark {
        tracing::warn!("{remark}");
    }
    Ok(())
}

/// klog's verbosity: the libraries speak up only where somebody wants to see every step. What the verifier
/// of certificates logs is in the error that it returns.
fn directives(verbosity: i32) -> &'static str {
    match verbosity {
        ..=1 => "warn,kstate=info,rustls_platform_verifier=off",
        2..=4 => "info,kstate=debug,rustls_platform_verifier=off",
        5..=7 => "debug,kstate=trace,h2=info,hyper_util=info",
        8.. => "trace",
    }
}
