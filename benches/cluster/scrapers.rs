//! Scrapes: how long they take, and whether they say the right thing.

use super::client;
use anyhow::{Context as _, ensure};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

const GZIP: &str = "Accept-Encoding: gzip\r\n";
/// The level that our answers are compressed with, and so the one stream that they are compared to.
const LEVEL: u32 = 2;

/// Seconds that a plain scrape takes, and its size in bytes.
pub(super) fn plain(address: SocketAddr) -> anyhow::Result<(f64, u64)> {
    page(address, "/metrics")
}

/// The same of a page.
pub(super) fn page(address: SocketAddr, path: &str) -> anyhow::Result<(f64, u64)> {
    timed(|| client::discard(address, path, ""))
}

/// The same of a gzip scrape.
pub(super) fn gzip(address: SocketAddr) -> anyhow::Result<(f64, u64)> {
    timed(|| client::discard(address, "/metrics", GZIP))
}

/// The least time of several.
pub(super) fn best(times: usize, scrape: impl Fn() -> anyhow::Result<(f64, u64)>) -> anyhow::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..times {
        best = best.min(scrape()?.0);
    }
    Ok(best)
}

/// The text of a plain scrape.
pub(super) fn text(address: SocketAddr) -> anyhow::Result<String> {
    Ok(String::from_utf8(client::body(address, "/metrics", "")?)?)
}

/// A line of each pod of an exposition.
pub(super) fn pods(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("kube_pod_info{"))
}

/// How many times as large the gzip answer is as the same text in one gzip stream.
pub(super) fn overhead(address: SocketAddr, text: &str) -> anyhow::Result<f64> {
    let mut stream = GzEncoder::new(Count(0), Compression::new(LEVEL));
    stream.write_all(text.as_bytes())?;
    let one = stream.finish()?.0;
    Ok(client::body(address, "/metrics", GZIP)?.len() as f64 / one as f64)
}

/// Reads a gzip scrape whole and checks what can be known of it: it ends where it should, families
/// stand together, and the number of pods is one of those that there can be.
pub(super) fn check(address: SocketAddr, pods: std::ops::RangeInclusive<usize>) -> anyhow::Result<()> {
    let body = client::body(address, "/metrics", GZIP)?;
    let mut lines = BufReader::with_capacity(1 << 20, GzDecoder::new(&body[..]));
    let (mut line, mut family, mut seen) = (Vec::new(), Vec::new(), std::collections::HashSet::new());
    let mut shown = 0;
    while lines.read_until(b'\n', &mut line).context("the answer is no gzip")? > 0 {
        ensure!(line.ends_with(b"\n"), "the answer ends within a line");
        if let Some(help) = line.strip_prefix(b"# HELP ") {
            family.clear();
            family.extend_from_slice(help.split(|&byte| byte == b' ').next().unwrap_or_default());
            ensure!(seen.insert(family.clone()), "{} stands twice", String::from_utf8_lossy(&family));
        } else if !line.starts_with(b"#") {
            ensure!(
                line.starts_with(&family) && line.get(family.len()).is_some_and(|byte| b"{ ".contains(byte)),
                "{} stands among {}",
                String::from_utf8_lossy(&line),
                String::from_utf8_lossy(&family)
            );
            shown += usize::from(family == b"kube_pod_info");
        }
        line.clear();
    }
    ensure!(pods.contains(&shown), "{shown} pods are shown, there are {pods:?}");
    Ok(())
}

/// Scrapes with gzip every so often for some time, the first time after `delay`, and returns the
/// seconds that each took.
pub(super) fn every(
    interval: Duration,
    time: Duration,
    delay: Duration,
    scrape: impl Fn() -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<f64>> {
    let (start, mut due, mut taken) = (Instant::now(), delay, Vec::new());
    while due < time {
        thread::sleep(due.saturating_sub(start.elapsed()));
        taken.push(scrape()?);
        due += interval;
    }
    Ok(taken)
}

fn timed(run: impl FnOnce() -> anyhow::Result<u64>) -> anyhow::Result<(f64, u64)> {
    let start = Instant::now();
    let bytes = run()?;
    Ok((start.elapsed().as_secs_f64(), bytes))
}

/// Counts the bytes that are written.
struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
