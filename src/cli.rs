//! What was typed.
//!
//! Flags parse as Go's pflag does, since image entry points and charts both pass some: a repeated
//! scalar takes the last value, lists add up, and booleans may be given as `--flag=false`.

mod commands;
mod error;
mod file;
mod foreign;
mod klog;
mod metrics_api;
mod notation;
mod pflag;
mod reading;
mod serving;
mod setting;
mod sharding;
mod top;
mod usage;
mod values;

pub use commands::{
    ClusterArgs, CompareArgs, CompletionArgs, DemoArgs, ListFormat, MetricsArgs, RbacArgs, RenderArgs,
    ReportFormat, Shell, SimulateArgs,
};
pub use error::UsageError;
pub use file::{CheckArgs, ConfigCommand, FileArgs};
pub use foreign::{CustomResourceArgs, GoArgs};
pub use klog::{CodeLine, KlogArgs, Modules, Severity, UnusedKlogArgs};
pub use metrics_api::MetricsApiArgs;
pub use reading::ReadingArgs;
pub use serving::{AccessArgs, LimitArgs, ServingArgs};
pub use setting::Setting;
pub use sharding::{ReplicaArgs, ShardingArgs};
pub use top::{TopArgs, TopFormat};
pub use usage::{KubeletAccess, KubeletArgs, UsageArgs};
pub use values::{Bool, Host, List, ListenAddress, Period, Rate, Ratio, ServiceAccount, Size};

use clap::{
    Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    parser::ValueSource,
};
use std::ffi::OsString;

/// The state of a Kubernetes cluster as Prometheus metrics.
///
/// Without a subcommand this is the exporter: it watches a cluster and serves its objects on
/// /metrics.
#[derive(Debug, Parser)]
#[command(name = "kstate", version, args_override_self = true)]
pub struct Cli {
    /// What to do instead of exporting.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags of the exporter.
    #[command(flatten)]
    pub exporter: ExporterArgs,
    /// Flags of logging.
    #[command(flatten)]
    pub logging: LoggingArgs,
    /// More of them.
    #[command(flatten)]
    pub klog: KlogArgs,
}

/// A subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Export a simulated cluster that keeps changing: to look around without a cluster.
    Demo(DemoArgs),
    /// Serve the API of a simulated cluster, for tests and benchmarks.
    Simulate(SimulateArgs),
    /// Answer questions: what nodes have left, which pods are in trouble, what runs where.
    ///
    /// From the cluster of the kubeconfig, a running exporter, or files.
    Top(TopArgs),
    /// Print the metrics of objects from files, without a cluster.
    Render(RenderArgs),
    /// List the metric families: what there is, what it says and when it appears.
    Metrics(MetricsArgs),
    /// Print the permissions that an exporter with these flags needs, for `kubectl apply`.
    Rbac(Box<RbacArgs>),
    /// List what differs between two exporters, such as kube-state-metrics and this one.
    ///
    /// The exit code is 0 where nothing does, 1 where something does, and 2 where one of them can't be
    /// read.
    Compare(CompareArgs),
    /// Look after a configuration file.
    #[command(subcommand, arg_required_else_help = false)]
    Config(ConfigCommand),
    /// Print the version.
    Version,
    /// Print a script that completes command lines in a shell, to be sourced by it.
    #[command(visible_aliases = ["comp", "c"])]
    Completion(CompletionArgs),
}

/// Flags of the exporter.
#[derive(Debug, Clone, Args)]
#[command(args_override_self = true)]
pub struct ExporterArgs {
    /// The file that counts more than flags.
    #[command(flatten)]
    pub file: FileArgs,
    /// How to reach the API server.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// What is exported.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Which replica this is.
    #[command(flatten)]
    pub replica: ReplicaArgs,
    /// Where it is served.
    #[command(flatten)]
    pub serving: ServingArgs,
    /// Who may read it.
    #[command(flatten)]
    pub access: AccessArgs,
    /// The resource metrics API.
    #[command(flatten)]
    pub metrics_api: MetricsApiArgs,
    /// What is used.
    #[command(flatten)]
    pub usage: UsageArgs,
    /// What custom resources are exported.
    #[command(flatten)]
    pub custom_resources: CustomResourceArgs,
    /// Go's runtime, which is missing.
    #[command(flatten)]
    pub go: GoArgs,
}

/// How to reach the API server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Kubeconfig file; without it and --apiserver the configuration of the pod is used.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub kubeconfig: String,
    /// URL of the API server, in place of the kubeconfig's.
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub apiserver: String,
    /// How long a kind that can't be read holds up the first answer.
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub initial_read_timeout: Period,
}

/// What is exported.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// Kinds to export, by their plural names; a repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub resources: Vec<List>,
    /// Namespaces to read objects from, all by default; a repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub namespaces: Vec<List>,
    /// Namespaces not to read objects from; a repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub namespaces_denylist: Vec<List>,
    /// The node whose pods are exported; other kinds are exported whole.
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// Export the pods that have no node, in place of those of --node.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub track_unscheduled_pods: Bool,
    /// Families to export, as ECMAScript regular expressions that match anywhere in a name; a
    /// repeated flag adds to the list.
    #[arg(long, value_name = "PATTERNS")]
    pub metric_allowlist: Vec<List>,
    /// Families not to export, in the same way; excludes --metric-allowlist.
    #[arg(long, value_name = "PATTERNS")]
    pub metric_denylist: Vec<List>,
    /// Families to export that are exported on request only, as RE2 regular expressions that match
    /// anywhere in a name; a repeated flag adds to the list.
    #[arg(long, value_name = "PATTERNS")]
    pub metric_opt_in_list: Vec<List>,
    /// Labels of objects to show in `kube_*_labels`, as in pods=[app,team-*],nodes=[*]; *=[…] is for
    /// all kinds.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub metric_labels_allowlist: String,
    /// Annotations of objects to show in `kube_*_annotations`, in the same way.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub metric_annotations_allowlist: String,
    /// Labels that all samples of an object get: its own, those of its namespace or of its node, as in
    /// pods=[app,namespace:team,node:zone]; *=[…] is for all kinds.
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub inject_labels: String,
    /// Kinds of which all labels of objects are kept, so that `kstate top -l` can select by them; a
    /// repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub keep_labels: Vec<List>,
    /// How much is exported.
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t = Profile::Full)]
    pub profile: Profile,
    /// As many series as kinds may have, as in pods=500000,nodes=20000; a kind that has more loses
    /// whole families, the least used first.
    #[arg(long, value_name = "LIST")]
    pub series_budget: Vec<List>,
    /// Labels that all samples get, as in cluster=a,region=b; a repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub external_labels: Vec<List>,
    /// How it is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Whose share of it.
    #[command(flatten)]
    pub sharding: ShardingArgs,
}

/// How much is exported. Families asked for by another flag are exported with each profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Exactly what kube-state-metrics exports.
    #[default]
    Full,
    /// Families that a known alert, rule, dashboard or tool reads, and of states the current one.
    Lean,
    /// Families that kubernetes-mixin, kube-prometheus and common dashboards read.
    Mixin,
}

/// Flags of logging.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
pub struct LoggingArgs {
    /// Verbosity: 0 tells what an operator should know, 4 every step. `RUST_LOG` overrides it.
    #[arg(short, long = "v", value_name = "LEVEL", default_value_t = 0, global = true)]
    pub verbosity: i32,
    /// How log lines are written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: a JSON object a line.
    Json,
}

impl Cli {
    /// Reads a command line. Help and version are printed, and end the process, here.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        let arguments = pflag::plain_help(arguments)?;
        let parsed = pflag::parsing(Self::command()).try_get_matches_from(arguments).and_then(|matches| {
            let cli = Self::from_arg_matches(&matches)?;
            Ok((cli, misplaced(&matches)))
        });
        let (cli, misplaced) = parsed.map_err(|error| {
            if !error.use_stderr() {
                error.exit();
            }
            UsageError::from(error)
        })?;
        match misplaced {
            Some(flag) => Err(UsageError::new(format!("--{flag} belongs behind the subcommand"))),
            None => Ok(cli),
        }
    }
}

/// A flag of the exporter in front of a subcommand, where it would have no effect. Flags of logging
/// may stand anywhere.
fn misplaced(matches: &ArgMatches) -> Option<String> {
    matches.subcommand()?;
    let exporter = ExporterArgs::augment_args(clap::Command::new(""));
    let typed = |flag: &&Arg| matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine);
    exporter.get_arguments().find(typed)?.get_long().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, UsageError> {
        Cli::read(std::iter::once("kstate").chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parses_as_pflag_does() {
        let cli =
            read("--port=8080 --telemetry-port=8081 --port 9090 --resources=pods,nodes --resources services")
                .unwrap();
        assert_eq!(cli.exporter.serving.port, 9090);
        let resources: Vec<&str> = List::all(&cli.exporter.selection.resources).collect();
        assert_eq!(resources, ["pods", "nodes", "services"]);

        for (line, want) in
            [("-v4", 4), ("-v=4", 4), ("-v 4", 4), ("--v=4", 4), ("--v 4", 4), ("-v1 -v=3", 3), ("", 0)]
        {
            assert_eq!(read(line).unwrap().logging.verbosity, want, "{line}");
        }
        assert_eq!(read("-v=2 demo").unwrap().logging.verbosity, 2);
        assert_eq!(read("demo -v=2").unwrap().logging.verbosity, 2);
        for (flags, want) in [
            ("", false),
            ("--once", true),
            ("--once=true", true),
            ("--once=1", true),
            ("--once=T", true),
            ("--once=false", false),
            ("--once=0", false),
            ("--once --once=f", false),
        ] {
            let Some(Command::Demo(demo)) = read(&format!("demo {flags}")).unwrap().command else {
                panic!("{flags}")
            };
            assert_eq!(demo.once.0, want, "{flags}");
        }
    }

    #[test]
    fn whatever_follows_a_flag_is_its_value() {
        for (line, want) in [
            ("--node --port=1", "--port=1"),
            ("--node -x", "-x"),
            ("--node=", ""),
            ("--node a --node=b", "b"),
            ("--help=false --node=a", "a"),
            ("--node=a -h=0", "a"),
            ("--node=a --", "a"),
        ] {
            let node = read(line).unwrap().exporter.selection.node;
            assert_eq!(node.as_deref(), Some(want), "{line}");
        }
        let cli = read("--port=0x1F90 --object-limit=1_000 --web.listen-address=:1 --web.listen-address :2");
        let ExporterArgs { serving, selection, .. } = cli.unwrap().exporter;
        assert_eq!((serving.port, selection.reading.object_limit), (8080, 1000));
        assert_eq!(serving.web_listen_address.unwrap().port, 2);
        // But a boolean has a value behind an equals sign only.
        for line in ["--auth-filter false", "--auth-filter=", "-- demo", "--help=maybe", "-vx", "-port=1"] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn mistakes_get_one_line_that_names_the_flag() {
        for (line, flag) in [
            ("--prot=1", "--port"),
            ("--port=x", "--port"),
            ("--port=65536", "--port"),
            ("--port", "--port"),
            ("--host=no_host!", "--host"),
            ("--max-concurrent-scrapes=0", "--max-concurrent-scrapes"),
            ("--enable-gzip-encoding=maybe", "--enable-gzip-encoding"),
            ("--gzip-cache-size=1.5Gi", "--gzip-cache-size"),
            ("--initial-read-timeout=soon", "--initial-read-timeout"),
            ("--log-format=xml", "--log-format"),
            ("-v=high", "-v"),
            ("demo --once=maybe", "--once"),
            ("demo --nodes=-1", "--nodes"),
            ("render", "FILE"),
            ("simulate --listen=nowhere", "--listen"),
            ("metrics --format=xml", "--format"),
            ("rbac --service-account=kstate", "--service-account"),
            ("rbac --service-account=a/b/c", "--service-account"),
            ("rbac --service-account=/b", "--service-account"),
            ("rbac --service-account=A/b", "--service-account"),
            ("compare a", "NEW"),
            ("compare a b --tolerance=some", "--tolerance"),
            ("compare a b --examples=-1", "--examples"),
            ("compare a b -o xml", "--output"),
            ("extra", "extra"),
            ("config", "check"),
            ("--port=1 demo", "--port"),
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(error.contains(flag) && error.lines().count() == 1, "{line}: {error}");
        }
    }
}
