//! Flags of what is served where, to whom, and for how long.

use super::{Bool, Host, ListenAddress, Period, Size, notation::whole};
use clap::Args;

/// Where the metrics are served.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Serving")]
pub struct ServingArgs {
    /// Host to serve the cluster's metrics on.
    #[arg(long, default_value = "::")]
    pub host: Host,
    /// Port to serve the cluster's metrics on.
    #[arg(long, default_value_t = 8080, value_parser = whole::<u16>(0..=65535))]
    pub port: u16,
    /// Host and port to serve the cluster's metrics on, in place of --host and --port, as
    /// Prometheus' exporters have it: the last one counts.
    #[arg(long = "web.listen-address", value_name = "ADDRESS")]
    pub web_listen_address: Option<ListenAddress>,
    /// Host to serve the exporter's own metrics on.
    #[arg(long, value_name = "HOST", default_value = "::")]
    pub telemetry_host: Host,
    /// Port to serve the exporter's own metrics on.
    #[arg(long, value_name = "PORT", default_value_t = 8081, value_parser = whole::<u16>(0..=65535))]
    pub telemetry_port: u16,
    /// Web configuration file of both ports: TLS, users, headers and a limit of requests, in the
    /// format of Prometheus' exporters, which call the flag --web.config.file, as may be done here.
    #[arg(
        long,
        alias = "web.config.file",
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    pub tls_config: String,
    /// Compress the cluster's metrics for clients that take gzip.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub enable_gzip_encoding: Bool,
    /// How many bytes of compressed metrics are kept, so that what has not changed since the last
    /// scrape with gzip is not compressed again; 0 for none.
    #[arg(long, value_name = "SIZE", default_value = "256Mi")]
    pub gzip_cache_size: Size,
    /// How many scrapes of the cluster's metrics are answered at a time; one more gets 503.
    #[arg(long, value_name = "SCRAPES", default_value_t = 16, value_parser = whole::<u16>(1..=65535))]
    pub max_concurrent_scrapes: u16,
    /// How many threads render and follow the API server; by default as many as there are processors,
    /// at most 4.
    #[arg(long, value_name = "THREADS", value_parser = whole::<u16>(1..=1024))]
    pub threads: Option<u16>,
    /// Time limits of the cluster's metrics.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Time limits of connections to the cluster's metrics; 0 for none.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Serving")]
pub struct LimitArgs {
    /// How long a client may take to send a request, from the connection on.
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub server_read_timeout: Period,
    /// How long a client may take to read an answer, rendering included.
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub server_write_timeout: Period,
    /// How long a connection stays open on which nothing is asked for.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub server_idle_timeout: Period,
    /// How long a client may take to send the head of a request.
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    pub server_read_header_timeout: Period,
}

/// Who may read the metrics.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Access")]
pub struct AccessArgs {
    /// Answer those only whose bearer token belongs to an account that may read the path; health
    /// endpoints are for all.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub auth_filter: Bool,
    /// Read the configuration again at a POST to /-/reload of the telemetry port, as at SIGHUP.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub enable_lifecycle: Bool,
}
