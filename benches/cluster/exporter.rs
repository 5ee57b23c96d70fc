//! Exporters as processes.

use super::client;
use anyhow::{Context as _, ensure};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often it is looked whether an exporter is complete.
const POLL: Duration = Duration::from_millis(5);
/// Longer than any exporter takes to be complete.
const PATIENCE: Duration = Duration::from_mins(5);

/// A complete exporter, which ends with this value.
pub(super) struct Exporter {
    child: Child,
    proc: procfs::process::Process,
    /// Where it is scraped.
    pub(super) main: SocketAddr,
    /// Seconds from its start until it was complete.
    pub(super) complete: f64,
    /// Seconds of processor time until then.
    pub(super) cpu_at_start: f64,
}

/// What an exporter costs until a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    /// Resident memory in MB.
    pub(super) resident: f64,
    /// The most that was ever resident, in MB.
    pub(super) peak: f64,
    /// Seconds of processor time.
    pub(super) cpu: f64,
}

impl Exporter {
    /// Starts `kstate` and waits until it is complete.
    pub(super) fn start(apiserver: SocketAddr, flags: &[&str]) -> anyhow::Result<Self> {
        let (main, telemetry) = (free_port()?, free_port()?);
        let mut command = Command::new(env!("CARGO_BIN_EXE_kstate"));
        command
            .arg(format!("--apiserver=http://{apiserver}"))
            .args(["--host=127.0.0.1", "--telemetry-host=127.0.0.1"])
            .args([format!("--port={main}"), format!("--telemetry-port={telemetry}")])
            .args(flags);
        Self::wait(command, main, telemetry)
    }

    /// Starts the straightforward build and waits until it is complete.
    pub(super) fn start_straightforward(apiserver: SocketAddr) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(super::straightforward::arguments(apiserver, port));
        Self::wait(command, port, port)
    }

    fn wait(mut command: Command, main: u16, telemetry: u16) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command.env("RUST_LOG", "warn").stdin(Stdio::null()).spawn();
        let mut child = child.context("starting an exporter")?;
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while !client::is_ok(local(telemetry), "/readyz") {
            ensure!(matches!(child.try_wait(), Ok(None)), "the exporter has ended");
            ensure!(start.elapsed() < PATIENCE, "the exporter does not become complete");
            thread::sleep(POLL);
        }
        let complete = start.elapsed().as_secs_f64();
        let proc = procfs::process::Process::new(child.id().cast_signed())?;
        let mut exporter = Self { child, proc, main: local(main), complete, cpu_at_start: 0.0 };
        exporter.cpu_at_start = exporter.usage()?.cpu;
        Ok(exporter)
    }

    /// What it has cost so far.
    pub(super) fn usage(&self) -> anyhow::Result<Usage> {
        let (status, stat) = (self.proc.status()?, self.proc.stat()?);
        let megabytes = |kibibytes: Option<u64>| {
            kibibytes.map(|size| size as f64 * 1024.0 / 1e6).context("a process without memory")
        };
        Ok(Usage {
            resident: megabytes(status.vmrss)?,
            peak: megabytes(status.vmhwm)?,
            cpu: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
        })
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
