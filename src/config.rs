//! What the flags mean.

mod commands;

pub use commands::{Demo, Logging, Rendering, Simulation, SyntheticCluster};

use crate::{
    catalog::{KINDS, Kind},
    cli::{ConnectionArgs, ExporterArgs, List, SelectionArgs, ServingArgs, UsageError},
    exposition::{Description, Selection},
};
use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

/// The exporter's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to reach the API server.
    pub connection: Connection,
    /// What is exported.
    pub selection: Choice,
    /// Where it is served.
    pub serving: Serving,
    /// How long a kind that can't be read holds up the first answer.
    pub initial_read_timeout: Duration,
}

/// How to reach the API server. Where both are missing, the configuration of the pod is used.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The kubeconfig file.
    pub kubeconfig: Option<PathBuf>,
    /// The server's URL, in place of the kubeconfig's.
    pub apiserver: Option<String>,
}

/// Which objects are exported.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The kinds, in the order of the catalogue.
    pub kinds: Vec<Kind>,
    /// The namespaces that objects are read from; all where there are none.
    pub namespaces: Vec<String>,
    /// Which labels and annotations of objects are shown.
    pub labels: Arc<Selection>,
}

impl Choice {
    /// Whether a family is exported.
    pub fn serves(family: &Description) -> bool {
        !family.opt_in
    }
}

/// Where the metrics are served.
#[derive(Debug, Clone, Copy)]
pub struct Serving {
    /// Host and port of the cluster's metrics.
    pub main: (IpAddr, u16),
    /// Host and port of the exporter's own metrics.
    pub telemetry: (IpAddr, u16),
    /// How long a scrape's answer may take.
    pub write_timeout: Duration,
}

impl TryFrom<ExporterArgs> for Config {
    type Error = UsageError;

    fn try_from(args: ExporterArgs) -> Result<Self, UsageError> {
        let ExporterArgs { connection, selection, serving } = args;
        let initial_read_timeout = connection.initial_read_timeout.0;
        Ok(Self {
            connection: connection.into(),
            selection: selection.try_into()?,
            serving: serving.into(),
            initial_read_timeout,
        })
    }
}

impl From<ConnectionArgs> for Connection {
    fn from(args: ConnectionArgs) -> Self {
        let ConnectionArgs { kubeconfig, apiserver, initial_read_timeout: _ } = args;
        Self {
            kubeconfig: (!kubeconfig.is_empty()).then(|| kubeconfig.into()),
            apiserver: (!apiserver.is_empty()).then_some(apiserver),
        }
    }
}

impl TryFrom<SelectionArgs> for Choice {
    type Error = UsageError;

    fn try_from(args: SelectionArgs) -> Result<Self, UsageError> {
        let SelectionArgs { resources, namespaces } = args;
        let names: Vec<&str> = resources.iter().flat_map(List::iter).collect();
        if let Some(unknown) = names.iter().find(|name| !KINDS.iter().any(|kind| kind.names.plural == **name))
        {
            return Err(unknown_resource(unknown));
        }
        let kinds = KINDS.iter().copied();
        let kinds: Vec<Kind> = if names.is_empty() {
            kinds.filter(|kind| kind.default).collect()
        } else {
            kinds.filter(|kind| names.contains(&kind.names.plural)).collect()
        };
        let mut namespaces: Vec<String> = namespaces.iter().flat_map(List::iter).map(str::to_owned).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        Ok(Self { kinds, namespaces, labels: Arc::default() })
    }
}

fn unknown_resource(name: &str) -> UsageError {
    let nearest = KINDS
        .iter()
        .map(|kind| (strsim::jaro_winkler(name, kind.names.plural), kind.names.plural))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.7)
        .map_or(".".to_owned(), |(_, plural)| format!("; did you mean \"{plural}\"?"));
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.names.plural).collect();
    UsageError::new(format!("--resources has no kind \"{name}\"{nearest} Known are {}.", known.join(", ")))
}

impl From<ServingArgs> for Serving {
    fn from(args: ServingArgs) -> Self {
        let ServingArgs { host, port, telemetry_host, telemetry_port } = args;
        Self {
            main: (host.0, port),
            telemetry: (telemetry_host.0, telemetry_port),
            write_timeout: Duration::from_mins(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(resources: &str, namespaces: &str) -> Result<Choice, UsageError> {
        let list = |text: &str| vec![text.parse().unwrap()];
        SelectionArgs { resources: list(resources), namespaces: list(namespaces) }.try_into()
    }

    #[test]
    fn an_empty_list_of_resources_means_the_default() {
        let chosen = choice("", "").unwrap();
        assert_eq!(chosen.kinds.len(), KINDS.iter().filter(|kind| kind.default).count());
        assert!(chosen.namespaces.is_empty());
    }

    #[test]
    fn names_are_checked_and_ordered() {
        let chosen = choice(" pods ,namespaces,pods", "b,a,,b").unwrap();
        assert_eq!(chosen.kinds.iter().map(|k| k.names.plural).collect::<Vec<_>>(), ["namespaces", "pods"]);
        assert_eq!(chosen.namespaces, ["a", "b"]);
        let error = choice("namespaces,pod", "").unwrap_err().to_string();
        assert!(error.starts_with("--resources has no kind \"pod\"; did you mean \"pods\"?"), "{error}");
    }
}
