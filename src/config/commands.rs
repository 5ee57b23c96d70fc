//! What the flags of commands other than the exporter mean.

use super::{Choice, Replica, Serving, kinds::chosen};
use crate::{
    catalog::Kind,
    cli::{
        ClusterArgs, CompareArgs, CompletionArgs, DemoArgs, ListFormat, MetricsArgs, ReportFormat, Shell,
        SimulateArgs, UsageError,
    },
    exposition::Format,
    kubelets,
};
use http::Uri;
use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

/// `kstate demo`.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The cluster that is simulated.
    pub cluster: SyntheticCluster,
    /// What is exported.
    pub selection: Choice,
    /// Where it is served; `None` to print it once.
    pub serving: Option<Serving>,
}

/// `kstate simulate`.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Where the API is served.
    pub listen: SocketAddr,
    /// Where a kubeconfig for it is written.
    pub kubeconfig: Option<PathBuf>,
    /// The cluster.
    pub cluster: SyntheticCluster,
}

/// `kstate render`.
#[derive(Debug, Clone)]
pub struct Rendering {
    /// The files, `-` for standard input.
    pub files: Vec<PathBuf>,
    /// What is rendered.
    pub selection: Choice,
    /// The format of it.
    pub format: Format,
}

/// `kstate metrics`.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The kinds, in the order of the catalogue.
    pub kinds: Vec<Kind>,
    /// The form of it.
    pub format: ListingFormat,
}

/// How families are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingFormat {
    /// For a terminal, and a line for each family where it is piped.
    Table,
    /// An array of objects.
    Json,
    /// A table for each kind.
    Markdown,
}

/// `kstate rbac`.
#[derive(Debug, Clone)]
pub struct Permissions {
    /// What is to be read.
    pub selection: Choice,
    /// The replica whose shard is exported.
    pub replica: Option<Replica>,
    /// Whether the API server is asked who may read metrics.
    pub reviews: bool,
    /// How kubelets are asked what is used, if they are.
    pub usage: Option<kubelets::Settings>,
    /// Whether the resource metrics API is served.
    pub metrics_api: bool,
    /// The namespace of the service account that reads it.
    pub namespace: String,
    /// The service account's name.
    pub account: String,
}

/// `kstate compare`.
#[derive(Debug, Clone)]
pub struct Comparing {
    /// The old exposition and the new one.
    pub origins: [Origin; 2],
    /// Whether the report is one object of JSON.
    pub json: bool,
    /// As many samples are shown of each difference in a family.
    pub examples: usize,
    /// How far apart points in time may be.
    pub tolerance: Duration,
    /// Whether the texts of HELP lines count.
    pub help_texts: bool,
    /// A file with a token for servers.
    pub token_file: Option<PathBuf>,
    /// Whether any certificate is taken for a server's.
    pub any_certificate: bool,
}

/// Where an exposition comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A server.
    Url(Uri),
    /// A file.
    File(PathBuf),
    /// Standard input.
    Input,
}

/// A simulated cluster.
#[derive(Debug, Clone, Copy)]
pub struct SyntheticCluster {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of pods on each.
    pub pods_per_node: usize,
    /// How many objects change in a second.
    pub updates_per_second: f64,
    /// What makes it the same again.
    pub seed: u64,
    /// Number of objects of each kind besides pods, nodes and namespaces; `None` for what fits.
    pub objects_per_kind: Option<usize>,
}

impl TryFrom<DemoArgs> for Demo {
    type Error = UsageError;

    fn try_from(args: DemoArgs) -> Result<Self, UsageError> {
        let DemoArgs { cluster, once, selection, serving } = args;
        let serving = (!once.0).then(|| serving.try_into()).transpose()?;
        Ok(Self { cluster: SyntheticCluster::new(&cluster, None), selection: selection.try_into()?, serving })
    }
}

impl From<SimulateArgs> for Simulation {
    fn from(args: SimulateArgs) -> Self {
        let SimulateArgs { listen, write_kubeconfig, cluster, objects_per_kind } = args;
        Self {
            listen,
            kubeconfig: write_kubeconfig,
            cluster: SyntheticCluster::new(&cluster, objects_per_kind),
        }
    }
}

impl TryFrom<MetricsArgs> for Listing {
    type Error = UsageError;

    fn try_from(args: MetricsArgs) -> Result<Self, UsageError> {
        let MetricsArgs { resources, format } = args;
        let format = match format {
            ListFormat::Table => ListingFormat::Table,
            ListFormat::Json => ListingFormat::Json,
            ListFormat::Markdown => ListingFormat::Markdown,
        };
        Ok(Self { kinds: chosen("--resources", &resources, |_| true)?, format })
    }
}

impl TryFrom<CompareArgs> for Comparing {
    type Error = UsageError;

    fn try_from(args: CompareArgs) -> Result<Self, UsageError> {
        let CompareArgs { old, new, output, examples, all, tolerance, help_texts, .. } = args;
        let origins = [old.parse()?, new.parse()?];
        if origins == [Origin::Input, Origin::Input] {
            return Err(UsageError::new("OLD and NEW can't both be standard input"));
        }
        Ok(Self {
            origins,
            json: output == ReportFormat::Json,
            examples: if all.0 { usize::MAX } else { examples },
            tolerance: tolerance.0,
            help_texts: help_texts.0,
            token_file: args.bearer_token_file,
            any_certificate: args.insecure_skip_tls_verify.0,
        })
    }
}

impl FromStr for Origin {
    type Err = UsageError;

    fn from_str(text: &str) -> Result<Self, UsageError> {
        if text == "-" {
            return Ok(Self::Input);
        }
        if !["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Self::File(text.into()));
        }
        let uri: Option<Uri> = text.parse().ok();
        let uri =
            uri.filter(|uri| uri.authority().is_some_and(|authority| !authority.as_str().contains('@')));
        uri.map(Self::Url).ok_or_else(|| UsageError::new(format!("{text:?} is no URL of a server")))
    }
}

impl From<CompletionArgs> for clap_complete::Shell {
    fn from(args: CompletionArgs) -> Self {
        match args.shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
        }
    }
}

impl SyntheticCluster {
    fn new(args: &ClusterArgs, objects_per_kind: Option<usize>) -> Self {
        let ClusterArgs { nodes, pods_per_node, updates_per_second, seed } = *args;
        Self { nodes, pods_per_node, updates_per_second: updates_per_second.0, seed, objects_per_kind }
    }
}
