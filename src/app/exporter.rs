//! The exporter: kinds read from an API server and served.

use super::{Failure, health::Gate, kinds};
use crate::{
    config::{Choice, Config, Serving},
    scrape::Scraper,
    server::{Listener, MAX_SCRAPES, Served, Shutdown, main_router, telemetry_router},
    telemetry::Telemetry,
    watch::{Clients, ConfigError, Source, Tuning},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

/// How often it is looked whether credentials have changed.
const CREDENTIALS: Duration = Duration::from_secs(30);

/// Exports until the process is asked to stop.
pub(super) fn run(config: Config) -> Result<(), Failure> {
    super::block_on(async {
        let source =
            Source { kubeconfig: config.connection.kubeconfig, apiserver: config.connection.apiserver };
        let shutdown = on_signal()?;
        // First of all, so that a port in use is told at once.
        let ports = Ports::bind(&config.serving)?;
        let clients = tokio::select! {
            loaded = Clients::load(source) => loaded?,
            // Credential plugins may take their time.
            () = shutdown.cancelled() => return Ok(()),
        };
        let exporter =
            Exporter::start(clients, &config.selection, config.initial_read_timeout, &Tuning::default());
        exporter.serve(ports, config.serving.write_timeout, shutdown).await;
        Ok(())
    })
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Both ports, bound.
pub(super) struct Ports {
    main: Listener,
    telemetry: Listener,
}

impl Ports {
    pub(super) fn bind(serving: &Serving) -> Result<Self, Failure> {
        let bind = |(host, port)| Listener::bind(host, port).map_err(|error| anyhow::anyhow!(error));
        Ok(Self { main: bind(serving.main)?, telemetry: bind(serving.telemetry)? })
    }

    /// The addresses of the main and the telemetry port.
    pub(super) fn addresses(&self) -> (SocketAddr, SocketAddr) {
        (self.main.address(), self.telemetry.address())
    }

    /// Serves until it is asked to stop and running answers are finished.
    pub(super) async fn serve(self, served: Served, shutdown: Shutdown) {
        let (main, telemetry) = self.addresses();
        tracing::info!(%main, %telemetry, "Listening.");
        tokio::join!(
            self.main.serve(main_router(served.clone()), shutdown.clone()),
            self.telemetry.serve(telemetry_router(served), shutdown),
        );
        tracing::info!("Stopped.");
    }
}

/// A running exporter. It stops reading when it is dropped.
pub(super) struct Exporter {
    pub(super) scraper: Arc<Scraper>,
    pub(super) gate: Arc<Gate>,
    telemetry: Arc<Telemetry>,
    _tasks: AbortOnDropHandle<()>,
}

impl Exporter {
    pub(super) fn start(clients: Clients, choice: &Choice, patience: Duration, tuning: &Tuning) -> Self {
        let mut tasks = JoinSet::new();
        let (mut sources, mut awaited, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        for kind in kinds::start(&clients, choice, tuning, &mut tasks) {
            sources.push(kind.source);
            awaited.push(kind.awaited);
            reports.push(kind.report);
        }
        tasks.spawn(async move { clients.keep_fresh(CREDENTIALS).await });
        let alive = Arc::new(AtomicBool::new(true));
        let telemetry = Telemetry::new(move || reports.iter().map(|report| report()).collect());
        telemetry.record_shard(choice.scope.shard);
        Self {
            scraper: Arc::new(Scraper::new(sources, threads())),
            gate: Arc::new(Gate::new(awaited, patience, Arc::clone(&alive))),
            telemetry: Arc::new(telemetry),
            _tasks: AbortOnDropHandle::new(tokio::spawn(supervise(tasks, alive))),
        }
    }

    /// Serves until the process is asked to stop, then stops reading.
    pub(super) async fn serve(self, ports: Ports, write_timeout: Duration, shutdown: Shutdown) {
        ports.serve(self.served(write_timeout), shutdown).await;
    }

    fn served(&self, write_timeout: Duration) -> Served {
        Served {
            scraper: Arc::clone(&self.scraper),
            telemetry: Arc::clone(&self.telemetry),
            health: Arc::clone(&self.gate) as _,
            write_timeout,
            places: Arc::new(Semaphore::new(MAX_SCRAPES)),
        }
    }
}

/// Notices when a task ends: all of them should run for ever, so that one that ends has panicked.
async fn supervise(mut tasks: JoinSet<()>, alive: Arc<AtomicBool>) {
    while let Some(ended) = tasks.join_next().await {
        let error = ended.err().map(|error| error.to_string()).unwrap_or_default();
        tracing::error!(error, "A task has ended that never should; /livez asks for a restart.");
        alive.store(false, Ordering::Relaxed);
    }
}

/// Threads that render.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// Fires at SIGTERM and SIGINT.
pub(super) fn on_signal() -> Result<Shutdown, Failure> {
    let shutdown = Shutdown::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind).map_err(anyhow::Error::from)?;
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            signals.recv().await;
            shutdown.cancel();
        });
    }
    Ok(shutdown)
}
