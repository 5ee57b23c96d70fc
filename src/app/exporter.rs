//! The exporter: kinds read from an API server and served.

use super::{
    Failure, autosharding, autosharding::Shards, budgets, configuration::Configuration, health::Gate,
    kinds::Reading, running::RunningKinds, server_side, tasks,
};
use crate::{
    access::Access,
    config::{Choice, Config, Serving, ServingLimits},
    scrape::Scraper,
    server::{Limits, Listener, Served, Shutdown, Terms, main_router, telemetry_router},
    telemetry::Telemetry,
    watch::{Clients, ConfigError, Source, Tuning},
    web::{WebConfig, WebConfigError},
};
use futures::StreamExt as _;
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
};
use tokio_util::task::AbortOnDropHandle;

/// How often it is looked whether credentials have changed.
const CREDENTIALS: Duration = Duration::from_secs(30);

/// How often it is looked whether kinds are still scraped.
const IDLE: Duration = Duration::from_mins(1);

/// Exports until the process is asked to stop.
pub(super) fn run(configuration: &Configuration) -> Result<(), Failure> {
    let config = configuration.first()?;
    let origins = config.origins.clone();
    export(config).map_err(|failure| failure.in_words_of(&origins))
}

fn export(config: Config) -> Result<(), Failure> {
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
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
        let access = config.auth_filter.then(|| access(&clients, &ports));
        let (mut choice, patience) = (config.selection, config.initial_read_timeout);
        let tuning = Tuning::default();
        let shards = match config.replica {
            None => None,
            Some(replica) => {
                let placement = choice.scope.shard.placement;
                let found = tokio::select! {
                    found = autosharding::follow(&clients, &replica, placement, patience, &tuning) => found?,
                    () = shutdown.cancelled() => return Ok(()),
                };
                choice.scope.shard = found.0;
                Some(found.1)
            }
        };
        tokio::select! {
            checked = server_side::check(&clients, &choice, patience, &tuning) => checked?,
            () = shutdown.cancelled() => return Ok(()),
        }
        let exporter = Exporter::start(clients, &choice, patience, tuning, shards);
        exporter.serve(ports, &config.serving, access, shutdown).await;
        Ok(())
    })
}

/// Asks the API server who may read metrics.
fn access(clients: &Clients, ports: &Ports) -> Arc<Access> {
    if ports.web.as_ref().is_some_and(|web| !web.in_force().users.is_empty()) {
        tracing::warn!(
            "Nobody can read metrics: with --auth-filter and basic_auth_users a request needs two Authorization headers."
        );
    }
    let clients = clients.clone();
    Arc::new(Access::new(move || clients.client()))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<WebConfigError> for Failure {
    fn from(error: WebConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ServingLimits> for Limits {
    fn from(limits: ServingLimits) -> Self {
        let ServingLimits { read, read_header, write, idle } = limits;
        Self { read_header, read, write, idle }
    }
}

/// Both ports, bound, and how they are served.
pub(super) struct Ports {
    main: Listener,
    telemetry: Listener,
    limits: Limits,
    web: Option<Arc<WebConfig>>,
}

impl Ports {
    pub(super) fn bind(serving: &Serving) -> Result<Self, Failure> {
        let bind = |(host, port)| Listener::bind(host, port).map_err(|error| anyhow::anyhow!(error));
        let web = serving.web_config.as_deref().map(WebConfig::load).transpose()?;
        Ok(Self {
            main: bind(serving.main)?,
            telemetry: bind(serving.telemetry)?,
            limits: serving.limits.into(),
            web: web.map(Arc::new),
        })
    }

    /// How the ports are to be opened.
    pub(super) fn scheme(&self) -> &'static str {
        let tls = self.web.as_ref().is_some_and(|web| web.in_force().tls.is_some());
        if tls { "https" } else { "http" }
    }

    /// The addresses of the main and the telemetry port.
    pub(super) fn addresses(&self) -> (SocketAddr, SocketAddr) {
        (self.main.address(), self.telemetry.address())
    }

    /// Serves until it is asked to stop and running answers are finished.
    pub(super) async fn serve(self, served: Served, shutdown: Shutdown) {
        let (main, telemetry) = self.addresses();
        tracing::info!(%main, %telemetry, scheme = self.scheme(), "Listening.");
        let terms = Terms { limits: self.limits, web: self.web };
        let telemetry_terms = Terms { limits: Limits::TELEMETRY, ..terms.clone() };
        tokio::join!(
            self.main.serve(main_router(served.clone()), terms, shutdown.clone()),
            self.telemetry.serve(telemetry_router(served), telemetry_terms, shutdown),
        );
        tracing::info!("Stopped.");
    }
}

/// A running exporter. It stops reading when it is dropped.
pub(super) struct Exporter {
    pub(super) kinds: Arc<RunningKinds>,
    pub(super) gate: Arc<Gate>,
    telemetry: Arc<Telemetry>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Exporter {
    /// Starts to read a choice, and goes on with the same of another shard whenever `shards` says so.
    pub(super) fn start(
        clients: Clients,
        choice: &Choice,
        patience: Duration,
        tuning: Tuning,
        shards: Option<Shards>,
    ) -> Self {
        let alive = Arc::new(AtomicBool::new(true));
        let reading = Reading { clients: clients.clone(), tuning, alive: Arc::clone(&alive) };
        let kinds = Arc::new(RunningKinds::start(reading, choice, patience));
        let asked = Arc::clone(&kinds);
        let gate = Gate::new(move || asked.awaited(), patience, Arc::clone(&alive));
        let asked = Arc::clone(&kinds);
        let telemetry = Arc::new(Telemetry::new(move || asked.reports()));
        telemetry.record_shard(choice.scope.shard);
        let mut tasks = vec![tasks::spawn(async move { clients.keep_fresh(CREDENTIALS).await }, &alive)];
        tasks.push(tasks::spawn(drop_idle(Arc::clone(kinds.scraper())), &alive));
        if !choice.budgets.is_empty() {
            let weighing =
                budgets::weigh(Arc::clone(kinds.scraper()), Arc::clone(&telemetry), choice.budgets.len());
            tasks.push(tasks::spawn(weighing, &alive));
        }
        if let Some(shards) = shards {
            let change = reshard(Arc::clone(&kinds), Arc::clone(&telemetry), choice.clone(), shards);
            tasks.push(tasks::spawn(change, &alive));
        }
        Self { kinds, gate: Arc::new(gate), telemetry, _tasks: tasks }
    }

    /// Serves until the process is asked to stop, then stops reading.
    pub(super) async fn serve(
        self,
        ports: Ports,
        serving: &Serving,
        access: Option<Arc<Access>>,
        shutdown: Shutdown,
    ) {
        self.kinds.scraper().keep_compressed(serving.gzip_cache);
        let served = self.served(serving, access, ports.web.clone());
        ports.serve(served, shutdown).await;
    }

    fn served(&self, serving: &Serving, access: Option<Arc<Access>>, web: Option<Arc<WebConfig>>) -> Served {
        Served {
            scraper: Arc::clone(self.kinds.scraper()),
            telemetry: Arc::clone(&self.telemetry),
            health: Arc::clone(&self.gate) as _,
            access,
            web,
            gzip: serving.gzip,
            places: Arc::new(Semaphore::new(serving.max_scrapes)),
            counting: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Goes on with the objects of another shard as often as there is one.
async fn reshard(
    kinds: Arc<RunningKinds>,
    telemetry: Arc<Telemetry>,
    mut choice: Choice,
    mut shards: Shards,
) {
    let mut settled = true;
    loop {
        tokio::select! {
            shard = shards.next() => {
                let Some(shard) = shard else { return };
                if shard != choice.scope.shard {
                    tracing::info!(shard = %shard, before = %choice.scope.shard, "The shard has changed.");
                    choice.scope.shard = shard;
                    kinds.apply(&choice);
                    telemetry.record_shard(shard);
                    settled = false;
                }
            }
            () = kinds.settle(), if !settled => {
                settled = true;
                tracing::info!(shard = %choice.scope.shard, "All objects of the shard are served.");
            }
        }
    }
}

/// Gives back what was kept for scrapes that are no longer made.
async fn drop_idle(scraper: Arc<Scraper>) {
    loop {
        tokio::time::sleep(IDLE).await;
        scraper.drop_idle();
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
