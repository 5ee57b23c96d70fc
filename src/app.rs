//! Commands: everything wired together.

mod autosharding;
mod budgets;
mod compare;
mod completion;
mod configuration;
mod demo;
mod exporter;
mod failure;
mod health;
mod kinds;
mod live;
mod logging;
mod metrics;
mod metrics_api;
mod ports;
mod rbac;
mod relations;
mod remote;
mod render;
mod running;
mod server_side;
mod simulate;
mod tasks;
mod threads;
mod top;
mod usage;
mod version;

pub use failure::Failure;

use crate::{
    cli::{Cli, Command},
    config::{Logging, Severity},
    exposition::Format,
    resource,
    scrape::{Encoding, Query, Scraper, Standing},
};
use configuration::Configuration;
use futures::StreamExt as _;
use std::{
    env,
    io::{self, Write as _},
};

/// Runs what was typed.
pub fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { command, exporter, logging, klog } = cli;
    let mut logging: Logging = (logging, klog).into();
    // Who asks a question is told what is wrong with the answer, not what was tried.
    if matches!(command, Some(Command::Top(_))) && logging.verbosity == 0 && env::var_os("RUST_LOG").is_none()
    {
        logging.least = Severity::Error;
    }
    logging::start(logging)?;
    // As Kubernetes' controller finds its own: from TZ, else from the system's settings, else UTC.
    resource::set_local_zone(jiff::tz::TimeZone::system());
    match command {
        None => exporter::run(Configuration::new(exporter)),
        Some(Command::Demo(args)) => demo::run(args.try_into()?),
        Some(Command::Simulate(args)) => simulate::run(args.into()),
        Some(Command::Top(args)) => top::run(args.try_into()?),
        Some(Command::Render(args)) => render::run(configuration::rendering(args)?),
        Some(Command::Metrics(args)) => metrics::run(&args.try_into()?),
        Some(Command::Rbac(args)) => rbac::run(&configuration::permissions(*args)?),
        Some(Command::Compare(args)) => compare::run(&args.try_into()?),
        Some(Command::Config(command)) => configuration::run(command),
        Some(Command::Version) => version::run(),
        Some(Command::Completion(args)) => completion::run(args.into()),
    }
}

/// Writes an exposition to standard output, and to standard error what it lacks.
async fn print(scraper: &Scraper, format: Format) -> Result<(), Failure> {
    for standing in scraper.weigh().iter().filter(|standing| !standing.left_out.is_empty()) {
        let Standing { resource, most, series, left_out } = &**standing;
        let left_out = left_out.join(", ");
        eprintln!(
            "kstate: {series} series of {resource} are more than --series-budget allows ({most}); left out: {left_out}."
        );
    }
    let mut out = io::stdout();
    let mut body = scraper.scrape(&Query::default(), format, Encoding::Identity);
    let mut written = Ok(());
    while let (Ok(()), Some(piece)) = (&written, body.next().await) {
        written = out.write_all(&piece);
    }
    finish(written.and_then(|()| out.flush()))
}

/// Writes a text to standard output.
fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    finish(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// The outcome of writing. A reader that goes away early has seen enough.
fn finish(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::from(error).context("writing to standard output").into())
        }
        _ => Ok(()),
    }
}
