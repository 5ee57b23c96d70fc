//! The configuration and the shard that are in force, and how others take over from them.
//!
//! One task owns both, so that whatever changes is applied to what is in force by then. Everything
//! that can fail is done before anything changes.

use super::{
    Failure, autosharding,
    autosharding::Shards,
    configuration::{self, Configuration},
    exporter::{CREDENTIALS, Exporter, access},
    metrics_api::MetricsPort,
    ports::OpenPorts,
    server_side, usage,
};
use crate::{
    config::{Config, Understood},
    server::{Reloads, Served, Shutdown},
    shard::{Placement, Shard},
    watch::{Clients, Tuning},
};
use futures::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tokio::{
    signal::unix::Signal,
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

/// A configuration that could not take over may have failed for another reason than its file; it is
/// tried again after so long.
const AGAIN: Duration = Duration::from_secs(30);
/// How long a server that can't be reached holds up another configuration.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that says nothing at all does, or a credential plugin.
const LIMIT: Duration = Duration::from_secs(20);

/// A running exporter with all that may change of it.
pub(super) struct Live {
    pub(super) configuration: Configuration,
    pub(super) config: Config,
    /// Which is not that of the configuration where it is a replica's.
    pub(super) shard: Shard,
    pub(super) shards: Option<Shards>,
    pub(super) clients: Clients,
    pub(super) exporter: Exporter,
    pub(super) ports: OpenPorts,
    pub(super) metrics: MetricsPort,
    pub(super) reloads: Reloads,
    /// Why the configuration file, as it is, is not in force.
    pub(super) failed: Option<String>,
    /// Whether everything in force is served.
    pub(super) settled: bool,
}

/// Something that happens.
enum Event {
    /// The process is asked to stop.
    Stop,
    /// The `StatefulSet` has another number of replicas.
    Shard(Shard),
    /// All that was waited for is there.
    Settled,
    /// The configuration is to be read again.
    Reload(Option<oneshot::Sender<Result<(), String>>>),
}

impl Live {
    /// Serves, and follows whatever changes, until the process is asked to stop.
    pub(super) async fn run(
        mut self,
        mut requests: mpsc::Receiver<oneshot::Sender<Result<(), String>>>,
        mut hangups: Signal,
        shutdown: Shutdown,
    ) {
        if let Some((path, content)) = self.configuration.file() {
            match self.failed {
                None => self.exporter.telemetry.record_config(path, content),
                Some(_) => self.exporter.telemetry.record_config_failure(path),
            }
        }
        loop {
            let event = tokio::select! {
                () = shutdown.cancelled() => Event::Stop,
                shard = next(&mut self.shards) => Event::Shard(shard),
                () = self.exporter.kinds.settle(), if !self.settled => Event::Settled,
                _ = hangups.recv() => Event::Reload(None),
                Some(request) = requests.recv() => Event::Reload(Some(request)),
                () = self.configuration.changed() => Event::Reload(None),
                () = tokio::time::sleep(AGAIN), if self.failed.is_some() => Event::Reload(None),
            };
            match event {
                Event::Stop => break,
                Event::Shard(shard) if shard == self.shard => {}
                Event::Shard(shard) => {
                    tracing::info!(%shard, before = %self.shard, "The shard has changed.");
                    self.read(shard);
                }
                Event::Settled => {
                    self.settled = true;
                    tracing::info!(shard = %self.shard, "Everything that is chosen is served.");
                }
                Event::Reload(request) => {
                    let outcome = tokio::select! {
                        outcome = self.reload() => outcome,
                        () = shutdown.cancelled() => break,
                    };
                    if let Some(request) = request {
                        // Nobody may wait for it any longer.
                        let _ = request.send(outcome);
                    }
                }
            }
        }
        tokio::join!(self.ports.close(), self.metrics.close());
    }

    /// Reads the objects of a shard that the configuration chooses.
    fn read(&mut self, shard: Shard) {
        self.shard = shard;
        let mut choice = self.config.selection.clone();
        choice.scope.shard = shard;
        self.exporter.kinds.apply(&choice);
        self.exporter.telemetry.record_shard(shard);
        self.settled = false;
    }

    /// Reads credentials and configuration again and puts them in force; otherwise says in one line
    /// why not.
    async fn reload(&mut self) -> Result<(), String> {
        // A credential plugin that hangs must not keep the file from being read.
        let _ = timeout(LIMIT, self.clients.refresh(CREDENTIALS)).await;
        // To match patterns may take seconds.
        let read = tokio::task::block_in_place(|| self.configuration.again());
        let outcome = match read {
            Ok(Understood { config, unknown }) => {
                let origins = config.origins.clone();
                let followed = self.follow(config).await;
                // Not as often as a failure is tried again.
                if followed.is_ok() {
                    configuration::remark(&self.config);
                    configuration::warn(&unknown);
                }
                followed.map_err(|failure| failure.in_words_of(&origins))
            }
            Err(failure) => Err(failure),
        };
        let outcome = outcome.map_err(|failure| failure.to_string());
        let telemetry = &self.exporter.telemetry;
        let file = self.configuration.file();
        match (&outcome, file) {
            (Ok(()), Some((path, content))) => telemetry.record_config(path, content),
            (Err(_), Some((path, _))) => telemetry.record_config_failure(path),
            (_, None) => {}
        }
        match &outcome {
            Ok(()) => tracing::info!("The configuration was read again and is in force."),
            // It was said, and has been tried again.
            Err(wrong) if self.failed.as_ref() == Some(wrong) => {}
            Err(wrong) => {
                tracing::error!(
                    error = wrong,
                    "The configuration can't be used, the one before stays in force."
                );
            }
        }
        self.failed = outcome.as_ref().err().cloned();
        outcome
    }

    /// Puts a configuration in force.
    async fn follow(&mut self, config: Config) -> Result<(), Failure> {
        let prepared = self.ports.prepare(&config.serving)?;
        let metrics = self.metrics.prepare(config.metrics_api.as_ref())?;
        let connected = config.connection != self.config.connection;
        if let Some(custom) = &config.custom_resources {
            custom.check()?;
        }
        limited(usage::check(config.usage.as_ref(), Some(&self.clients))).await?;
        if connected {
            // On a connection of its own first: what fails must change nothing.
            let trial = limited(Clients::load(config.connection.clone().into())).await?;
            limited(self.share(&trial, &config, connected)).await?;
            limited(self.clients.follow(config.connection.clone().into())).await?;
        }
        let (shard, shards) = match limited(self.share(&self.clients, &config, connected)).await {
            Ok(share) => share,
            Err(failure) => {
                if connected {
                    // It could be used until now.
                    let _ = limited(self.clients.follow(self.config.connection.clone().into())).await;
                }
                return Err(failure);
            }
        };
        // Nothing fails from here on.
        for line in self.ports.restarts(&config.serving) {
            tracing::warn!("{}.", config.origins.in_words_of_the_file(&line));
        }
        if config.serving.threads != self.config.serving.threads {
            tracing::warn!("{}.", config.origins.in_words_of_the_file("--threads takes a restart"));
        }
        self.exporter.kinds.scraper().keep_compressed(config.serving.gzip_cache);
        let before = self.ports.served().clone();
        let served = Served {
            access: match before.access {
                Some(access) if config.auth_filter && !connected => Some(access),
                _ => config.auth_filter.then(|| access(&self.clients, prepared.web.as_deref())),
            },
            web: prepared.web.clone(),
            gzip: config.serving.gzip,
            places: if config.serving.max_scrapes == self.config.serving.max_scrapes {
                before.places
            } else {
                Arc::new(Semaphore::new(config.serving.max_scrapes))
            },
            reloads: config.lifecycle.then(|| self.reloads.clone()),
            ..before
        };
        let same = (&config.serving, config.auth_filter, config.lifecycle)
            == (&self.config.serving, self.config.auth_filter, self.config.lifecycle);
        if !same || (connected && config.auth_filter) {
            self.ports.serve(prepared, served, config.serving.limits);
            self.exporter.telemetry.forget_web_configs();
        }
        self.exporter.patience.set(config.initial_read_timeout);
        self.exporter.using.apply(config.usage.as_ref());
        self.metrics.serve(metrics, connected);
        if let Some(shards) = shards {
            self.shards = shards;
        }
        self.config = config;
        self.read(shard);
        Ok(())
    }

    /// The shard with another configuration, and how it goes on where that changes, too.
    async fn share(
        &self,
        clients: &Clients,
        config: &Config,
        connected: bool,
    ) -> Result<(Shard, Option<Option<Shards>>), Failure> {
        let tuning = Tuning::default();
        let placement = config.selection.scope.shard.placement;
        let placed = placement == self.shard.placement;
        let (shard, shards) = match &config.replica {
            None => (config.selection.scope.shard, Some(None)),
            same if placed && *same == self.config.replica => (self.shard, None),
            Some(replica) => {
                let found = autosharding::follow(clients, replica, placement, PATIENCE, &tuning);
                let (shard, shards) = found.await?;
                (shard, Some(Some(shards)))
            }
        };
        if placement == Placement::Range && (connected || !placed) {
            server_side::check(clients, &config.selection, PATIENCE, &tuning).await?;
        }
        Ok((shard, shards))
    }
}

/// The same, unless it takes too long.
async fn limited<T, E: Into<Failure>>(work: impl Future<Output = Result<T, E>>) -> Result<T, Failure> {
    match timeout(LIMIT, work).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(Failure::Runtime(anyhow::anyhow!(
            "the API server or a credential plugin has not answered for {LIMIT:?}"
        ))),
    }
}

/// Our shard when it is another one.
async fn next(shards: &mut Option<Shards>) -> Shard {
    if let Some(shards) = shards
        && let Some(shard) = shards.next().await
    {
        return shard;
    }
    std::future::pending().await
}
