//! Processes of the program under measurement.

use anyhow::Context as _;
use procfs::{
    net::{TcpNetEntry, TcpState},
    process::{ClearRefs, FDInfo, FDTarget},
};
use std::{
    collections::HashSet,
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

const KSTATE: &str = env!("CARGO_BIN_EXE_kstate");

/// A running program, which ends with this value.
pub(super) struct Process {
    child: Child,
    proc: procfs::process::Process,
}

/// Resident memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resident {
    /// Now, in MB of a million bytes.
    pub(super) now: f64,
    /// At most so far.
    pub(super) peak: f64,
}

impl Process {
    /// Starts `kstate`.
    pub(super) fn start(arguments: &[impl AsRef<OsStr>]) -> anyhow::Result<Self> {
        Self::run(KSTATE, arguments)
    }

    /// Starts a process that becomes `kstate` after a second.
    pub(super) fn start_late(arguments: &[&str]) -> anyhow::Result<Self> {
        let late = ["-c", r#"sleep 1; exec "$0" "$@""#, KSTATE];
        Self::run("sh", &[&late[..], arguments].concat())
    }

    /// Starts a program.
    pub(super) fn run(program: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> anyhow::Result<Self> {
        let child = Command::new(program)
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a program")?;
        let proc = procfs::process::Process::new(child.id().cast_signed())?;
        Ok(Self { child, proc })
    }

    /// The first line that it prints.
    pub(super) fn first_line(&mut self) -> anyhow::Result<String> {
        let out = self.child.stdout.take().context("the output was taken before")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        Ok(line)
    }

    /// Whether it is still there.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its memory.
    pub(super) fn resident(&self) -> anyhow::Result<Resident> {
        let status = self.proc.status()?;
        let megabytes = |kibibytes: Option<u64>| {
            kibibytes.map(|size| size as f64 * 1024.0 / 1e6).context("a process without memory")
        };
        Ok(Resident { now: megabytes(status.vmrss)?, peak: megabytes(status.vmhwm)? })
    }

    /// From here on, the peak of its memory is that of what follows.
    pub(super) fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(self.proc.clear_refs(ClearRefs::PeakRSS)?)
    }

    /// The number of its established connections to an address.
    pub(super) fn connections_to(&self, address: SocketAddr) -> anyhow::Result<usize> {
        let inode = |fd: FDInfo| if let FDTarget::Socket(inode) = fd.target { Some(inode) } else { None };
        // A descriptor may be gone before it is looked at.
        let own: HashSet<u64> = self.proc.fd()?.flatten().filter_map(inode).collect();
        let connections = self.proc.tcp()?;
        let counts = |entry: &&TcpNetEntry| {
            entry.state == TcpState::Established
                && entry.remote_address == address
                && own.contains(&entry.inode)
        };
        Ok(connections.iter().filter(counts).count())
    }

    /// Seconds of processor time that it has taken.
    pub(super) fn cpu(&self) -> anyhow::Result<f64> {
        let stat = self.proc.stat()?;
        Ok((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
