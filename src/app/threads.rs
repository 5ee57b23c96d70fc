//! How many threads work at a time.

use super::Failure;
use anyhow::Context as _;
use std::thread::available_parallelism;
use tokio::runtime::{Builder, Handle};

/// More don't make scrapes faster, whose reader takes what two of them render, but each has memory of
/// its own.
const MOST: usize = 4;

/// As many as work where nobody says otherwise.
pub(super) fn usual() -> usize {
    available_parallelism().map_or(1, usize::from).min(MOST)
}

/// As many as work in this process.
pub(super) fn own() -> usize {
    Handle::try_current().map_or_else(|_| usual(), |runtime| runtime.metrics().num_workers())
}

/// Runs a command on so many threads.
pub(super) fn block_on(
    threads: usize,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.context("starting threads")?;
    let result = runtime.block_on(command);
    // Whatever still renders for nobody is not waited for.
    runtime.shutdown_background();
    result
}
