//! From snapshots to bytes: which families are served, in which order, as text or gzip.
//!
//! A scrape takes the snapshots of all kinds once and renders them in units of work, a few at a
//! time and in order, only as fast as its reader takes them. It takes no lock that a writer
//! could hold.

mod body;
mod gzip;
mod kind;
mod pool;
mod query;
#[cfg(test)]
mod tests;
mod unit;

pub use body::{Body, Encoding, Totals};
pub use kind::{Block, KindSource, Part, Source};
pub use query::Query;
pub use unit::Unit;

use crate::exposition::Format;
use arc_swap::ArcSwap;
use pool::Workers;
use std::sync::Arc;

/// Everything that can be scraped, in the order of its exposition.
pub struct Scraper {
    sources: ArcSwap<Vec<Arc<dyn Source>>>,
    workers: Arc<Workers>,
}

impl Scraper {
    /// Serves these kinds, rendering with at most so many threads at a time for all scrapes
    /// together.
    pub fn new(sources: Vec<Arc<dyn Source>>, threads: usize) -> Self {
        let scraper = Self { sources: ArcSwap::default(), workers: Workers::new(threads) };
        scraper.show(sources);
        scraper
    }

    /// Serves other kinds, or the same from other stores, from the next scrape on.
    pub fn show(&self, mut sources: Vec<Arc<dyn Source>>) {
        sources.sort_by_key(|source| source.resource());
        self.sources.store(Arc::new(sources));
    }

    /// Takes the snapshots that a scrape shows. A kind that was never read whole is left out.
    pub fn snapshot(&self, query: &Query) -> Vec<Arc<dyn Block>> {
        self.sources
            .load()
            .iter()
            .filter(|source| query.selects(source.resource()))
            .filter_map(|source| source.snapshot())
            .filter(|block| block.objects() > 0)
            .collect()
    }

    /// Starts a scrape. Nothing is rendered before the body is read.
    pub fn scrape(&self, query: &Query, format: Format, encoding: Encoding) -> Body {
        Body::new(self.snapshot(query), format, encoding, &self.workers)
    }

    /// The sources in the order of their exposition.
    pub fn sources(&self) -> Arc<Vec<Arc<dyn Source>>> {
        self.sources.load_full()
    }
}

impl std::fmt::Debug for Scraper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.sources.load().iter().map(|source| source.resource())).finish()
    }
}
