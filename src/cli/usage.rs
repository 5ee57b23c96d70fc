//! Flags of what nodes and containers use. Those of kubelets are named as metrics-server names them.

use super::{Bool, List, Period, notation::whole};
use clap::{Args, ValueEnum};

/// What nodes and containers use, and how kubelets are asked for it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Usage")]
pub struct UsageArgs {
    /// Ask the kubelets what nodes and containers use: for kstate top and the resource metrics API.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub usage: Bool,
    /// As many samples are remembered of each container and node, each the mean and the most of its
    /// part of --usage-span.
    #[arg(long, value_name = "SAMPLES", default_value_t = 15, value_parser = whole::<u16>(1..=10_000))]
    pub usage_depth: u16,
    /// The time for which samples are remembered, at least --metric-resolution for each.
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub usage_span: Period,
    /// The time between two questions to a kubelet.
    #[arg(long, value_name = "DURATION", default_value = "15s")]
    pub metric_resolution: Period,
    /// How kubelets are asked.
    #[command(flatten)]
    pub kubelets: KubeletArgs,
}

/// How kubelets are asked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Usage")]
pub struct KubeletArgs {
    /// The way to kubelets.
    #[arg(long, value_enum, value_name = "WAY", default_value_t = KubeletAccess::Direct)]
    pub kubelet_access: KubeletAccess,
    /// Take any certificate for a kubelet's: for tests only.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub kubelet_insecure_tls: Bool,
    /// Use the port that a node's status names, if it names one, in place of --kubelet-port.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub kubelet_use_node_status_port: Bool,
    /// Port of the kubelets.
    #[arg(long, value_name = "PORT", default_value_t = 10250, value_parser = whole::<u16>(1..=65535))]
    pub kubelet_port: u16,
    /// Which of a node's addresses is used, by their types: the first that it has; a repeated flag adds
    /// to the list.
    #[arg(
        long,
        value_name = "LIST",
        default_value = "Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP"
    )]
    pub kubelet_preferred_address_types: Vec<List>,
    /// File of the authority whose certificates kubelets show; the API server's without.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub kubelet_certificate_authority: String,
    /// File of the certificate that kubelets are shown; the one for the API server without, if any.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub kubelet_client_certificate: String,
    /// File of its key.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub kubelet_client_key: String,
    /// How long a kubelet may take to answer.
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub kubelet_request_timeout: Period,
    /// Labels of the nodes whose kubelets are asked, as in pool=a,zone!=b.
    #[arg(long, value_name = "SELECTOR", default_value = "", hide_default_value = true)]
    pub node_selector: String,
}

/// The way to kubelets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KubeletAccess {
    /// To each node itself; takes the permission to get nodes/metrics.
    Direct,
    /// Through the API server; takes the permission to get nodes/proxy.
    Proxy,
}
