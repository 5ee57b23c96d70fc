//! Scrapes with gzip, which cost what has changed since the last one: pods over loopback.

use super::{
    client,
    local::Local,
    memory::allocated,
    speed::scattered,
    table::{Table, Times, Unit},
};
use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};
use kstate::{
    exposition::Selection,
    resources::pods::Pod,
    store::{Reader, Writer},
    wire::{ContainerId, Timestamp},
};
use kube_runtime::watcher::Event;
use std::{
    io::Write as _,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How often everything is scraped.
const SCRAPES: usize = 7;
/// More than the segments take.
const ROOM: usize = 1 << 30;
/// What the whole answer is compressed with for comparison: zlib's level of ours.
const LEVEL: u32 = 2;

const GZIP: &str = "Accept-Encoding: gzip\r\n";

/// Measures scrapes of these pods.
pub(super) fn measure(
    reader: &Reader<Pod>,
    writer: &mut Writer<Pod>,
    table: &mut Table,
) -> anyhow::Result<()> {
    let local = || Local::serve(reader.clone(), Arc::new(Selection::default()));
    let uncached = local()?;
    let again = |times: &mut Vec<_>, local: &Local| -> anyhow::Result<()> {
        let start = Instant::now();
        client::discard(local.address, "/metrics", GZIP)?;
        times.push(start.elapsed());
        Ok(())
    };
    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        again(&mut times, &uncached)?;
    }
    show(table, "gzip scrape of the pods, without a cache", times, None);
    drop(uncached);

    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        let cold = local()?;
        cold.scraper.keep_compressed(ROOM);
        again(&mut times, &cold)?;
    }
    show(table, "… cold", times, Some(0.6));

    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        let cold = local()?;
        cold.scraper.keep_compressed(ROOM);
        let start = Instant::now();
        let two: Vec<_> = (0..2)
            .map(|_| {
                thread::spawn({
                    let address = cold.address;
                    move || client::discard(address, "/metrics", GZIP)
                })
            })
            .collect();
        for one in two {
            one.join().ok().context("a scrape panicked")??;
        }
        times.push(start.elapsed());
    }
    show(table, "… cold, two at once", times, None);

    let warm = local()?;
    warm.scraper.keep_compressed(ROOM);
    let before = allocated()?;
    client::discard(warm.address, "/metrics", GZIP)?;
    let kept = allocated()? - before;
    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        again(&mut times, &warm)?;
    }
    show(table, "… nothing changed", times, Some(0.05));
    table.note(
        "… kept",
        format!("{:.1} MB, {:.1} MB allocated", warm.scraper.kept_compressed() as f64 / 1e6, kept / 1e6),
    );

    for (share, limit) in [(100, Some(0.15)), (10, None)] {
        let mut times = Vec::new();
        for round in 0..SCRAPES {
            change(reader, writer, share, round)?;
            again(&mut times, &warm)?;
        }
        show(table, &format!("… one of {share} changed, scattered"), times, limit);
    }

    let size = client::body(warm.address, "/metrics", GZIP)?.len() as f64;
    let mut stream = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    stream.write_all(&client::body(warm.address, "/metrics", "")?)?;
    let ratio = size / stream.finish()?.len() as f64;
    table.judged(
        "… size",
        format!("{:.1} MB, {ratio:.3} times one stream", size / 1e6),
        "at most 1.15 times one stream".to_owned(),
        ratio <= 1.15,
    );
    Ok(())
}

/// Times in seconds, and the best beside its limit.
fn show(table: &mut Table, name: &str, times: Vec<Duration>, limit: Option<f64>) {
    let times = Times::new(times);
    let measured = format!("{} ({})", Unit::Seconds.show(times.best()), times.milliseconds());
    match limit {
        None => table.note(name, measured),
        Some(limit) => {
            let met = times.best() <= limit;
            table.judged(name, measured, format!("at most {}", Unit::Seconds.show(limit)), met);
        }
    }
}

/// Restarts a container of one of so many pods.
fn change(reader: &Reader<Pod>, writer: &mut Writer<Pod>, share: usize, round: usize) -> anyhow::Result<()> {
    let snapshot = reader.snapshot().context("the store was not filled")?;
    let pods: Vec<&Arc<Pod>> = snapshot.iter().collect();
    let at = scattered(pods.len(), pods.len() / share);
    let events: Vec<_> = at
        .map(|at| {
            let mut pod = Pod::clone(pods[(at + round) % pods.len()]);
            if let Some(container) = pod.status.container_statuses.first_mut() {
                container.restart_count += 1;
                container.ready = !container.ready;
                container.container_id = ContainerId::new(&format!("containerd://{round:032x}{at:032x}"));
                if let Some(running) = &mut container.state.running {
                    running.started_at = Timestamp::new(running.started_at.seconds() + 60);
                }
            }
            for condition in &mut pod.status.conditions {
                condition.last_transition_time =
                    Timestamp::new(condition.last_transition_time.seconds() + 60);
            }
            Event::Apply(pod)
        })
        .collect();
    drop(pods);
    drop(snapshot);
    writer.apply(events);
    Ok(())
}
