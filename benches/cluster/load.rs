//! What work at the same time does to each other, and what bursts do to memory.

use super::{
    client,
    cluster::{Churn, Cluster, RESOURCES},
    exporter::Exporter,
    report::Unit,
    scrapers,
    size::{REST, Row, SETTLED},
};
use anyhow::{Context as _, ensure};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Single changes that are followed until a scrape shows them.
const CHANGES: u32 = 30;
/// Between two of them, another time each, as they don't come in step with anything.
const APART: Duration = Duration::from_millis(40);
/// How often it is asked for a change.
const POLL: Duration = Duration::from_millis(1);
/// A change that takes longer is lost.
const PATIENCE: Duration = Duration::from_mins(1);
/// Clients that scrape everything without a pause, half of them with gzip.
const SCRAPERS: usize = 4;
/// Scrapes that are timed.
const SCRAPES: u32 = 9;
/// How fast pods change that scrapes are held against: as many in a second as a large rollout has.
const RATE: f64 = 1_000.0;
/// A rollout of everything: so many pods are replaced in so much time.
const REPLACED: (f64, Duration) = (10_000.0, Duration::from_mins(1));
/// The memory that bursts may take, against that at rest.
const BURST: (f64, f64) = (1.3, 1.3);
/// Longer than it takes to list everything again.
const RELIST: Duration = Duration::from_secs(20);

pub(super) fn measure(
    nodes: usize,
    cluster: &mut Cluster,
    exporter: &Exporter,
    row: &mut Row<'_>,
) -> anyhow::Result<()> {
    let address = exporter.main;
    let delays = seen(cluster, address)?;
    row("a change until a scrape shows it, at rest, median", Unit::Seconds, median(&delays), None);
    let busy = while_scraping(address, || seen(cluster, address))?;
    row("the same while four scrape all the time", Unit::Seconds, median(&busy), None);
    let path = look(cluster.next_namespace());
    let narrow = while_scraping(address, || times(CHANGES, || scrapers::page(address, &path)))?;
    row("of which is the scrape that looks for it", Unit::Seconds, median(&narrow), None);

    let plain = || times(SCRAPES, || scrapers::plain(address));
    let gzip = || times(SCRAPES, || scrapers::gzip(address));
    let (quiet, quiet_gzip) = (plain()?, gzip()?);
    let change = || cluster.live(RATE, REST, Churn::Restarts).map(drop);
    let (changing, changing_gzip) = meanwhile([change], || Ok((plain()?, gzip()?)))?;
    let times = |now: &[f64], before: &[f64]| median(now) / median(before);
    row("plain scrape while 1,000 pods change a second", Unit::Times, times(&changing, &quiet), None);
    let gzip = median(&changing_gzip) - median(&quiet_gzip);
    row("gzip scrape meanwhile, beyond one of what is unchanged", Unit::Seconds, gzip, None);

    thread::sleep(SETTLED);
    let rest = exporter.process.resident()?.now;
    exporter.process.forget_peak()?;
    let (replaced, time) = REPLACED;
    cluster.live(replaced / time.as_secs_f64(), time, Churn::Replacements)?;
    thread::sleep(REST);
    let burst = exporter.process.resident()?.peak / rest;
    row("memory at most while 10,000 pods are replaced, against rest", Unit::Times, burst, Some(BURST));
    exporter.process.forget_peak()?;
    cluster.expire(RESOURCES);
    thread::sleep(RELIST);
    let relist = exporter.process.resident()?.peak / rest;
    row("memory at most while everything is listed again", Unit::Times, relist, Some(BURST));
    let shown = scrapers::pods(&scrapers::text(address)?).count();
    ensure!(shown == cluster.count(), "{nodes} nodes: {shown} pods are shown of {}", cluster.count());
    Ok(())
}

/// Seconds until changes, one after the other, are seen by a client that scrapes what they change.
fn seen(cluster: &mut Cluster, address: SocketAddr) -> anyhow::Result<Vec<f64>> {
    let change = |step| {
        thread::sleep(APART + POLL * (7 * step % 60));
        let path = look(cluster.next_namespace());
        let before = client::body(address, &path, "")?;
        let start = Instant::now();
        cluster.change(1)?;
        while client::body(address, &path, "")? == before {
            ensure!(start.elapsed() < PATIENCE, "a change of a pod is not seen");
            thread::sleep(POLL);
        }
        Ok(start.elapsed().as_secs_f64())
    };
    (0..CHANGES).map(change).collect()
}

/// What shows whether a pod of a namespace has changed, and as little else as possible.
fn look(namespace: &str) -> String {
    format!(
        "/metrics?namespace={namespace}&family=kube_pod_container_status_restarts_total&family=kube_pod_status_reason"
    )
}

/// Runs while some scrape everything.
fn while_scraping<R>(address: SocketAddr, run: impl FnOnce() -> anyhow::Result<R>) -> anyhow::Result<R> {
    let scrapers = (0..SCRAPERS).map(|scraper| {
        let scrape = if scraper % 2 == 0 { scrapers::plain } else { scrapers::gzip };
        move || scrape(address).map(drop)
    });
    meanwhile(scrapers, run)
}

/// Runs while others do theirs again and again.
fn meanwhile<R>(
    others: impl IntoIterator<Item = impl FnMut() -> anyhow::Result<()> + Send>,
    run: impl FnOnce() -> anyhow::Result<R>,
) -> anyhow::Result<R> {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let ended = &ended;
        let mut running = Vec::new();
        for mut other in others {
            running.push(scope.spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    other()?;
                }
                anyhow::Ok(())
            }));
        }
        let result = run();
        ended.store(true, Ordering::Relaxed);
        for other in running {
            other.join().ok().context("what runs meanwhile has panicked")??;
        }
        result
    })
}

/// The seconds of so many scrapes.
fn times(count: u32, scrape: impl Fn() -> anyhow::Result<(f64, u64)>) -> anyhow::Result<Vec<f64>> {
    (0..count).map(|_| Ok(scrape()?.0)).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
