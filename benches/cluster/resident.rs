//! Memory by the number of rendering threads, since nodes have many more processors than this machine.

use super::{cluster::Cluster, scrapers};
use std::{thread, time::Duration};

const NODES: usize = 1_000;
/// Scrapes at a time, so that all threads have something to render.
const SCRAPERS: usize = 4;
const REST: Duration = Duration::from_secs(12);

/// Prints a row for each number of threads.
pub(super) fn run() -> anyhow::Result<()> {
    let cluster = Cluster::start(NODES)?;
    println!("| threads | complete, MB | after scrapes, MB | peak, MB | gzip first, s | plain, s |");
    println!("| ------- | ------------ | ----------------- | -------- | ------------- | -------- |");
    for threads in [1, 2, 4, 8, 64] {
        let flag = format!("--threads={threads}");
        let exporter = cluster.exporter(&[&flag])?;
        thread::sleep(REST);
        let complete = exporter.process.resident()?.now;
        let cold = scrapers::gzip(exporter.main)?.0;
        let plain = scrapers::best(5, || scrapers::plain(exporter.main))?;
        thread::scope(|scope| {
            let scrape = || scrapers::plain(exporter.main).and_then(|_| scrapers::gzip(exporter.main));
            let running: Vec<_> = (0..SCRAPERS).map(|_| scope.spawn(scrape)).collect();
            running
                .into_iter()
                .try_for_each(|scrape| scrape.join().unwrap_or_else(|_| anyhow::bail!("a panic")).map(drop))
        })?;
        thread::sleep(REST);
        let resident = exporter.process.resident()?;
        println!(
            "| {threads:7} | {complete:12.0} | {:17.0} | {:8.0} | {cold:13.3} | {plain:8.3} |",
            resident.now, resident.peak
        );
    }
    Ok(())
}
