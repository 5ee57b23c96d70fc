//! A server in this process, so that what it serves is in the hands of the benchmark.

use kstate::{
    exposition::Selection,
    resource::Resource,
    resources::pods::Pod,
    scrape::{KindSource, Part, Scraper},
    server::{Answers, Health, Limits, Listener, Served, Shutdown, Terms, Top, main_router},
    store::Reader,
    telemetry::Telemetry,
    top::{Answer, Facts, Held, Holder, NoUsage, Query, View, Wrong, answer},
    wire::Timestamp,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread,
};
use tokio::runtime::Runtime;

/// Serves pods until it is dropped.
pub(super) struct Local {
    pub(super) address: SocketAddr,
    pub(super) scraper: Arc<Scraper>,
    shutdown: Shutdown,
    _answers: tokio::sync::watch::Sender<Answers>,
    _runtime: Runtime,
}

impl Local {
    /// Serves the default families of pods, with the program's number of threads.
    pub(super) fn serve(objects: Reader<Pod>, selection: Arc<Selection>) -> anyhow::Result<Self> {
        let part = Part { objects, excused: Arc::default() };
        let source = KindSource::new(vec![part], selection, |family| !family.description().opt_in);
        let threads = thread::available_parallelism().map_or(1, usize::from).min(4);
        let scraper = Arc::new(Scraper::new(vec![Arc::new(source)], threads));
        let served = Served {
            scraper: Arc::clone(&scraper),
            telemetry: Arc::new(Telemetry::new(Vec::new)),
            health: Arc::new(Always),
            access: None,
            web: None,
            gzip: true,
            places: Arc::new(tokio::sync::Semaphore::new(4)),
            counting: Arc::new(tokio::sync::Semaphore::new(1)),
            top: Arc::new(Nothing),
            asking: Arc::new(tokio::sync::Semaphore::new(1)),
            reloads: None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(async { Listener::bind(Ipv4Addr::LOCALHOST.into(), 0) })?;
        let (address, shutdown) = (listener.address(), Shutdown::new());
        let terms = Terms { limits: Limits::TELEMETRY, web: None };
        let (to_port, answers) = tokio::sync::watch::channel(Answers { router: main_router(served), terms });
        runtime.spawn(listener.serve(answers, shutdown.clone()));
        Ok(Self { address, scraper, shutdown, _answers: to_port, _runtime: runtime })
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

struct Always;

/// Holds nothing that could be asked about.
struct Nothing;

impl Holder for Nothing {
    fn held<K: Resource>(&self) -> Option<Held<K>> {
        None
    }
}

impl Top for Nothing {
    fn answer(&self, view: View, query: &Query) -> Result<Answer, Wrong> {
        answer(view, query, &Facts::gather(view, self, Arc::new(NoUsage)), Timestamp::default())
    }
}

impl Health for Always {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn alive(&self) -> Result<(), String> {
        Ok(())
    }
}
