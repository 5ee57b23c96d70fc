//! The exporter as a process: how soon it is complete, what it takes, and how fast it is scraped.

use super::{
    client,
    cluster::{Cluster, LIST, STREAMING_LIST},
    exporter::{Exporter, REST},
    namespaces::samples,
    table::{Table, Times, Unit},
};
use anyhow::Context as _;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How often an exporter is started and a list is read.
const STARTS: usize = 3;
/// How often everything is scraped.
const SCRAPES: usize = 9;
/// How much longer than a client that reads the pods only, and does nothing with them, an exporter
/// may take for all kinds: the share of the other kinds, and of noise.
const SLACK: f64 = 1.25;

/// Measures exporters against the cluster.
pub(super) fn measure(cluster: &Cluster, table: &mut Table) -> anyhow::Result<()> {
    let list = Times::new(repeat(|| client::discard(cluster.address, LIST.0, LIST.1))?);
    let stream =
        Times::new(repeat(|| client::discard_list(cluster.address, STREAMING_LIST.0, STREAMING_LIST.1))?);
    table.note("a client that discards: the pods as a list", list.milliseconds());
    table.note("a client that discards: the pods as a streaming list", stream.milliseconds());

    let start = || Exporter::start(&["--kubeconfig", cluster.kubeconfig()], |_| Ok(()));
    let mut others: Vec<Exporter> = (1..STARTS).map(|_| start()).collect::<Result<_, _>>()?;
    let exporter = start()?;
    thread::sleep(REST);
    let (cpu, complete) = (exporter.cpu, exporter.process.resident()?);
    let times = Times::new(others.drain(..).map(|other| other.complete).chain([exporter.complete]));
    table.judged(
        "complete after start, all default kinds",
        format!("{:.3} s ({})", times.best(), times.milliseconds()),
        format!("{SLACK} times the streaming list of the pods: {:.3} s", SLACK * stream.best()),
        times.best() <= SLACK * stream.best(),
    );
    table.note("processor time until complete", Unit::Seconds.show(cpu));
    table.at_most("resident memory, complete", complete.now, 150.0, Unit::Megabytes);
    scrapes(&exporter, table)?;
    let after = exporter.process.resident()?;
    table.note("resident memory, after all scrapes", Unit::Megabytes.show(after.now));
    table.at_most("resident memory, peak from start to here", after.peak, 200.0, Unit::Megabytes);
    Ok(())
}

fn scrapes(exporter: &Exporter, table: &mut Table) -> anyhow::Result<()> {
    let text = client::body(exporter.main, "/metrics", "")?;
    let samples = samples(&text);
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

fn repeat(run: impl Fn() -> anyhow::Result<u64>) -> anyhow::Result<Vec<Duration>> {
    (0..STARTS).map(|_| timed(&run)).collect()
}

fn timed(run: impl FnOnce() -> anyhow::Result<u64>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed())
}
