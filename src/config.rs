//! What the flags mean.

mod allowlist;
mod commands;
mod external_labels;
mod families;
mod file;
mod foreign;
mod injection;
mod kinds;
mod logging;
mod metrics_api;
mod names;
mod readers;
mod selection;
mod top;
mod usage;

pub use commands::{
    Comparing, Demo, Listing, ListingFormat, Origin, Permissions, Rendering, Simulation, SyntheticCluster,
};
pub use file::{ConfigFile, Finding, KEYS, Key, Origins, Shape, Understood};
pub use foreign::{CustomResources, Definition};
pub use logging::{Logging, Severity};
pub use metrics_api::{MetricsApi, ServingTls};
pub use readers::uses;
pub use selection::{Choice, Needs, Scope};
pub use top::{Asking, TopSource};

use crate::{
    cli::{ConnectionArgs, ExporterArgs, LimitArgs, ListenAddress, ReplicaArgs, ServingArgs, UsageError},
    kubelets,
};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// The exporter's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to reach the API server.
    pub connection: Connection,
    /// What is exported.
    pub selection: Choice,
    /// The replica whose shard is exported, in place of the selection's.
    pub replica: Option<Replica>,
    /// Where it is served.
    pub serving: Serving,
    /// How long a kind that can't be read holds up the first answer.
    pub initial_read_timeout: Duration,
    /// Whether the API server is asked who may read metrics.
    pub auth_filter: bool,
    /// Whether a request may have the configuration read again.
    pub lifecycle: bool,
    /// The resource metrics API, where it is served.
    pub metrics_api: Option<MetricsApi>,
    /// How kubelets are asked what is used; `None` where they aren't.
    pub usage: Option<kubelets::Settings>,
    /// What of it a configuration file says.
    pub origins: Origins,
    /// What is to be exported of custom resources, once it can be; `None` for nothing.
    pub custom_resources: Option<CustomResources>,
    /// What of it has no effect, a sentence each.
    pub remarks: Vec<String>,
}

/// How to reach the API server. Where both are missing, the configuration of the pod is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The kubeconfig file.
    pub kubeconfig: Option<PathBuf>,
    /// The server's URL, in place of the kubeconfig's.
    pub apiserver: Option<String>,
}

/// One of the pods of a `StatefulSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
}

/// Where the metrics are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Host and port of the cluster's metrics.
    pub main: (IpAddr, u16),
    /// Host and port of the exporter's own metrics.
    pub telemetry: (IpAddr, u16),
    /// The web configuration file of both ports.
    pub web_config: Option<PathBuf>,
    /// Time limits of connections to the cluster's metrics.
    pub limits: ServingLimits,
    /// Whether clients that take gzip get it.
    pub gzip: bool,
    /// As many bytes of compressed metrics as are kept.
    pub gzip_cache: usize,
    /// As many scrapes as are answered at a time.
    pub max_scrapes: usize,
    /// As many threads as work, where it is said.
    pub threads: Option<usize>,
}

/// Time limits of connections; none where one is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServingLimits {
    /// For a request.
    pub read: Duration,
    /// For the head of a request.
    pub read_header: Duration,
    /// For an answer.
    pub write: Duration,
    /// Between requests.
    pub idle: Duration,
}

impl TryFrom<ExporterArgs> for Config {
    type Error = UsageError;

    fn try_from(args: ExporterArgs) -> Result<Self, UsageError> {
        let ExporterArgs {
            file: _,
            connection,
            selection,
            replica,
            serving,
            access,
            metrics_api,
            mut usage,
            custom_resources,
            go,
        } = args;
        let initial_read_timeout = connection.initial_read_timeout.0;
        let mut remarks = foreign::remarks(&custom_resources, &go);
        usage.usage.0 |= metrics_api.resource_metrics_api.0;
        let (mut selection, replica): (Choice, _) = (selection.try_into()?, Replica::of(replica)?);
        Ok(Self {
            metrics_api: metrics_api::metrics_api(
                metrics_api,
                &mut selection,
                replica.is_some(),
                &mut remarks,
            )?,
            connection: connection.into(),
            usage: usage::settings(usage, selection.scope.node.as_deref())?,
            selection,
            replica,
            serving: serving.try_into()?,
            initial_read_timeout,
            auth_filter: access.auth_filter.0,
            lifecycle: access.enable_lifecycle.0,
            origins: Origins::default(),
            custom_resources: foreign::custom_resources(custom_resources)?,
            remarks,
        })
    }
}

impl Replica {
    /// The replica that flags name; `None` where they don't name it whole.
    fn of(args: ReplicaArgs) -> Result<Option<Self>, UsageError> {
        let ReplicaArgs { pod, pod_namespace: namespace } = args;
        if !pod.is_empty() {
            names::object("--pod", &pod)?;
        }
        if !namespace.is_empty() {
            names::namespaces("--pod-namespace", std::slice::from_ref(&namespace))?;
        }
        Ok((!pod.is_empty() && !namespace.is_empty()).then_some(Self { namespace, pod }))
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

impl TryFrom<ServingArgs> for Serving {
    type Error = UsageError;

    fn try_from(args: ServingArgs) -> Result<Self, UsageError> {
        let ServingArgs {
            host,
            port,
            web_listen_address,
            telemetry_host,
            telemetry_port,
            tls_config,
            enable_gzip_encoding,
            gzip_cache_size,
            max_concurrent_scrapes,
            threads,
            limits,
        } = args;
        Ok(Self {
            main: main_address((host.0, port), web_listen_address)?,
            telemetry: (telemetry_host.0, telemetry_port),
            web_config: (!tls_config.is_empty()).then(|| tls_config.into()),
            limits: limits.into(),
            gzip: enable_gzip_encoding.0,
            gzip_cache: gzip_cache_size.0,
            max_scrapes: usize::from(max_concurrent_scrapes),
            threads: threads.map(usize::from),
        })
    }
}

/// Where the cluster's metrics are served. Entry points of images type the default, which
/// contradicts nothing.
fn main_address(typed: (IpAddr, u16), address: Option<ListenAddress>) -> Result<(IpAddr, u16), UsageError> {
    let Some(ListenAddress { host, port }) = address else { return Ok(typed) };
    let (everywhere, usual) = (IpAddr::from(Ipv6Addr::UNSPECIFIED), 8080);
    if ![everywhere, host].contains(&typed.0) || ![usual, port].contains(&typed.1) {
        let (web, typed) = (SocketAddr::from((host, port)), SocketAddr::from(typed));
        return Err(UsageError::new(format!(
            "--web.listen-address ({web}) and --host and --port ({typed}) contradict each other: \
             give only one of them"
        )));
    }
    Ok((host, port))
}

impl From<LimitArgs> for ServingLimits {
    fn from(args: LimitArgs) -> Self {
        let LimitArgs {
            server_read_timeout,
            server_write_timeout,
            server_idle_timeout,
            server_read_header_timeout,
        } = args;
        Self {
            read: server_read_timeout.0,
            read_header: server_read_header_timeout.0,
            write: server_write_timeout.0,
            idle: server_idle_timeout.0,
        }
    }
}
