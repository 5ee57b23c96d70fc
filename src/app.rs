//! Commands: everything wired together.

mod failure;
mod logging;
mod render;

pub use failure::Failure;

use crate::cli::{Cli, Command};

/// Runs what was typed.
pub fn run(cli: Cli) -> Result<(), Failure> {
    logging::start(&cli.logging)?;
    match cli.command {
        Some(Command::Render(args)) => render::run(args),
        _ => Ok(()),
    }
}
