//! The `kstate` command.

use kstate::{
    app::{self, Failure},
    cli::Cli,
};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let run = Cli::read(std::env::args_os()).map_err(Failure::from).and_then(app::run);
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
