//! Files and what is said of them.

use super::*;
use crate::{config::Choice, resources::pods::Pod};
use std::time::Duration;

fn over(flags: &ExporterArgs, content: &str, strict: bool) -> Result<Understood, Vec<String>> {
    let file = ConfigFile { path: Path::new("k.yml"), content: content.as_bytes(), strict };
    file.over(flags).map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

fn config(content: &str) -> Config {
    over(&ExporterArgs::default(), content, true).unwrap_or_else(|findings| panic!("{findings:?}")).config
}

fn kinds(choice: &Choice) -> Vec<&str> {
    choice.kinds.iter().map(|kind| kind.names.plural).collect()
}

#[test]
fn each_key_means_what_its_flag_does() {
    let config = config(
        "
apiserver: http://example.com:8001
kubeconfig: /etc/kubeconfig
host: 127.0.0.1
port: 1
telemetry_host: localhost
telemetry_port: 2
tls_config: /etc/web.yml
enable_gzip_encoding: no
max_concurrent_scrapes: 3
server_read_timeout: 1m30s
server_write_timeout: 0
server_idle_timeout: 1h
server_read_header_timeout: 500ms
auth_filter: true
initial_read_timeout: 7s
resources: {pods: {}, nodes: }
namespaces: [b, a]
namespaces_denylist: [\"c\"]
node: 1.10
metric_denylist: {'kube_pod_(a{1,2}|owner)$': {}}
labels_allow_list: {pods: [app, team-*], \"*\": []}
annotations_allow_list:
  pods:
  - example.com/x
series_budget: {pods: 500}
external_labels: {cluster: 'a,b', region: 1}
object_limit: 9
use_api_server_cache: on
shard: 1
total_shards: 3
server_side_sharding: True
pod: kstate-0
namespace: monitoring
continue_without_config: false
help: true
",
    );
    assert_eq!(config.connection.apiserver.as_deref(), Some("http://example.com:8001"));
    assert_eq!(config.connection.kubeconfig.as_deref(), Some(Path::new("/etc/kubeconfig")));
    let serving = &config.serving;
    assert_eq!(serving.main, ("127.0.0.1".parse().unwrap(), 1));
    assert_eq!(serving.telemetry, ("127.0.0.1".parse().unwrap(), 2));
    assert_eq!(serving.web_config.as_deref(), Some(Path::new("/etc/web.yml")));
    assert!(!serving.gzip && serving.max_scrapes == 3 && config.auth_filter);
    let limits = &serving.limits;
    assert_eq!(
        [limits.read, limits.write, limits.idle, limits.read_header],
        [90_000, 0, 3_600_000, 500].map(Duration::from_millis)
    );
    assert_eq!(config.initial_read_timeout, Duration::from_secs(7));
    let choice = &config.selection;
    assert_eq!(kinds(choice), ["nodes", "pods"]);
    assert_eq!(choice.scope.namespaces, ["a", "b"]);
    assert_eq!(choice.scope.denied, ["c"]);
    assert_eq!(choice.scope.node.as_deref(), Some("1.10"), "as it was written");
    assert_eq!(choice.scope.limit, Some(9));
    assert!(choice.scope.cached);
    assert_eq!(choice.scope.shard.to_string(), config.selection.scope.shard.to_string());
    assert_eq!((choice.scope.shard.ordinal, choice.scope.shard.total), (1, 3));
    assert_eq!(choice.budgets, [("pods".to_owned(), 500)]);
    let constant = String::from_utf8(choice.selection::<Pod>().constant.into()).unwrap();
    assert!(constant.contains("cluster=\"a,b\"") && constant.contains("region=\"1\""), "{constant}");
    let replica = config.replica.unwrap();
    assert_eq!((replica.namespace.as_str(), replica.pod.as_str()), ("monitoring", "kstate-0"));
}

#[test]
fn the_file_counts_more_than_flags_as_far_as_it_goes() {
    let mut flags = ExporterArgs::default();
    for (flag, text) in
        [("port", "1"), ("resources", "nodes"), ("namespaces", "a"), ("metric-denylist", "x,y")]
    {
        flags.set(flag, &Setting::Text(text.to_owned())).unwrap();
    }
    for (content, port, resources, namespaces) in [
        ("", 1, "nodes", "a"),
        ("# nothing\n", 1, "nodes", "a"),
        ("{}", 1, "nodes", "a"),
        ("port: 2", 2, "nodes", "a"),
        ("---\nport: 2\n---\n", 2, "nodes", "a"),
        ("port:", 1, "nodes", "a"),
        ("resources: {pods: {}}", 1, "pods", "a"),
        ("resources: [pods]", 1, "pods", "a"),
        // kube-state-metrics takes empty maps for missing ones, but empty lists for lists.
        ("resources: {}\nnamespaces: []", 1, "nodes", ""),
        ("namespaces: {b: {}}", 1, "nodes", "b"),
    ] {
        let config = over(&flags, content, true).unwrap().config;
        assert_eq!(config.serving.main.1, port, "{content}");
        assert_eq!(kinds(&config.selection).join(","), resources, "{content}");
        assert_eq!(config.selection.scope.namespaces.join(","), namespaces, "{content}");
    }
}

#[test]
fn a_regular_expression_may_have_commas() {
    let served = |content: &str| kinds(&config(content).selection).len();
    assert_eq!(served("metric_allowlist: {'^kube_node_inf.{0,2}$': {}}"), 1);
    assert_eq!(served("metric_allowlist: ['^kube_node_inf.{0,1}$', '^kube_pod_inf.{0,1}$']"), 2);
}

#[test]
fn mistakes_are_told_with_their_lines() {
    for (content, wanted) in [
        (
            "port: eighty",
            &["k.yml:1: port: \"eighty\" doesn't do: a whole number from 0 to 65535 is needed"][..],
        ),
        ("# x\nport: [1]", &["k.yml:2: port: a whole number, such as 8080, is needed"]),
        ("port: |\n  1\n  2\n", &["k.yml:1: port: \"1 2 \" doesn't do"]),
        ("port: 65536", &["k.yml:1: port: \"65536\" doesn't do: a whole number from 0 to 65535 is needed"]),
        ("auth_filter: maybe", &["k.yml:1: auth_filter: \"maybe\" doesn't do: a boolean is true or false"]),
        ("server_read_timeout: 5", &["k.yml:1: server_read_timeout: \"5\" doesn't do: a duration is needed"]),
        ("profile: fat", &["k.yml:1: profile: \"fat\" is none of full, lean, mixin"]),
        ("resources: pods", &["k.yml:1: resources: a map such as {pods: {}, nodes: {}} is needed"]),
        ("resources:\n  pods: 1", &["k.yml:2: resources: nothing may stand behind \"pods\" but {}"]),
        (
            "resources: {pods: {},\n  pod: {}}",
            &["k.yml:2: resources: has no kind \"pod\"; did you mean \"pods\"?"],
        ),
        ("labels_allow_list: [pods]", &["k.yml:1: labels_allow_list: a map of lists"]),
        ("labels_allow_list:\n  pods: app", &["k.yml:2: labels_allow_list: \"pods\" has no list of keys"]),
        ("labels_allow_list:\n  pods: ['a,b']", &["k.yml:2: labels_allow_list: \"a,b\" is no key"]),
        ("\nlabels_allow_list:\n  pod: [a]", &["k.yml:3: labels_allow_list: has no kind \"pod\""]),
        (
            "series_budget: {\n pods: many}",
            &["k.yml:2: series_budget: needs a number of series for \"pods\""],
        ),
        (
            "external_labels: {a: b,\n pod: x}",
            &["k.yml:2: external_labels: has \"pod\", which is a label of"],
        ),
        (
            "metric_denylist:\n  ok: {}\n  '(': {}",
            &["k.yml:3: metric_denylist: \"(\" is no ECMAScript regular expression"],
        ),
        (
            "metric_allowlist: {a: {}}\nmetric_denylist: {b: {}}",
            &["k.yml:1: metric_allowlist: (a) and metric_denylist (b) exclude each other"],
        ),
        (
            "total_shards: 2\nshard: 2",
            &["k.yml:2: shard: 2 is none of total_shards=2: it has to be from 0 to 1"],
        ),
        ("shard: 2", &["k.yml:1: shard: 2 is none of --total-shards=1"]),
        ("a: [", &["k.yml:1: unclosed bracket '['"]),
        ("port: 1\nport: 2", &["k.yml:2: port: the key is there twice"]),
        ("port: 1\n---\nport: 2", &["k.yml:3: the file has more than one document"]),
        ("- port", &["k.yml:1: the file has to be a map of keys"]),
        ("pod_namespace: a", &["k.yml:1: pod_namespace: the key is unknown; did you mean namespace?"]),
        ("prot: 1", &["k.yml:1: prot: the key is unknown; did you mean port?"]),
        ("zzz: 1", &["k.yml:1: zzz: the key is unknown; metrics-docs/configuration.md lists"]),
        (
            "prot: 1\nport: x\nresources: {pod: {}}\nshard: 4\nnode: []",
            &["k.yml:1: prot", "k.yml:2: port", "k.yml:3: resources", "k.yml:4: shard", "k.yml:5: node"],
        ),
    ] {
        let findings = over(&ExporterArgs::default(), content, true).expect_err(content);
        assert_eq!(findings.len(), wanted.len(), "{content}: {findings:#?}");
        for (finding, wanted) in findings.iter().zip(wanted) {
            assert!(finding.starts_with(wanted) && finding.lines().count() == 1, "{content}: {finding}");
        }
    }
}

#[test]
fn what_only_flags_say_is_said_of_flags() {
    let mut flags = ExporterArgs::default();
    flags.set("metric-allowlist", &Setting::Text("a".to_owned())).unwrap();
    let said = |content| over(&flags, content, true).unwrap_err().remove(0);
    assert!(
        said("\nmetric_denylist: {b: {}}")
            .starts_with("k.yml:2: metric_denylist: --metric-allowlist (a) and metric_denylist (b) exclude"),
    );
    flags.set("shard", &Setting::Text("1".to_owned())).unwrap();
    let said = over(&flags, "port: 1", true).unwrap_err().remove(0);
    assert!(said.starts_with("--shard=1 is none of --total-shards=1"), "{said}");
}

#[test]
fn unknown_keys_are_mistakes_only_where_they_are_to_be() {
    let understood = over(&ExporterArgs::default(), "port: 5\nprot: 1", false).unwrap();
    assert_eq!(understood.config.serving.main.1, 5);
    let unknown: Vec<String> = understood.unknown.iter().map(ToString::to_string).collect();
    assert_eq!(unknown, ["k.yml:2: prot: the key is unknown; did you mean port?"]);
}
