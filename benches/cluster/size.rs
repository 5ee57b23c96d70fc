//! All figures of one size.

use super::{
    cluster::{Churn, Cluster, Lists, PODS},
    load,
    report::{Build, Report, Unit},
    scrapers, straightforward,
};
use anyhow::{Context as _, ensure};
use std::{thread, time::Duration};

/// How often an unchanged cluster is scraped.
const SCRAPES: usize = 5;
/// An exporter that has been left alone for so long has seen all that happened.
pub(super) const REST: Duration = Duration::from_secs(3);
/// After scrapes, until the memory that they took has been given back, which takes time of its own.
pub(super) const SETTLED: Duration = Duration::from_secs(20);
/// How long pods change while nobody scrapes.
const CHANGING: Duration = Duration::from_secs(20);
/// How long pods change while two scrape.
const STEADY: Duration = Duration::from_mins(2);
/// How often each of the two scrapes.
const INTERVAL: Duration = Duration::from_secs(30);
/// Nodes of which one pod in a second changes.
const CALM: f64 = 5.0;
/// Beyond this the straightforward build takes more memory than most machines have.
const LARGEST: usize = 1_000;

/// Takes a figure, what it is counted in, its value, and its limits at 1,000 and at 5,000 nodes.
pub(super) type Row<'r> = dyn FnMut(&'static str, Unit, f64, Option<(f64, f64)>) + 'r;

/// Starts a cluster of a size and measures on it.
pub(super) fn measure(nodes: usize, report: &mut Report) -> anyhow::Result<()> {
    eprintln!("A simulated cluster of {nodes} nodes is made.");
    let mut cluster = Cluster::start(nodes)?;
    build(Build::Ours, nodes, &mut cluster, report)?;
    if nodes <= LARGEST {
        build(Build::Straightforward, nodes, &mut cluster, report)?;
    }
    Ok(())
}

fn build(build: Build, nodes: usize, cluster: &mut Cluster, report: &mut Report) -> anyhow::Result<()> {
    let mut row = |figure, unit, value, limits: Option<(f64, f64)>| {
        let limit = limits.and_then(|(small, large)| match nodes {
            1_000 => Some(small),
            5_000 => Some(large),
            _ => None,
        });
        report.row(build, nodes, figure, unit, value, limit);
    };
    let (lists, exporter);
    match build {
        Build::Ours => {
            lists = cluster.discard(Lists::Protobuf)?;
            exporter = cluster.exporter(&[])?;
        }
        Build::Straightforward => {
            lists = cluster.discard(Lists::Json)?;
            exporter = straightforward::start(cluster.address())?;
        }
    }
    let address = exporter.main;
    row("a client that discards all lists", Unit::Seconds, lists, None);
    let beyond = (exporter.complete.as_secs_f64() - lists).max(0.0);
    row("complete after start, beyond that client", Unit::Seconds, beyond, Some((1.5, 7.0)));
    row("processor time until complete", Unit::Seconds, exporter.cpu, Some((1.5, 7.5)));
    thread::sleep(REST);
    let resident = exporter.process.resident()?.now;
    row("resident memory, complete and not yet scraped", Unit::Megabytes, resident, None);

    let first = scrapers::gzip(address)?.0;
    row("gzip scrape, the first", Unit::Seconds, first, Some((0.6, 3.0)));
    let unchanged = scrapers::best(SCRAPES, || scrapers::gzip(address))?;
    row("gzip scrape, nothing changed", Unit::Seconds, unchanged, Some((0.05, 0.2)));
    let resident = exporter.process.resident()?.now;
    row("resident memory, gzip cache filled", Unit::Megabytes, resident, Some((130.0, 550.0)));
    let text = scrapers::text(address)?;
    cluster.learn(&text)?;
    let overhead = scrapers::overhead(address, &text)?;
    row("size of the gzip answer against one stream", Unit::Times, overhead, Some((1.15, 1.15)));
    let size = text.len() as f64 / 1e6;
    drop(text);
    row("size of the plain answer", Unit::Megabytes, size, None);
    let plain = scrapers::best(SCRAPES, || scrapers::plain(address))?;
    row("plain scrape", Unit::Seconds, plain, None);
    row("plain scrape, speed", Unit::GigabytesPerSecond, size / 1e3 / plain, Some((1.2, 1.2)));

    let mut times = Vec::new();
    for _ in 0..3 {
        cluster.change(nodes * PODS / 100)?;
        thread::sleep(REST);
        times.push(scrapers::gzip(address)?.0);
    }
    row("gzip scrape, 1 % of pods changed", Unit::Seconds, worst(&times), Some((0.15, 0.6)));

    let rate = nodes as f64 / CALM;
    thread::sleep(SETTLED);
    let before = exporter.process.cpu()?;
    let changed = cluster.live(rate, CHANGING, Churn::Restarts)?;
    thread::sleep(REST);
    let each = (exporter.process.cpu()? - before) / changed as f64 * 1e3;
    if build == Build::Ours {
        ensure!(cluster.is_shown(&scrapers::text(address)?)?, "what has changed is not shown");
    }
    row("processor time per changed pod", Unit::Milliseconds, each, Some((0.03, 0.03)));

    let before = exporter.process.cpu()?;
    let times = steady(cluster, rate, || Ok(scrapers::gzip(address)?.0))?;
    let cores = (exporter.process.cpu()? - before) / STEADY.as_secs_f64();
    row("gzip scrape while a pod in 150 changes each second", Unit::Seconds, worst(&times), Some((0.4, 1.5)));
    row("cores meanwhile, two gzip scrapers every 30 s", Unit::Cores, cores, Some((0.06, 0.2)));
    let resident = exporter.process.resident()?;
    row("resident memory afterwards", Unit::Megabytes, resident.now, None);
    row("resident memory, peak of all this", Unit::Megabytes, resident.peak, Some((180.0, 700.0)));
    if build == Build::Ours {
        load::measure(nodes, cluster, &exporter, &mut row)?;
    }
    Ok(())
}

fn worst(times: &[f64]) -> f64 {
    times.iter().copied().fold(0.0, f64::max)
}

/// Changes pods at a rate while two scrape, and returns the seconds that their scrapes took.
fn steady(
    cluster: &mut Cluster,
    rate: f64,
    scrape: impl Fn() -> anyhow::Result<f64> + Sync,
) -> anyhow::Result<Vec<f64>> {
    thread::scope(|scope| {
        let scrape = &scrape;
        let scrapers = [INTERVAL, INTERVAL + INTERVAL / 2]
            .map(|delay| scope.spawn(move || scrapers::every(INTERVAL, STEADY, delay, scrape)));
        cluster.live(rate, STEADY, Churn::Restarts)?;
        let times = scrapers.map(|scraper| scraper.join().ok().context("a scraper has panicked")?);
        Ok(times.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat())
    })
}
