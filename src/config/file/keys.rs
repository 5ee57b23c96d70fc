//! The keys of the configuration file. Names and shapes are those of kube-state-metrics
//! (`pkg/options/options.go`), odd ones included; keys of our own flags are their names with
//! underscores.

/// A key, and the flag that it sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// The flag without its dashes.
    pub flag: &'static str,
    /// The form of its value.
    pub shape: Shape,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// A share of a whole.
    Ratio,
    /// A boolean.
    Switch,
    /// A time span in Go's notation.
    Duration,
    /// The keys of a map that has nothing behind them. An empty one leaves the flag as it is.
    Set,
    /// A list.
    List,
    /// Lists by the names of kinds. An empty map leaves the flag as it is.
    Lists,
    /// Values by names.
    Pairs,
}

/// All keys, in the order of the flags.
pub const KEYS: &[Key] = &[
    key("continue_without_config", "continue-without-config", Shape::Switch),
    key("kubeconfig", "kubeconfig", Shape::Text),
    key("apiserver", "apiserver", Shape::Text),
    key("initial_read_timeout", "initial-read-timeout", Shape::Duration),
    key("resources", "resources", Shape::Set),
    key("namespaces", "namespaces", Shape::List),
    key("namespaces_denylist", "namespaces-denylist", Shape::List),
    key("node", "node", Shape::Text),
    key("track_unscheduled_pods", "track-unscheduled-pods", Shape::Switch),
    key("metric_allowlist", "metric-allowlist", Shape::Set),
    key("metric_denylist", "metric-denylist", Shape::Set),
    key("metric_opt_in_list", "metric-opt-in-list", Shape::Set),
    key("labels_allow_list", "metric-labels-allowlist", Shape::Lists),
    key("annotations_allow_list", "metric-annotations-allowlist", Shape::Lists),
    key("inject_labels", "inject-labels", Shape::Lists),
    key("keep_labels", "keep-labels", Shape::List),
    key("profile", "profile", Shape::Text),
    key("series_budget", "series-budget", Shape::Pairs),
    key("external_labels", "external-labels", Shape::Pairs),
    key("object_limit", "object-limit", Shape::Number),
    key("use_api_server_cache", "use-apiserver-cache", Shape::Switch),
    key("shard", "shard", Shape::Number),
    key("total_shards", "total-shards", Shape::Number),
    key("server_side_sharding", "server-side-sharding", Shape::Switch),
    key("pod", "pod", Shape::Text),
    key("namespace", "pod-namespace", Shape::Text),
    key("host", "host", Shape::Text),
    key("port", "port", Shape::Number),
    key("telemetry_host", "telemetry-host", Shape::Text),
    key("telemetry_port", "telemetry-port", Shape::Number),
    key("tls_config", "tls-config", Shape::Text),
    key("enable_gzip_encoding", "enable-gzip-encoding", Shape::Switch),
    key("max_concurrent_scrapes", "max-concurrent-scrapes", Shape::Number),
    key("threads", "threads", Shape::Number),
    key("server_read_timeout", "server-read-timeout", Shape::Duration),
    key("server_write_timeout", "server-write-timeout", Shape::Duration),
    key("server_idle_timeout", "server-idle-timeout", Shape::Duration),
    key("server_read_header_timeout", "server-read-header-timeout", Shape::Duration),
    key("gzip_cache_size", "gzip-cache-size", Shape::Text),
    key("auth_filter", "auth-filter", Shape::Switch),
    key("enable_lifecycle", "enable-lifecycle", Shape::Switch),
    key("resource_metrics_api", "resource-metrics-api", Shape::Switch),
    key("bind_address", "bind-address", Shape::Text),
    key("secure_port", "secure-port", Shape::Number),
    key("tls_cert_file", "tls-cert-file", Shape::Text),
    key("tls_private_key_file", "tls-private-key-file", Shape::Text),
    key("tls_min_version", "tls-min-version", Shape::Text),
    key("tls_cipher_suites", "tls-cipher-suites", Shape::List),
    key("cert_dir", "cert-dir", Shape::Text),
    key("client_ca_file", "client-ca-file", Shape::Text),
    key("requestheader_client_ca_file", "requestheader-client-ca-file", Shape::Text),
    key("requestheader_allowed_names", "requestheader-allowed-names", Shape::List),
    key("requestheader_username_headers", "requestheader-username-headers", Shape::List),
    key("requestheader_uid_headers", "requestheader-uid-headers", Shape::List),
    key("requestheader_group_headers", "requestheader-group-headers", Shape::List),
    key("requestheader_extra_headers_prefix", "requestheader-extra-headers-prefix", Shape::List),
    key("authentication_skip_lookup", "authentication-skip-lookup", Shape::Switch),
    key("authentication_kubeconfig", "authentication-kubeconfig", Shape::Text),
    key("authorization_kubeconfig", "authorization-kubeconfig", Shape::Text),
    key("usage", "usage", Shape::Switch),
    key("usage_depth", "usage-depth", Shape::Number),
    key("usage_span", "usage-span", Shape::Duration),
    key("metric_resolution", "metric-resolution", Shape::Duration),
    key("kubelet_access", "kubelet-access", Shape::Text),
    key("kubelet_insecure_tls", "kubelet-insecure-tls", Shape::Switch),
    key("kubelet_use_node_status_port", "kubelet-use-node-status-port", Shape::Switch),
    key("kubelet_port", "kubelet-port", Shape::Number),
    key("kubelet_preferred_address_types", "kubelet-preferred-address-types", Shape::List),
    key("kubelet_certificate_authority", "kubelet-certificate-authority", Shape::Text),
    key("kubelet_client_certificate", "kubelet-client-certificate", Shape::Text),
    key("kubelet_client_key", "kubelet-client-key", Shape::Text),
    key("kubelet_request_timeout", "kubelet-request-timeout", Shape::Duration),
    key("node_selector", "node-selector", Shape::Text),
    key("custom_resource_config", "custom-resource-state-config", Shape::Text),
    key("custom_resource_state_config_file", "custom-resource-state-config-file", Shape::Text),
    // As it was called before.
    key("custom_resource_config_file", "custom-resource-state-config-file", Shape::Text),
    key("custom_resources_only", "custom-resource-state-only", Shape::Switch),
    key(
        "continue_without_custom_resource_state_config_file",
        "continue-without-custom-resource-state-config-file",
        Shape::Switch,
    ),
    key("auto-gomemlimit", "auto-gomemlimit", Shape::Switch),
    key("auto-gomemlimit-ratio", "auto-gomemlimit-ratio", Shape::Ratio),
];

/// Flags of the exporter that no key sets: they say which file is read, and how, or what keys say
/// otherwise.
#[cfg(test)]
pub(super) const WITHOUT_KEY: &[&str] = &["config", "strict-config", "web.listen-address"];

/// Keys that kube-state-metrics knows and that mean nothing in a file.
pub(super) const WITHOUT_EFFECT: &[&str] = &["help"];

const fn key(name: &'static str, flag: &'static str, shape: Shape) -> Key {
    Key { name, flag, shape }
}

/// A key by its name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The key that may have been meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    // Some keys are named otherwise than their flags.
    let flag = name.replace('_', "-");
    if let Some(key) = KEYS.iter().find(|key| key.flag == flag) {
        return Some(key.name);
    }
    KEYS.iter()
        .map(|key| (strsim::jaro_winkler(name, key.name), key.name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.7)
        .map(|(_, name)| name)
}

impl Shape {
    /// What is wanted, with an example.
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a whole number, such as 8080,",
            Self::Ratio => "a number, such as 0.9,",
            Self::Switch => "true or false",
            Self::Duration => "a duration, such as 30s,",
            Self::Set => "a map such as {pods: {}, nodes: {}}",
            Self::List => "a list such as [default, kube-system]",
            Self::Lists => "a map of lists such as {pods: [app, team-*]}",
            Self::Pairs => "a map such as {cluster: a} or {pods: 500000}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ExporterArgs;
    use clap::Args as _;
    use std::collections::BTreeSet;

    #[test]
    fn every_flag_of_the_exporter_has_a_key_or_can_not_have_one() {
        let command = ExporterArgs::augment_args(clap::Command::new(""));
        let flags: BTreeSet<&str> = command.get_arguments().filter_map(|flag| flag.get_long()).collect();
        let with_key: BTreeSet<&str> =
            KEYS.iter().map(|key| key.flag).chain(WITHOUT_KEY.iter().copied()).collect();
        assert_eq!(flags, with_key);
        let names: BTreeSet<&str> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len(), "a key is there twice");
    }
}
