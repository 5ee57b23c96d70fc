//! Where the processor time goes, as `perf` sees it: what dominates in each phase of an exporter's life.

use super::{
    cluster::{Churn, Cluster},
    process::Process,
    scrapers,
};
use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const NODES: usize = 1_000;
/// Pods that change in a second.
const RATE: f64 = 200.0;
const CHANGING: Duration = Duration::from_secs(20);
const REST: Duration = Duration::from_secs(3);
/// What perf writes.
const FILE: &str = "perf.data";
/// Samples a second.
const FREQUENCY: &str = "4999";
/// Symbols with less of the time are not shown.
const LEAST: f64 = 1.0;
const SCRAPES: usize = 10;

/// What symbols belong to, by how their names begin.
const ROOMS: [(&str, &[&str]); 12] = [
    ("deflate", &["zlib_rs", "flate2", "kstate::scrape::segments", "crc32fast"]),
    ("wire", &["kstate::wire", "kstate::resources"]),
    ("store", &["kstate::store"]),
    ("watch", &["kstate::watch", "kstate::app"]),
    (
        "rendering",
        &[
            "core::ops::function::FnOnce::call_once",
            "kstate::exposition",
            "kstate::resource",
            "kstate::scrape",
            "zmij",
            "itoa",
        ],
    ),
    ("HTTP", &["hyper", "h2", "http", "axum", "tower"]),
    ("TLS", &["rustls", "ring"]),
    ("tokio", &["tokio", "mio", "futures", "parking_lot"]),
    ("allocator", &["_rjem", "tikv", "je_", "malloc", "free", "calloc", "arena", "tcache"]),
    ("memory copied, set, compared", &["__memmove", "__memset", "__memcmp", "__memcpy", "memcpy", "memmove"]),
    ("hash tables", &["hashbrown", "foldhash"]),
    ("kernel", &["[k]"]),
];

/// Prints a table for each phase.
pub(super) fn run() -> anyhow::Result<()> {
    let mut cluster = Cluster::start(NODES)?;
    let mut recording = None;
    let exporter = cluster.late_exporter(|process| {
        if recording.is_none() {
            recording = Some(Recording::start(process)?);
        }
        Ok(())
    })?;
    let started = recording.context("the exporter was complete at once")?.finish()?;
    show("From the start until complete", &started, exporter.cpu, "")?;
    let (process, address) = (&exporter.process, exporter.main);
    cluster.learn(&scrapers::text(address)?)?;
    phase("Plain scrapes", process, || repeat(|| scrapers::plain(address)))?;
    scrapers::gzip(address)?;
    thread::sleep(REST);
    phase("Pods change, nobody scrapes", process, || cluster.live(RATE, CHANGING, Churn::Restarts))?;
    drop(exporter);

    let uncached = cluster.exporter(&["--gzip-cache-size=0"])?;
    let address = uncached.main;
    phase("Scrapes with gzip, nothing kept", &uncached.process, || repeat(|| scrapers::gzip(address)))
}

fn repeat(scrape: impl Fn() -> anyhow::Result<(f64, u64)>) -> anyhow::Result<usize> {
    (0..SCRAPES).try_for_each(|_| scrape().map(drop))?;
    Ok(SCRAPES)
}

/// Runs twice: once to take the time, and once more while `perf` looks, which costs time itself.
fn phase(
    name: &str,
    process: &Process,
    mut run: impl FnMut() -> anyhow::Result<usize>,
) -> anyhow::Result<()> {
    thread::sleep(REST);
    let cpu = process.cpu()?;
    let count = run()? as f64;
    thread::sleep(REST);
    let cpu = process.cpu()? - cpu;
    let recording = Recording::start(process)?;
    thread::sleep(REST);
    run()?;
    let each = format!(", {:.3} ms for each of {count}", cpu / count * 1e3);
    show(name, &recording.finish()?, cpu, &each)
}

/// Prints what took the time of a phase, by rooms and by symbols.
fn show(name: &str, recorded: &TempDir, cpu: f64, each: &str) -> anyhow::Result<()> {
    let report = Command::new("perf")
        .args([
            "report",
            "--stdio",
            "--no-children",
            "--sort=symbol",
            "--percent-limit=0.05",
            "-F",
            "overhead,sym",
        ])
        .arg("-i")
        .arg(recorded.path().join(FILE))
        .stderr(Stdio::null())
        .output()
        .context("starting perf report")?;
    let report = String::from_utf8_lossy(&report.stdout);
    let mut rooms = BTreeMap::new();
    let mut symbols = Vec::new();
    for line in report.lines().filter(|line| !line.starts_with('#')) {
        let Some((share, symbol)) = line.trim().split_once('%') else { continue };
        let Ok(share) = share.trim().parse::<f64>() else { continue };
        // Columns that this perf adds of its own are behind many blanks.
        let symbol = symbol.trim().split("  ").next().unwrap_or_default();
        *rooms.entry(room(symbol)).or_insert(0.0) += share;
        if share >= LEAST {
            symbols.push((share, symbol));
        }
    }
    ensure!(!rooms.is_empty(), "perf has seen nothing");
    println!("\n{name}: {cpu:.2} s of processor time{each}\n");
    let mut rooms: Vec<_> = rooms.into_iter().collect();
    rooms.sort_by(|one, other| other.1.total_cmp(&one.1));
    for (room, share) in rooms {
        println!("| {share:5.1} % | {room} |");
    }
    println!();
    symbols.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    for (share, symbol) in symbols {
        println!("| {share:5.1} % | `{}` |", symbol.trim_start_matches("[.] "));
    }
    Ok(())
}

fn room(symbol: &str) -> &'static str {
    let name = symbol
        .trim_start_matches("[.] ")
        .trim_start_matches("core::ptr::drop_in_place<")
        .trim_start_matches('<');
    let room = ROOMS.iter().find(|(_, beginnings)| beginnings.iter().any(|text| name.starts_with(text)));
    room.map_or("the rest", |(room, _)| room)
}

/// `perf record` at work.
struct Recording {
    perf: Child,
    folder: TempDir,
}

impl Recording {
    fn start(process: &Process) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let perf = Command::new("perf")
            .args(["record", "--quiet", "-F", FREQUENCY, "-p", &process.id().to_string(), "-o"])
            .arg(folder.path().join(FILE))
            .stderr(Stdio::null())
            .spawn()
            .context("starting perf, which this needs")?;
        Ok(Self { perf, folder })
    }

    /// Ends the recording and returns the folder of its file.
    fn finish(mut self) -> anyhow::Result<TempDir> {
        kill_process(Pid::from_child(&self.perf), Signal::INT)?;
        self.perf.wait()?;
        Ok(self.folder)
    }
}
