//! The port of the resource metrics API: opened, opened otherwise, and given up while the exporter
//! runs.

use super::{
    Failure,
    ports::{Asked, OpenPort, bind},
    running::RunningKinds,
    tasks,
    usage::Using,
};
use crate::{
    access::{Access, Lifetimes},
    config::{MetricsApi, ServingTls},
    files::Fingerprint,
    metricsapi::{AuthenticationMap, Objects, Served, Trust, TrustFiles, router},
    resources::{nodes::Node, pods::Pod},
    server::{Answers, Health, Limits, Listener, Shutdown, Terms},
    store::Snapshot,
    top::Holder as _,
    watch::{Clients, Request, Tuning, informer},
    web::{Certificate, WebConfig},
    wire::Context,
};
use anyhow::Context as _;
use arc_swap::ArcSwap;
use futures::StreamExt as _;
use kube_runtime::watcher::Event;
use std::{
    fs,
    path::PathBuf,
    pin::pin,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::task::AbortOnDropHandle;

/// How often it is looked whether files with authorities have changed.
const LOOK: Duration = Duration::from_secs(1);
/// As many lists are made at a time: each is held whole.
const LISTS: usize = 4;

/// The port, where it is open.
pub(super) struct MetricsPort {
    around: Around,
    open: Option<Open>,
    serving: JoinSet<()>,
}

/// What the API is made of whatever its configuration is.
pub(super) struct Around {
    pub(super) kinds: Arc<RunningKinds>,
    pub(super) using: Arc<Using>,
    pub(super) health: Arc<dyn Health>,
    pub(super) clients: Clients,
    pub(super) alive: Arc<AtomicBool>,
}

struct Open {
    config: MetricsApi,
    web: Arc<WebConfig>,
    port: OpenPort,
    trust: Arc<ArcSwap<Trust>>,
    _following: AbortOnDropHandle<()>,
}

/// What another configuration takes: a socket and a certificate in place of those in use.
pub(super) struct Prepared {
    config: MetricsApi,
    listener: Option<(Asked, Listener)>,
    web: Arc<WebConfig>,
    trust: Trust,
}

impl MetricsPort {
    /// No port yet.
    pub(super) fn new(around: Around) -> Self {
        Self { around, open: None, serving: JoinSet::new() }
    }

    /// Binds and reads what another configuration needs besides what is in use. What is in use stays.
    pub(super) fn prepare(&self, config: Option<&MetricsApi>) -> Result<Option<Prepared>, Failure> {
        prepare(config, self.open.as_ref())
    }

    /// Serves by another configuration, or no longer. Where the server that reviews is another one,
    /// nothing is remembered of what it said.
    pub(super) fn serve(&mut self, prepared: Option<Prepared>, connected: bool) {
        let Some(Prepared { config, listener, web, trust }) = prepared else {
            if let Some(open) = self.open.take() {
                open.port.shutdown.cancel();
            }
            return;
        };
        if let Some(open) = &self.open
            && open.config == config
            && !connected
        {
            return;
        }
        let trust = match &self.open {
            // What was read of the cluster holds until it is read again.
            Some(open) if open.config.trust == config.trust && !connected => Arc::clone(&open.trust),
            _ => Arc::new(ArcSwap::from_pointee(trust)),
        };
        let answers = self.answers(&web, &trust);
        let following = self.around.follow(config.trust.clone(), Arc::clone(&trust));
        let port = match (listener, self.open.take()) {
            (None, Some(open)) => {
                open.port.answers.send_modify(|before| *before = answers);
                open.port
            }
            (Some(listener), before) => {
                if let Some(before) = before {
                    before.port.shutdown.cancel();
                }
                let port = OpenPort::open(listener, answers, &Shutdown::new(), &mut self.serving);
                tracing::info!(address = %port.address, "The resource metrics API is served.");
                port
            }
            (None, None) => unreachable!("a port that isn't open was bound"),
        };
        self.open = Some(Open { config, web, port, trust, _following: following });
    }

    fn answers(&self, web: &Arc<WebConfig>, trust: &Arc<ArcSwap<Trust>>) -> Answers {
        let Around { kinds, using, health, clients, .. } = &self.around;
        let clients = clients.clone();
        let served = Served {
            objects: Arc::clone(kinds) as _,
            usage: using.usage().expect("whoever wants the API wants usage, which is asked for first"),
            health: Arc::clone(health),
            access: Arc::new(Access::new(move || clients.client(), Lifetimes::OF_AGGREGATED)),
            trust: Arc::clone(trust),
            places: Arc::new(Semaphore::new(LISTS)),
        };
        let terms = Terms { limits: Limits::AGGREGATED, web: Some(Arc::clone(web)) };
        Answers { router: router(served), terms }
    }

    /// Lets running answers finish and ends.
    pub(super) async fn close(mut self) {
        self.serve(None, false);
        self.serving.join_all().await;
    }
}

/// Binds and reads what a configuration needs besides what is in use.
fn prepare(config: Option<&MetricsApi>, open: Option<&Open>) -> Result<Option<Prepared>, Failure> {
    let Some(config) = config.cloned() else { return Ok(None) };
    let listener = match open {
        Some(open) if open.config.address == config.address => None,
        _ => Some((config.address, bind("--secure-port", config.address)?)),
    };
    let web = match open {
        Some(open) if open.config.tls == config.tls => Arc::clone(&open.web),
        _ => Arc::new(WebConfig::of_certificate(certificate(&config.tls)?)?),
    };
    let trust = Trust::new(None, &config.trust).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Some(Prepared { config, listener, web, trust }))
}

/// What a start takes, before there is anything to be read.
pub(super) fn begin(config: Option<&MetricsApi>) -> Result<Option<Prepared>, Failure> {
    prepare(config, None)
}

fn certificate(tls: &ServingTls) -> Result<Certificate, Failure> {
    let certificate = if let Some(files) = &tls.files {
        Certificate::of_files(files.clone())
    } else {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let names =
            ["localhost", "127.0.0.1", "::1", host.trim()].into_iter().filter(|name| !name.is_empty());
        let made = Certificate::self_signed(names.map(str::to_owned));
        made.context("making a certificate for --secure-port")?
    };
    certificate.speaking(&tls.min_version, &tls.cipher_suites).map_err(Failure::usage)
}

impl Around {
    /// Keeps up with what the cluster and files say of who vouches for users.
    fn follow(&self, files: TrustFiles, trust: Arc<ArcSwap<Trust>>) -> AbortOnDropHandle<()> {
        let clients = self.clients.clone();
        tasks::spawn(async move { follow(clients, files, trust).await }, &self.alive)
    }
}

async fn follow(clients: Clients, files: TrustFiles, trust: Arc<ArcSwap<Trust>>) {
    let request = Request {
        version: "v1".to_owned(),
        plural: "configmaps".to_owned(),
        namespace: Some("kube-system".to_owned()),
        field_selector: Some("metadata.name=extension-apiserver-authentication".to_owned()),
        ..Request::default()
    };
    let maps = informer::<AuthenticationMap>(
        &clients,
        request,
        Context::default(),
        Arc::default(),
        Tuning::default(),
    );
    let mut maps = pin!(maps);
    let paths: Vec<PathBuf> = files.paths().cloned().collect();
    let (mut read, mut map) = (Fingerprint::of(&paths), None);
    loop {
        tokio::select! {
            event = maps.next(), if !files.alone => match event {
                Some(Event::InitApply(now) | Event::Apply(now)) => map = Some(now),
                Some(Event::InitDone) if map.is_none() => {
                    tracing::warn!("The cluster doesn't say who vouches for users of the resource metrics API: there is no ConfigMap extension-apiserver-authentication in kube-system.");
                    continue;
                }
                // What was known is right until something else is.
                Some(_) => continue,
                None => return,
            },
            () = changed(&read), if !paths.is_empty() => read = Fingerprint::of(&paths),
            else => std::future::pending().await,
        }
        match Trust::new(map.as_ref(), &files) {
            Ok(now) => trust.store(Arc::new(now)),
            Err(error) => {
                tracing::error!(%error, "It can't be understood who vouches for users of the resource metrics API; what was known counts.");
            }
        }
    }
}

/// Ends when the files hold something else.
async fn changed(read: &Fingerprint) {
    loop {
        tokio::time::sleep(LOOK).await;
        if !read.holds() {
            return;
        }
    }
}

impl Objects for RunningKinds {
    fn nodes(&self) -> Option<Vec<Arc<Snapshot<Node>>>> {
        self.held().map(|held| held.snapshots)
    }

    fn pods(&self) -> Option<Vec<Arc<Snapshot<Pod>>>> {
        self.held().map(|held| held.snapshots)
    }
}
