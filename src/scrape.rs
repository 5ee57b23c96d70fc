//! From snapshots to bytes: which families are served, in which order, as text or gzip.
//!
//! A scrape takes the snapshots of all kinds once and renders them in units of work, a few at a
//! time and in order, only as fast as its reader takes them. It takes no lock that a writer
//! could hold.

mod body;
mod budget;
mod cache;
mod cardinality;
mod cells;
mod gzip;
mod kind;
mod pool;
mod query;
mod segments;
#[cfg(test)]
mod tests;
mod unit;

pub use body::{Body, Encoding, Totals};
pub use budget::{Budgets, Standing};
pub use cardinality::{Cardinality, Count, OfFamily, OfNamespace};
pub use kind::{Block, KindSource, Part, Source};
pub use query::{Query, QueryError};
pub use unit::Unit;

use crate::exposition::Format;
use arc_swap::ArcSwap;
use pool::Workers;
use std::sync::Arc;

/// Everything that can be scraped, in the order of its exposition.
pub struct Scraper {
    sources: ArcSwap<Vec<Arc<dyn Source>>>,
    workers: Arc<Workers>,
    budgets: ArcSwap<Budgets>,
}

impl Scraper {
    /// Serves these kinds, rendering with at most so many threads at a time for all scrapes
    /// together.
    pub fn new(sources: Vec<Arc<dyn Source>>, threads: usize) -> Self {
        let scraper = Self {
            sources: ArcSwap::default(),
            workers: Workers::new(threads),
            budgets: ArcSwap::from_pointee(Budgets::none()),
        };
        scraper.show(sources);
        scraper
    }

    /// Serves other kinds, or the same from other stores, from the next scrape on.
    pub fn show(&self, mut sources: Vec<Arc<dyn Source>>) {
        sources.sort_by_key(|source| source.resource());
        self.sources.store(Arc::new(sources));
    }

    /// Keeps kinds within budgets of series from the next scrape on. What was decided of a budget that
    /// stays is kept.
    pub fn keep_within(&self, budgets: &Budgets) {
        self.budgets.rcu(|before| budgets.after(before));
    }

    /// Keeps so many bytes of compressed text for the scrapes to come, none unless this is said.
    pub fn keep_compressed(&self, bytes: usize) {
        if self.workers.room.limit(bytes) > bytes {
            self.sources.load().iter().for_each(|source| source.forget_compressed());
        }
    }

    /// Drops the compressed text of kinds that nobody has scraped with gzip while this was called five
    /// times. What is kept holds on to the objects that it was made of.
    pub fn drop_idle(&self) {
        self.sources.load().iter().for_each(|source| source.drop_idle());
    }

    /// How many bytes of compressed text are kept.
    pub fn kept_compressed(&self) -> usize {
        self.workers.room.taken()
    }

    /// Counts the series of all kinds that have a budget and were read whole, and decides what they
    /// lose in the scrapes to come.
    pub fn weigh(&self) -> Vec<Arc<Standing>> {
        let sources = self.sources.load();
        let blocks = sources.iter().filter_map(|source| source.snapshot());
        let budgets = self.budgets.load();
        blocks.filter_map(|block| budgets.weigh(&*block)).collect()
    }

    /// Takes the snapshots that a scrape shows. A kind that was never read whole is left out. Where
    /// the query names namespaces, all objects are looked at.
    pub fn snapshot(&self, query: &Query) -> Vec<Arc<dyn Block>> {
        let (sources, budgets) = (self.sources.load(), self.budgets.load());
        let sources = sources.iter().enumerate();
        sources
            .filter(|(_, source)| query.selects(source.resource()))
            .filter_map(|(place, source)| Some((place, source.snapshot()?)))
            .filter(|(_, block)| block.objects() > 0)
            .map(|(place, block)| {
                let standing = budgets.standing(&*block);
                let left_out = standing.as_ref().map_or(&[][..], |standing| &standing.left_out);
                query.narrow(place, block, left_out)
            })
            .filter(|block| block.objects() > 0)
            .collect()
    }

    /// Starts a scrape. Nothing is rendered before the body is read.
    pub fn scrape(&self, query: &Query, format: Format, encoding: Encoding) -> Body {
        Body::new(self.snapshot(query), format, encoding, &self.workers)
    }

    /// Counts what a scrape would show, on this thread and in about the time that it takes one thread
    /// to render it; `None` if `stopped` says so before the end. Nothing of the text is kept.
    pub fn cardinality(&self, query: &Query, stopped: impl Fn() -> bool) -> Option<Cardinality> {
        Cardinality::of(&self.snapshot(query), stopped)
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
