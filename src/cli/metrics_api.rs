//! Flags of the resource metrics API, as metrics-server names them.

use super::{Bool, Host, List, notation::whole};
use clap::Args;

/// The resource metrics API.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Resource metrics API")]
pub struct MetricsApiArgs {
    /// Serve `metrics.k8s.io`, which `kubectl top` and `HorizontalPodAutoscaler`s ask, behind the API
    /// server's aggregation layer. Implies --usage.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub resource_metrics_api: Bool,
    /// Host to serve it on.
    #[arg(long, value_name = "HOST", default_value = "::")]
    pub bind_address: Host,
    /// Port to serve it on.
    #[arg(long, value_name = "PORT", default_value_t = 10250, value_parser = whole::<u16>(0..=65535))]
    pub secure_port: u16,
    /// File with its certificate, and those that lead to an authority behind it; without it one is made
    /// that is held in memory and that nobody else has signed.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub tls_cert_file: String,
    /// File with the private key of --tls-cert-file.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub tls_private_key_file: String,
    /// The least version of TLS: `VersionTLS12`, as by default, or `VersionTLS13`.
    #[arg(long, value_name = "VERSION", default_value = "", hide_default_value = true)]
    pub tls_min_version: String,
    /// Cipher suites for TLS 1.2, by their names in Go; a repeated flag adds to the list.
    #[arg(long, value_name = "LIST")]
    pub tls_cipher_suites: Vec<List>,
    /// No effect, since a certificate that is made is not written anywhere.
    #[arg(long, value_name = "FOLDER", default_value = "", hide_default_value = true)]
    pub cert_dir: String,
    /// File with authorities of users' certificates, in place of those that the cluster names.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub client_ca_file: String,
    /// File with authorities of the certificate of the API server as a client, whose headers tell who
    /// asks. With it, this and the next five flags count in place of what the cluster names.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub requestheader_client_ca_file: String,
    /// Common names that this certificate may have; any by default.
    #[arg(long, value_name = "LIST")]
    pub requestheader_allowed_names: Vec<List>,
    /// Headers with the user's name, x-remote-user by default.
    #[arg(long, value_name = "LIST")]
    pub requestheader_username_headers: Vec<List>,
    /// Headers with the user's UID, x-remote-uid by default.
    #[arg(long, value_name = "LIST")]
    pub requestheader_uid_headers: Vec<List>,
    /// Headers with the user's groups, x-remote-group by default.
    #[arg(long, value_name = "LIST")]
    pub requestheader_group_headers: Vec<List>,
    /// Beginnings of headers with what else is known of a user, x-remote-extra- by default.
    #[arg(long, value_name = "LIST")]
    pub requestheader_extra_headers_prefix: Vec<List>,
    /// Don't read what the cluster names: the `ConfigMap` `extension-apiserver-authentication`.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub authentication_skip_lookup: Bool,
    /// No effect: tokens are reviewed over the connection that objects are read from.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub authentication_kubeconfig: String,
    /// No effect: permissions are reviewed over the connection that objects are read from.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub authorization_kubeconfig: String,
}
