//! The page of the configuration file, from the table of its keys.

use super::table;
use kstate::config::{KEYS, Key, Shape};

/// The page.
pub(super) fn page() -> String {
    let rows = KEYS.iter().map(|key| {
        [
            format!("`{}`", key.name),
            format!("`--{}`", key.flag),
            form(key.shape),
            format!("`{}`", example(key)),
        ]
    });
    format!(
        "# The configuration file

`--config FILE` names a file of keys that count more than [flags](flags.md). Keys and forms are those of
kube-state-metrics; those of our own flags are named like them, with underscores. A key that is missing or null
leaves its flag as it is.

```yaml
{EXAMPLE}```

`kstate config check FILE` says what is wrong with a file, a line for each place, and ends with exit code 2 where it can't be
used. Unknown keys have no effect and are warned of; `--strict-config` makes mistakes of them.

## While kstate runs

The file is read again within a second or two of a change, however it is made: written, replaced, or swapped as volumes of
ConfigMaps are. SIGHUP and, with `--enable-lifecycle`, `POST /-/reload` of the telemetry port do so at once. Kinds that stay
keep their objects and their watches; others are read beside what they replace, so that no series that both configurations
have is ever missing. A key that was removed goes back to its flag. Ports are opened before the old ones are closed, and
connections are closed after the answers that are running on them.

A file that can't be used changes nothing: the log names file, line and key, and
`kube_state_metrics_last_config_reload_successful` is 0 until it can. So does one that has become empty, which as a rule is
being written; `{{}}` says nothing. What else a file needs, as a port that is in use, is tried again every half a minute.
Another `host` on the same port takes a restart, which the log says.

The kubeconfig and the files that it names, and the web configuration, are followed likewise.

## Keys

{}",
        table(["key", "flag", "form", "example"], rows)
    )
}

/// A file that can be used.
const EXAMPLE: &str = "\
resources: {pods: {}, nodes: {}, deployments: {}}
namespaces: [default, shop]
metric_denylist: {'kube_pod_container_state_.{1,9}$': {}}
labels_allow_list:
  pods: [app.kubernetes.io/*, team]
series_budget: {pods: 500000}
server_write_timeout: 90s
";

fn form(shape: Shape) -> String {
    match shape {
        Shape::Text => "text",
        Shape::Number | Shape::Ratio => "number",
        Shape::Switch => "boolean",
        Shape::Duration => "duration",
        Shape::Set => "map without values, or list; an empty one leaves the flag as it is",
        Shape::List => "list; an empty one counts",
        Shape::Lists => "map of lists; an empty one leaves the flag as it is",
        Shape::Pairs => "map",
    }
    .to_owned()
}

/// A line of a file.
fn example(key: &Key) -> String {
    let value = match (key.shape, key.name) {
        (Shape::Text, "profile") => "lean",
        (Shape::Text, "host" | "telemetry_host" | "bind_address") => "127.0.0.1",
        (Shape::Text, "apiserver") => "https://10.0.0.1:6443",
        (
            Shape::Text,
            "kubeconfig" | "tls_config" | "authentication_kubeconfig" | "authorization_kubeconfig",
        ) => "/etc/kstate/file.yml",
        (Shape::Text, "gzip_cache_size") => "64Mi",
        (Shape::Text, "custom_resource_config") => "'spec: {resources: []}'",
        (Shape::Text, "custom_resource_state_config_file" | "custom_resource_config_file") => {
            "/etc/kstate/resources.yml"
        }
        (Shape::Text, "kubelet_access") => "proxy",
        (Shape::Text, "kubelet_certificate_authority" | "kubelet_client_certificate") => {
            "/etc/kubelet/tls.crt"
        }
        (Shape::Text, "kubelet_client_key") => "/etc/kubelet/tls.key",
        (Shape::Text, "tls_min_version") => "VersionTLS13",
        (Shape::Text, "tls_cert_file") => "/etc/kstate/tls.crt",
        (Shape::Text, "tls_private_key_file") => "/etc/kstate/tls.key",
        (Shape::Text, "cert_dir") => "/tmp",
        (Shape::Text, "client_ca_file" | "requestheader_client_ca_file") => "/etc/kubernetes/ca.crt",
        (Shape::Text, "node_selector") => "pool=a,!spot",
        (Shape::Text, _) => "name",
        (Shape::Number, "shard") => "0",
        (Shape::Number, "total_shards" | "threads") => "2",
        (Shape::Number, "usage_depth") => "30",
        (Shape::Number, "kubelet_port" | "secure_port") => "10250",
        (Shape::Number, _) => "8080",
        (Shape::Ratio, _) => "0.9",
        (Shape::Switch, "custom_resources_only") => "false",
        (Shape::Switch, _) => "true",
        (Shape::Duration, "usage_span") => "30m",
        (Shape::Duration, "kubelet_request_timeout") => "5s",
        (Shape::Duration, _) => "1m30s",
        (Shape::Set, "resources") => "{pods: {}, nodes: {}}",
        (Shape::Set, _) => "{'^kube_pod_': {}}",
        (Shape::List, "keep_labels") => "[pods, nodes]",
        (Shape::List, "kubelet_preferred_address_types") => "[InternalIP, Hostname]",
        (Shape::List, "tls_cipher_suites") => "[TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]",
        (Shape::List, "requestheader_allowed_names") => "[front-proxy-client]",
        (Shape::List, name) if name.starts_with("requestheader_") => "[x-remote-user]",
        (Shape::List, _) => "[default, shop]",
        (Shape::Lists, _) => "{pods: [app, team-*], nodes: ['*']}",
        (Shape::Pairs, "series_budget") => "{pods: 500000}",
        (Shape::Pairs, _) => "{cluster: a}",
    };
    format!("{}: {value}", key.name)
}

#[test]
fn the_examples_can_be_used() {
    use kstate::{cli::ExporterArgs, config::ConfigFile};
    let check = |text: &str| {
        let file = ConfigFile { path: "page".as_ref(), content: text.as_bytes(), strict: true };
        assert!(file.over(&ExporterArgs::default()).is_ok(), "{text}");
    };
    check(EXAMPLE);
    for key in KEYS {
        // A certificate and its key go together.
        let pairs =
            [["kubelet_client_certificate", "kubelet_client_key"], ["tls_cert_file", "tls_private_key_file"]];
        let pair = pairs.into_iter().find(|pair| pair.contains(&key.name)).unwrap_or_default();
        let with = KEYS.iter().filter(|other| pair.contains(&other.name) && other.name != key.name);
        let lines: Vec<String> = with.chain([key]).map(example).collect();
        check(&lines.join("\n"));
    }
}
