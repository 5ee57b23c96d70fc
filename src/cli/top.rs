//! Flags of `kstate top`.

use super::{Bool, List, Period};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A question.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct TopArgs {
    /// What is asked about: nodes, pods, namespaces, workloads, quotas, images or containers.
    #[arg(value_name = "VIEW", default_value = "nodes")]
    pub view: String,
    /// Names of objects, all by default.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Where the answer comes from: the URL of an exporter, or a file of YAML or JSON objects (`-` for
    /// standard input); by default the cluster of the kubeconfig. More files add to the first.
    #[arg(long, value_name = "URL|FILE", help_heading = "Source")]
    pub from: Vec<String>,
    /// Kubeconfig file; without it that of kubectl is used.
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig, the current one by default.
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    pub context: Option<String>,
    /// File with a token that is sent to the exporter.
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    pub bearer_token_file: Option<PathBuf>,
    /// Take any certificate for the exporter's.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, help_heading = "Source")]
    pub insecure_skip_tls_verify: Bool,
    /// How long the answer may take.
    #[arg(long, value_name = "DURATION", default_value = "1m", help_heading = "Source")]
    pub timeout: Period,
    /// Namespace to ask about; a repeated flag adds to the list. Without it, that of the context is used
    /// for the cluster, and all for exporters and files.
    #[arg(short, long, value_name = "LIST", help_heading = "What is shown")]
    pub namespace: Vec<List>,
    /// Ask about all namespaces.
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, help_heading = "What is shown")]
    pub all_namespaces: Bool,
    /// Labels that objects must have, as in app=web,tier!=cache.
    #[arg(
        short = 'l',
        long,
        value_name = "SELECTOR",
        default_value = "",
        hide_default_value = true,
        help_heading = "What is shown"
    )]
    pub selector: String,
    /// Fields that objects must have, as in spec.nodeName=a,status.phase!=Running.
    #[arg(
        long,
        value_name = "SELECTOR",
        default_value = "",
        hide_default_value = true,
        help_heading = "What is shown"
    )]
    pub field_selector: String,
    /// Only what someone should look at, the worst first, with the reason.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, help_heading = "What is shown")]
    pub problems: Bool,
    /// Count images or containers by image, registry, node or namespace.
    #[arg(long, value_name = "GROUP", help_heading = "What is shown")]
    pub by: Option<String>,
    /// Columns to sort by, as in `memory_used` or `cpu_requests%,name:desc`.
    #[arg(
        long,
        value_name = "COLUMNS",
        default_value = "",
        hide_default_value = true,
        help_heading = "How it is shown"
    )]
    pub sort_by: String,
    /// For how long what nodes and containers have used is looked at, all that is remembered by default;
    /// `-o wide` shows it.
    #[arg(long, value_name = "DURATION", help_heading = "What is shown")]
    pub span: Option<Period>,
    /// As many rows are shown at most; 0 for all.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "How it is shown"
    )]
    pub limit: usize,
    /// How rows are shown.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = TopFormat::Table, help_heading = "How it is shown")]
    pub output: TopFormat,
    /// Leave out the line of titles.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, help_heading = "How it is shown")]
    pub no_headers: Bool,
    /// Ask again and again, and show the answer in the same place.
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true, help_heading = "How it is shown")]
    pub watch: Bool,
    /// How long to wait between two questions.
    #[arg(long, value_name = "DURATION", default_value = "2s", help_heading = "How it is shown")]
    pub interval: Period,
}

/// How rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TopFormat {
    /// A table with what fits.
    Table,
    /// A table with all columns for people.
    Wide,
    /// One object, as an exporter serves it.
    Json,
    /// The same as YAML.
    Yaml,
    /// Rows of all columns with numbers in base units.
    Csv,
}
