//! The exporter: kinds read from an API server and served.

use super::{
    Failure, autosharding, budgets,
    configuration::{self, Configuration},
    health::{Gate, Patience},
    kinds::Reading,
    live::Live,
    metrics_api::{self, Around, MetricsPort},
    ports::Ports,
    running::RunningKinds,
    server_side, tasks, threads,
    top::Exported,
    usage::{self, Using},
};
use crate::{
    access::{Access, Lifetimes},
    config::{Choice, Config, Connection, Serving},
    scrape::Scraper,
    server::{Served, Shutdown},
    telemetry::Telemetry,
    watch::{Clients, ConfigError, Source, Tuning},
    web::WebConfig,
};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, mpsc},
};
use tokio_util::task::AbortOnDropHandle;

/// How often it is looked whether credentials have changed.
pub(super) const CREDENTIALS: Duration = Duration::from_secs(1);

/// How often it is looked whether kinds are still scraped.
const IDLE: Duration = Duration::from_mins(1);

/// As many questions as are answered at a time: each holds its answer whole.
const QUESTIONS: usize = 4;

/// Exports until the process is asked to stop.
pub(super) fn run(mut configuration: Configuration) -> Result<(), Failure> {
    let (config, by_file) = configuration.first()?;
    let origins = config.origins.clone();
    let threads = config.serving.threads.unwrap_or_else(threads::usual);
    threads::block_on(threads, export(configuration, config, by_file))
        .map_err(|failure| failure.in_words_of(&origins))
}

async fn export(configuration: Configuration, config: Config, by_file: bool) -> Result<(), Failure> {
    if let Some(custom) = &config.custom_resources {
        custom.check()?;
    }
    usage::check(config.usage.as_ref(), None).await?;
    configuration::remark(&config);
    let shutdown = on_signal()?;
    // It would end the process before anybody listens to it.
    let hangups = signal(SignalKind::hangup()).map_err(anyhow::Error::from)?;
    // First of all, so that a port in use is told at once.
    let ports = Ports::bind(&config.serving)?;
    let metrics_api = metrics_api::begin(config.metrics_api.as_ref())?;
    let clients = tokio::select! {
        loaded = Clients::load(config.connection.clone().into()) => loaded?,
        // Credential plugins may take their time.
        () = shutdown.cancelled() => return Ok(()),
    };
    usage::check(config.usage.as_ref(), Some(&clients)).await?;
    let tuning = Tuning::default();
    let (mut choice, patience) = (config.selection.clone(), config.initial_read_timeout);
    let shards = match &config.replica {
        None => None,
        Some(replica) => {
            let placement = choice.scope.shard.placement;
            let found = tokio::select! {
                found = autosharding::follow(&clients, replica, placement, patience, &tuning) => found?,
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
    let exporter = Exporter::start(clients.clone(), &choice, patience, tuning);
    exporter.using.apply(config.usage.as_ref());
    let (reloads, requests) = mpsc::channel(1);
    let access = config.auth_filter.then(|| access(&clients, ports.web.as_deref()));
    let served = Served {
        access,
        reloads: config.lifecycle.then(|| reloads.clone()),
        ..exporter.served(&config.serving, ports.web.clone())
    };
    let mut metrics = MetricsPort::new(exporter.around_metrics(&clients));
    metrics.serve(metrics_api, false);
    let live = Live {
        ports: ports.open(served),
        metrics,
        shard: choice.scope.shard,
        failed: (!by_file).then(String::new),
        configuration,
        config,
        clients,
        exporter,
        shards,
        reloads,
        settled: true,
    };
    Box::pin(live.run(requests, hangups, shutdown)).await;
    Ok(())
}

/// Asks the API server who may read metrics.
pub(super) fn access(clients: &Clients, web: Option<&WebConfig>) -> Arc<Access> {
    if web.is_some_and(|web| !web.in_force().users.is_empty()) {
        tracing::warn!(
            "Nobody can read metrics: with --auth-filter and basic_auth_users a request needs two Authorization headers."
        );
    }
    let clients = clients.clone();
    Arc::new(Access::new(move || clients.client(), Lifetimes::OF_FILTER))
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<Connection> for Source {
    fn from(connection: Connection) -> Self {
        let Connection { kubeconfig, apiserver } = connection;
        Self { kubeconfig, apiserver }
    }
}

/// A running exporter. It stops reading when it is dropped.
pub(super) struct Exporter {
    pub(super) kinds: Arc<RunningKinds>,
    pub(super) gate: Arc<Gate>,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) patience: Patience,
    alive: Arc<AtomicBool>,
    /// What nodes and containers use, once it is asked for.
    pub(super) using: Arc<Using>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Exporter {
    /// Starts to read a choice.
    pub(super) fn start(clients: Clients, choice: &Choice, patience: Duration, tuning: Tuning) -> Self {
        let alive = Arc::new(AtomicBool::new(true));
        let patience = Patience::new(patience);
        let reading = Reading { clients: clients.clone(), tuning, alive: Arc::clone(&alive) };
        let kinds = Arc::new(RunningKinds::start(reading.clone(), choice, patience.clone()));
        let asked = Arc::clone(&kinds);
        let gate = Gate::new(move || asked.awaited(), patience.clone(), Arc::clone(&alive));
        let asked = Arc::clone(&kinds);
        let telemetry = Arc::new(Telemetry::new(move || asked.reports()));
        telemetry.record_shard(choice.scope.shard);
        let using = Arc::new(Using::new(reading, Arc::clone(&telemetry)));
        let weighing = budgets::weigh(Arc::clone(&kinds), Arc::clone(&telemetry));
        let tasks = vec![
            tasks::spawn(async move { clients.keep_fresh(CREDENTIALS).await }, &alive),
            tasks::spawn(weighing, &alive),
            tasks::spawn(drop_idle(Arc::clone(kinds.scraper())), &alive),
        ];
        Self { kinds, gate: Arc::new(gate), telemetry, patience, using, alive, _tasks: tasks }
    }

    /// What the resource metrics API is made of.
    fn around_metrics(&self, clients: &Clients) -> Around {
        Around {
            kinds: Arc::clone(&self.kinds),
            using: Arc::clone(&self.using),
            health: Arc::clone(&self.gate) as _,
            clients: clients.clone(),
            alive: Arc::clone(&self.alive),
        }
    }

    /// What is served to everybody, and nobody may have it read anew.
    pub(super) fn served(&self, serving: &Serving, web: Option<Arc<WebConfig>>) -> Served {
        self.kinds.scraper().keep_compressed(serving.gzip_cache);
        Served {
            scraper: Arc::clone(self.kinds.scraper()),
            telemetry: Arc::clone(&self.telemetry),
            health: Arc::clone(&self.gate) as _,
            access: None,
            web,
            gzip: serving.gzip,
            places: Arc::new(Semaphore::new(serving.max_scrapes)),
            counting: Arc::new(Semaphore::new(1)),
            top: Arc::new(Exported::new(Arc::clone(&self.kinds), Arc::clone(&self.using))),
            asking: Arc::new(Semaphore::new(QUESTIONS)),
            reloads: None,
        }
    }
}

/// Gives back what was kept for scrapes that are no longer made.
async fn drop_idle(scraper: Arc<Scraper>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let scraper = Arc::clone(&scraper);
        // To free it takes a while.
        let _ = tokio::task::spawn_blocking(move || scraper.drop_idle()).await;
    }
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
