//! The exporter as a process: how soon it is complete, what it takes, and how fast it is scraped.

use super::{
    client,
    cluster::{Cluster, LIST, STREAMING_LIST},
    process::Process,
    table::{Table, Times, Unit},
};
use anyhow::{Context as _, ensure};
use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// How often an exporter is started and a list is read.
const STARTS: usize = 3;
/// How often everything is scraped.
const SCRAPES: usize = 9;
/// How often it is looked whether an exporter is complete.
const POLL: Duration = Duration::from_millis(5);
/// Longer than any exporter takes to be complete.
const PATIENCE: Duration = Duration::from_mins(1);
/// How much longer than a client that reads the pods only, and does nothing with them, an exporter
/// may take for all kinds: the share of the other kinds, and of noise.
const SLACK: f64 = 1.25;
/// An exporter that has been complete for so long is at rest.
const REST: Duration = Duration::from_secs(1);

/// Measures exporters against the cluster.
pub(super) fn measure(cluster: &Cluster, table: &mut Table) -> anyhow::Result<()> {
    let list = Times::new(repeat(|| client::discard(cluster.address, LIST.0, LIST.1))?);
    let stream =
        Times::new(repeat(|| client::discard_list(cluster.address, STREAMING_LIST.0, STREAMING_LIST.1))?);
    table.note("a client that discards: the pods as a list", list.milliseconds());
    table.note("a client that discards: the pods as a streaming list", stream.milliseconds());

    let mut runs: Vec<Run> = (1..STARTS).map(|_| Run::start(cluster)).collect::<Result<_, _>>()?;
    let run = Run::start(cluster)?;
    thread::sleep(REST);
    let (cpu, complete) = (run.cpu, run.exporter.process.resident()?);
    let times = Times::new(runs.drain(..).map(|run| run.complete).chain([run.complete]));
    table.judged(
        "complete after start, all default kinds",
        format!("{:.3} s ({})", times.best(), times.milliseconds()),
        format!("{SLACK} times the streaming list of the pods: {:.3} s", SLACK * stream.best()),
        times.best() <= SLACK * stream.best(),
    );
    table.note("processor time until complete", Unit::Seconds.show(cpu));
    table.at_most("resident memory, complete", complete.now, 150.0, Unit::Megabytes);
    scrapes(&run.exporter, table)?;
    let after = run.exporter.process.resident()?;
    table.note("resident memory, after all scrapes", Unit::Megabytes.show(after.now));
    table.at_most("resident memory, peak from start to here", after.peak, 200.0, Unit::Megabytes);
    Ok(())
}

fn scrapes(exporter: &Exporter, table: &mut Table) -> anyhow::Result<()> {
    let text = client::body(exporter.main, "/metrics", "")?;
    let samples = text.split(|&b| b == b'\n').filter(|line| !line.is_empty() && line[0] != b'#').count();
    let size = text.len() as f64 / 1e6;
    drop(text);
    let times = Times::new(
        (0..SCRAPES)
            .map(|_| timed(|| client::discard(exporter.main, "/metrics", "")))
            .collect::<Result<Vec<_>, _>>()?,
    );
    table.at_most(&format!("scrape of {size:.0} MB over loopback, best"), times.best(), 0.25, Unit::Seconds);
    table.note(
        "… samples, median and all times",
        format!("{samples}, {:.3} s, {}", times.median(), times.milliseconds()),
    );
    let gzip = "Accept-Encoding: gzip\r\n";
    let cold = timed(|| client::discard(exporter.main, "/metrics", gzip))?.as_secs_f64();
    table.at_most("gzip scrape, the first", cold, 0.6, Unit::Seconds);
    let again = (0..SCRAPES).map(|_| timed(|| client::discard(exporter.main, "/metrics", gzip)));
    let times = Times::new(again.collect::<Result<Vec<_>, _>>()?);
    table.at_most("… nothing changed, best", times.best(), 0.05, Unit::Seconds);
    table.note("… all times", times.milliseconds());
    let bytes = client::body(exporter.main, "/metrics", gzip)?.len() as f64;
    let telemetry = String::from_utf8(client::body(exporter.telemetry, "/metrics", "")?)?;
    let kept =
        telemetry.lines().find_map(|line| line.strip_prefix("kstate_gzip_cache_bytes ")?.parse::<f64>().ok());
    let kept = kept.context("the exporter says nothing of its gzip cache")?;
    table.note("… size, and what is kept of it", format!("{:.1} MB, {:.1} MB", bytes / 1e6, kept / 1e6));
    Ok(())
}

/// One exporter that has become complete.
struct Run {
    exporter: Exporter,
    /// From its start until it was ready.
    complete: Duration,
    /// Seconds of processor time until then.
    cpu: f64,
}

impl Run {
    fn start(cluster: &Cluster) -> anyhow::Result<Self> {
        let start = Instant::now();
        let mut exporter = Exporter::start(cluster)?;
        while !client::is_ok(exporter.telemetry, "/readyz") {
            ensure!(exporter.process.runs(), "the exporter has ended");
            ensure!(start.elapsed() < PATIENCE, "the exporter does not become complete");
            thread::sleep(POLL);
        }
        let complete = start.elapsed();
        let cpu = exporter.process.cpu()?;
        Ok(Self { exporter, complete, cpu })
    }
}

struct Exporter {
    process: Process,
    main: SocketAddr,
    telemetry: SocketAddr,
}

impl Exporter {
    fn start(cluster: &Cluster) -> anyhow::Result<Self> {
        let (main, telemetry) = free_addresses()?;
        let process = Process::start(&[
            "--kubeconfig",
            cluster.kubeconfig(),
            "--host=127.0.0.1",
            "--telemetry-host=127.0.0.1",
            &format!("--port={}", main.port()),
            &format!("--telemetry-port={}", telemetry.port()),
        ])?;
        Ok(Self { process, main, telemetry })
    }
}

/// Addresses that nobody listens on.
fn free_addresses() -> std::io::Result<(SocketAddr, SocketAddr)> {
    let (one, other) =
        (TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    Ok((one.local_addr()?, other.local_addr()?))
}

fn repeat(run: impl Fn() -> anyhow::Result<u64>) -> anyhow::Result<Vec<Duration>> {
    (0..STARTS).map(|_| timed(&run)).collect()
}

fn timed(run: impl FnOnce() -> anyhow::Result<u64>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed())
}
