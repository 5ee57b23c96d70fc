//! Scraping again and again while something happens.

use super::{Exporter, http::get};
use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// The pause between two scrapes.
const PAUSE: Duration = Duration::from_millis(50);

/// What a loop has seen.
#[derive(Debug)]
pub(crate) struct Observed {
    /// The number of scrapes, all of which were good.
    pub(crate) scrapes: usize,
}

/// A loop that scrapes, and checks each answer: it is a whole 200 with all objects that were there
/// in the beginning, no series is there twice, and both `/livez` and `/readyz` say 200.
#[derive(Debug)]
pub(crate) struct ScrapeLoop {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<Observed, String>>,
}

impl ScrapeLoop {
    /// Starts it. None of the objects served now may be missing in any later scrape.
    pub(crate) async fn start(exporter: &Exporter) -> Self {
        let expected = objects(&exporter.scrape().await);
        assert!(!expected.is_empty());
        let stop = Arc::new(AtomicBool::new(false));
        let pages = [exporter.url("/metrics"), exporter.url("/livez"), exporter.telemetry_url("/readyz")];
        let task = tokio::spawn(scrape(pages, expected, Arc::clone(&stop)));
        Self { stop, task }
    }

    /// Ends it; panics when a scrape was not as it has to be.
    pub(crate) async fn stop(self) -> Observed {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap().unwrap_or_else(|error| panic!("{error}"))
    }
}

/// The series that stand for the existence of an object: when it was created.
pub(crate) fn objects(exposition: &str) -> BTreeSet<String> {
    let created = |line: &&str| line.split_once('{').is_some_and(|(name, _)| name.ends_with("_created"));
    exposition.lines().filter(created).map(str::to_owned).collect()
}

/// A series that is there more than once, for which Prometheus would refuse it.
fn first_repeated(exposition: &str) -> Option<&str> {
    let mut seen = HashSet::new();
    let samples = exposition.lines().filter(|line| !line.starts_with('#'));
    samples
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, _)| series)
        .find(|series| !seen.insert(*series))
}

async fn scrape(
    [metrics, live, ready]: [String; 3],
    expected: BTreeSet<String>,
    stop: Arc<AtomicBool>,
) -> Result<Observed, String> {
    let mut scrapes = 0;
    while !stop.load(Ordering::Relaxed) {
        scrapes += 1;
        let said = |what: &str| format!("scrape {scrapes}: {what}");
        let answer = get(&metrics, &[]).await.map_err(|error| said(&error))?;
        if answer.status != 200 {
            return Err(said(&format!("{}: {}", answer.status, answer.text())));
        }
        let text = answer.text();
        if let Some(twice) = first_repeated(&text) {
            return Err(said(&format!("a series is there twice: {twice}")));
        }
        let seen = objects(&text);
        let missing: Vec<&String> = expected.difference(&seen).take(5).collect();
        if !missing.is_empty() {
            return Err(said(&format!("of {} objects some are missing: {missing:#?}", expected.len())));
        }
        for page in [&live, &ready] {
            let answer = get(page, &[]).await.map_err(|error| said(&error))?;
            if answer.status != 200 {
                return Err(said(&format!("{page}: {}: {}", answer.status, answer.text())));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Observed { scrapes })
}
