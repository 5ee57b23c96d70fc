//! Flags of the subcommands.

use super::{
    AccessArgs, Bool, FileArgs, List, MetricsApiArgs, Period, Rate, ReplicaArgs, SelectionArgs,
    ServiceAccount, ServingArgs, UsageArgs,
};
use clap::{Args, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};

/// A simulated cluster.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Simulated cluster")]
pub struct ClusterArgs {
    /// Number of nodes.
    #[arg(long, default_value_t = 20)]
    pub nodes: usize,
    /// Number of pods on each node.
    #[arg(long, value_name = "PODS", default_value_t = 15)]
    pub pods_per_node: usize,
    /// How many objects change in a second.
    #[arg(long, value_name = "RATE", default_value = "5")]
    pub updates_per_second: Rate,
    /// What makes the cluster the same again.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Flags of `kstate demo`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct DemoArgs {
    /// The cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Print one exposition to standard output and end.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub once: Bool,
    /// What is exported.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Where it is served.
    #[command(flatten)]
    pub serving: ServingArgs,
}

/// Flags of `kstate simulate`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct SimulateArgs {
    /// Address to serve the API on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:6443")]
    pub listen: SocketAddr,
    /// Where to write a kubeconfig for it.
    #[arg(long, value_name = "FILE")]
    pub write_kubeconfig: Option<PathBuf>,
    /// The cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Number of objects of each kind besides pods, nodes and namespaces; by default as many as fit
    /// the pods.
    #[arg(long, value_name = "OBJECTS")]
    pub objects_per_kind: Option<usize>,
}

/// Flags of `kstate render`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct RenderArgs {
    /// Files of YAML or JSON objects, lists and documents; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The file that counts more than flags.
    #[command(flatten)]
    pub file: FileArgs,
    /// What is rendered.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Write `OpenMetrics` instead of Prometheus text.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub openmetrics: Bool,
}

/// Flags of `kstate metrics`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct MetricsArgs {
    /// Kinds to list the families of, by their plural names, all by default; a repeated flag adds to
    /// the list.
    #[arg(long, value_name = "LIST")]
    pub resources: Vec<List>,
    /// How they are listed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ListFormat::Table)]
    pub format: ListFormat,
}

/// How families are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a terminal, and a line for each family where it is piped.
    Table,
    /// An array of objects.
    Json,
    /// A table for each kind.
    Markdown,
}

/// Flags of `kstate rbac`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct RbacArgs {
    /// The account that the exporter runs as.
    #[arg(long, value_name = "NAMESPACE/NAME", default_value = "kube-system/kstate")]
    pub service_account: ServiceAccount,
    /// The file that counts more than flags.
    #[command(flatten)]
    pub file: FileArgs,
    /// What is exported.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Which replica it is.
    #[command(flatten)]
    pub replica: ReplicaArgs,
    /// Whom it asks who may read metrics.
    #[command(flatten)]
    pub access: AccessArgs,
    /// Whom it asks what is used.
    #[command(flatten)]
    pub usage: UsageArgs,
    /// Whom it tells.
    #[command(flatten)]
    pub metrics_api: MetricsApiArgs,
}

/// Flags of `kstate compare`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct CompareArgs {
    /// The old exposition, such as kube-state-metrics': a URL, a file, or `-` for standard input; text
    /// or `OpenMetrics`, plain or gzip.
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The new exposition, in the same way.
    #[arg(value_name = "NEW")]
    pub new: String,
    /// How differences are listed.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = ReportFormat::Text)]
    pub output: ReportFormat,
    /// As many samples are shown of each difference in a family.
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub examples: usize,
    /// Show all samples that differ.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub all: Bool,
    /// How far apart values may be that are points in time, as those of `kube_lease_renew_time`:
    /// families with one of the words time, timestamp, created and started in their names.
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub tolerance: Period,
    /// Compare the texts of HELP lines, too, which differ between exporters.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub help_texts: Bool,
    /// File with a token that is sent to the servers.
    #[arg(long, value_name = "FILE")]
    pub bearer_token_file: Option<PathBuf>,
    /// Take any certificate for a server's.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub insecure_skip_tls_verify: Bool,
}

/// How differences are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// For machines: one object.
    Json,
}

/// Arguments of `kstate completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// A shell that completes command lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// The Bourne-again shell.
    Bash,
    /// The Z shell.
    Zsh,
    /// The friendly interactive shell.
    Fish,
}
