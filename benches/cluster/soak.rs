//! Steady change for a long time: memory stays, and no scrape is ever wrong.

use super::{
    cluster::{Churn, Cluster},
    exporter::Exporter,
    scrapers,
};
use anyhow::{Context as _, ensure};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

const NODES: usize = 1_000;
/// Pods that change in a second; every fifth is replaced.
const RATE: f64 = 200.0;
/// Clients that scrape, each every [`INTERVAL`].
const SCRAPERS: u32 = 4;
const INTERVAL: Duration = Duration::from_secs(15);
/// Memory is compared with what it is after this time.
const SETTLED: Duration = Duration::from_mins(5);
/// How often the pods have to be listed anew.
const RELIST: Duration = Duration::from_mins(2);
/// How often memory is shown.
const SHOWN: Duration = Duration::from_mins(1);
/// How much more memory it may be in the end.
const GROWTH: f64 = 1.1;

/// Runs for some time, longer than it takes to settle, and fails if memory grows or a scrape is wrong.
pub(super) fn run(time: Duration) -> anyhow::Result<()> {
    ensure!(time > SETTLED, "a soak takes more than {} minutes", SETTLED.as_secs() / 60);
    let mut cluster = Cluster::start(NODES)?;
    let exporter = cluster.exporter(&[])?;
    cluster.learn(&scrapers::text(exporter.main)?)?;
    let pods = cluster.count();
    let (ended, scrapes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (settled, last) = thread::scope(|scope| {
        let running: Vec<_> = (0..SCRAPERS)
            .map(|scraper| {
                let (exporter, scrapes, ended) = (&exporter, &scrapes, &ended);
                scope.spawn(move || {
                    let checked = || {
                        let start = Instant::now();
                        // One pod is gone for a moment whenever it is replaced.
                        scrapers::check(exporter.main, pods - 1..=pods)?;
                        scrapes.fetch_add(1, Ordering::Relaxed);
                        Ok(start.elapsed().as_secs_f64())
                    };
                    let result = scrapers::every(INTERVAL, time, INTERVAL * scraper / SCRAPERS, checked);
                    if result.is_err() {
                        ended.store(true, Ordering::Relaxed);
                    }
                    result
                })
            })
            .collect();
        let measured = live(&mut cluster, &exporter, time, &ended);
        for scraper in running {
            scraper.join().ok().context("a scraper has panicked")??;
        }
        measured
    })?;
    let (growth, scrapes) = (last / settled, scrapes.into_inner());
    println!(
        "{scrapes} scrapes were right. Resident memory: {settled:.0} MB after {} minutes, {last:.0} MB after {}: {growth:.2} times.",
        SETTLED.as_secs() / 60,
        time.as_secs() / 60,
    );
    ensure!(growth <= GROWTH, "memory may grow {GROWTH} times at most");
    Ok(())
}

/// Changes pods and has them listed anew. Returns the memory once settled and in the end.
fn live(
    cluster: &mut Cluster,
    exporter: &Exporter,
    time: Duration,
    ended: &AtomicBool,
) -> anyhow::Result<(f64, f64)> {
    let (start, mut settled, mut relist) = (Instant::now(), None, RELIST);
    while start.elapsed() < time && !ended.load(Ordering::Relaxed) {
        cluster.live(RATE, SHOWN.min(time.saturating_sub(start.elapsed())), Churn::Mixed)?;
        let (elapsed, resident) = (start.elapsed(), exporter.process.resident()?.now);
        eprintln!("after {} s: {resident:.0} MB", elapsed.as_secs());
        if elapsed >= SETTLED && settled.is_none() {
            settled = Some(resident);
        }
        if elapsed >= relist {
            cluster.expire("pods");
            relist += RELIST;
        }
    }
    Ok((settled.context("it ended before memory was settled")?, exporter.process.resident()?.now))
}
