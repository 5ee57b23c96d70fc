//! The exporter as a process of its own.

use super::{client, process::Process};
use anyhow::ensure;
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// How often it is looked whether an exporter is complete.
const POLL: Duration = Duration::from_millis(5);
/// Longer than any exporter takes to be complete.
const PATIENCE: Duration = Duration::from_mins(5);
/// An exporter that has been complete for so long is at rest.
pub(super) const REST: Duration = Duration::from_secs(1);

/// An exporter that has become complete. It ends with this value.
pub(super) struct Exporter {
    pub(super) process: Process,
    /// Where the cluster's metrics are.
    pub(super) main: SocketAddr,
    /// Where its own metrics are.
    pub(super) telemetry: SocketAddr,
    /// From its start until it was ready.
    pub(super) complete: Duration,
    /// Seconds of processor time until then.
    pub(super) cpu: f64,
}

impl Exporter {
    /// Starts an exporter with these flags, which lead to a cluster, and waits until it is complete. It
    /// is looked at again and again meanwhile.
    pub(super) fn start(
        flags: &[&str],
        look: impl FnMut(&Process) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        Self::start_by(|arguments| Process::start(arguments), flags, look)
    }

    /// The same of one that begins a second after its process does, so that the process can be looked at
    /// from the beginning.
    pub(super) fn start_late(
        flags: &[&str],
        look: impl FnMut(&Process) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        Self::start_by(Process::start_late, flags, look)
    }

    fn start_by(
        start: impl FnOnce(&[&str]) -> anyhow::Result<Process>,
        flags: &[&str],
        look: impl FnMut(&Process) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let (main, telemetry) = free_addresses()?;
        let (port, telemetry_port) =
            (format!("--port={}", main.port()), format!("--telemetry-port={}", telemetry.port()));
        let own = ["--host=127.0.0.1", "--telemetry-host=127.0.0.1", &port, &telemetry_port];
        Self::wait(|| start(&[&own[..], flags].concat()), main, telemetry, look)
    }

    /// Starts something that serves metrics on one port and says on another whether it is complete, and
    /// waits until it is.
    pub(super) fn wait(
        run: impl FnOnce() -> anyhow::Result<Process>,
        main: SocketAddr,
        telemetry: SocketAddr,
        mut look: impl FnMut(&Process) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let start = Instant::now();
        let mut process = run()?;
        while !client::is_ok(telemetry, "/readyz") {
            ensure!(process.runs(), "the exporter has ended");
            ensure!(start.elapsed() < PATIENCE, "the exporter does not become complete");
            look(&process)?;
            thread::sleep(POLL);
        }
        let complete = start.elapsed();
        let cpu = process.cpu()?;
        Ok(Self { process, main, telemetry, complete, cpu })
    }
}

/// Addresses that nobody listens on.
pub(super) fn free_addresses() -> std::io::Result<(SocketAddr, SocketAddr)> {
    let (one, other) =
        (TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    Ok((one.local_addr()?, other.local_addr()?))
}
