//! Answers from a cluster, of which only the kinds that are needed are read.

use super::{files::choice, metered::Metered, now};
use crate::{
    app::{Failure, health::Patience, kinds::Reading, running::RunningKinds},
    config::Asking,
    top::{Facts, Received, View, answer},
    watch::{Clients, State, Tuning},
};
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// How often it is looked whether everything was read.
const LOOK: Duration = Duration::from_millis(5);

/// A cluster that is read.
pub(super) struct Cluster {
    clients: Clients,
    kinds: RunningKinds,
}

impl Cluster {
    /// Reads what a question needs. Where no namespace is named, that of the context is meant.
    pub(super) async fn open(
        asking: &mut Asking,
        kubeconfig: Option<PathBuf>,
        context: Option<String>,
    ) -> Result<Self, Failure> {
        let config = configuration(kubeconfig, context).await?;
        if asking.query.namespaces.is_empty() && !asking.everywhere && is_of_namespaces(asking.view) {
            asking.query.namespaces.push(config.default_namespace.clone());
        }
        let clients = Clients::fixed(config).await?;
        // What is on a node, or in a namespace, is counted wherever it is.
        let narrow = is_of_namespaces(asking.view).then_some(&*asking.query.namespaces);
        let choice = choice(asking.view, narrow.unwrap_or_default())?;
        let alive = Arc::new(AtomicBool::new(true));
        let reading = Reading { clients: clients.clone(), tuning: Tuning::default(), alive };
        let kinds = RunningKinds::start(reading, &choice, Patience::new(asking.timeout));
        let cluster = Self { clients, kinds };
        cluster.settled(asking).await?;
        Ok(cluster)
    }

    /// Waits until everything was read that can be.
    async fn settled(&self, asking: &Asking) -> Result<(), Failure> {
        loop {
            let awaited = self.kinds.awaited();
            if awaited.iter().all(|kind| kind.parts.iter().all(|part| part.is_settled(asking.timeout))) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        for kind in self.kinds.awaited() {
            let unread = kind.parts.iter().find(|part| !(part.published)());
            let Some(part) = unread else { continue };
            let why = match part.status.state() {
                State::Forbidden(text) | State::NotFound(text) => text.to_string(),
                State::Failing { error, .. } => error.to_string(),
                State::Reading | State::Complete => "they are still being read".to_owned(),
            };
            let line = format!("{} can't be read: {why}", kind.resource);
            if asking.view.needs().contains(&kind.resource) {
                return Err(Failure::Runtime(anyhow::anyhow!(line)));
            }
            eprintln!("kstate: {line}.");
        }
        Ok(())
    }

    pub(super) async fn answer(&self, asking: &Asking) -> Result<Received, Failure> {
        let view = asking.view;
        let nodes = view == View::Nodes;
        let pods = matches!(view, View::Pods | View::Namespaces | View::Workloads | View::Containers);
        let metered = Metered::ask(&self.clients.client(), nodes, pods).await;
        let facts = Facts::gather(view, &self.kinds, Arc::new(metered));
        Ok(answer(view, &asking.query, &facts, now())?.into())
    }
}

/// Whether a namespace narrows what must be read.
fn is_of_namespaces(view: View) -> bool {
    !matches!(view, View::Nodes | View::Namespaces)
}

/// As kubectl finds it: the flag, KUBECONFIG, the file in the home directory; in a pod its own.
async fn configuration(kubeconfig: Option<PathBuf>, context: Option<String>) -> Result<Config, Failure> {
    let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
    let loaded = match &kubeconfig {
        Some(path) => match Kubeconfig::read_from(path) {
            Ok(read) => Config::from_custom_kubeconfig(read, &options).await,
            Err(error) => Err(error),
        },
        None => match Config::from_kubeconfig(&options).await {
            Err(_) if options.context.is_none() && std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
                let config = Config::incluster();
                return config.map_err(|error| Failure::usage(format!("the pod's service account: {error}")));
            }
            loaded => loaded,
        },
    };
    let place =
        kubeconfig.map_or_else(|| "kubeconfig".to_owned(), |path| format!("--kubeconfig {}", path.display()));
    loaded.map_err(|error| {
        let causes = crate::watch::causes(&error);
        Failure::usage(format!("{place}: {causes}; --from asks an exporter or reads files"))
    })
}
