//! What the flags mean.

mod allowlist;
mod commands;
mod external_labels;
mod families;
mod kinds;
mod readers;
mod selection;

pub use commands::{
    Demo, Listing, ListingFormat, Logging, Permissions, Rendering, Simulation, SyntheticCluster,
};
pub use readers::uses;
pub use selection::{Choice, Scope};

use crate::cli::{ConnectionArgs, ExporterArgs, ServingArgs, UsageError};
use std::{net::IpAddr, path::PathBuf, time::Duration};

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

/// Where the metrics are served.
#[derive(Debug, Clone, Copy)]
pub struct Serving {
    /// Host and port of the cluster's metrics.
    pub main: (IpAddr, u16),
    /// Host and port of the exporter's own metrics.
    pub telemetry: (IpAddr, u16),
    /// How long a scrape's answer may take.
    pub write_timeout: Duration,
    /// Whether clients that take gzip get it.
    pub gzip: bool,
    /// As many scrapes as are answered at a time.
    pub max_scrapes: usize,
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

impl From<ServingArgs> for Serving {
    fn from(args: ServingArgs) -> Self {
        let ServingArgs {
            host,
            port,
            telemetry_host,
            telemetry_port,
            enable_gzip_encoding,
            max_concurrent_scrapes,
        } = args;
        Self {
            main: (host.0, port),
            telemetry: (telemetry_host.0, telemetry_port),
            write_timeout: Duration::from_mins(1),
            gzip: enable_gzip_encoding.0,
            max_scrapes: usize::from(max_concurrent_scrapes),
        }
    }
}
