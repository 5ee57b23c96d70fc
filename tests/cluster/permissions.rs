//! An account that may not read everything.

use crate::harness::{
    Cluster, EXPORTER, Exporter, KINDS, assert_settles, difference, dump, load, reference_objects, rendered,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{fmt::Debug, time::Duration};

const FORBIDDEN: &str = "deployments";
/// A kind that is forbidden is tried again after 30 s at first.
const JOINED: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_kind_is_named_and_joins_whole_once_it_is_allowed() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    allow(&client, |kind| kind != FORBIDDEN).await;
    let kubeconfig = cluster.kubeconfig_through(cluster.port(), EXPORTER);
    let exporter = Exporter::start_ready(&kubeconfig, &[]).await;

    let all = rendered(&dump(&cluster), &[]);
    let others: String =
        all.lines().filter(|line| !is_of_forbidden(line)).map(|line| format!("{line}\n")).collect();
    let scraped = exporter.scrape().await;
    let samples: String =
        scraped.lines().filter(|line| !is_of_forbidden(line)).map(|line| format!("{line}\n")).collect();
    assert_eq!(difference(&others, &samples), "", "the other kinds");
    assert!(!scraped.lines().any(|line| line.starts_with("kube_deployment_")), "half a kind is served");

    for kind in KINDS {
        let forbidden = kind == FORBIDDEN;
        for (series, expected) in [
            (format!("kstate_resource_state{{resource=\"{kind}\",state=\"forbidden\"}}"), forbidden),
            (format!("kstate_resource_state{{resource=\"{kind}\",state=\"complete\"}}"), !forbidden),
            (format!("kstate_resource_complete{{resource=\"{kind}\"}}"), !forbidden),
        ] {
            assert_eq!(exporter.self_metric(&series).await, Some(f64::from(u8::from(expected))), "{series}");
        }
    }
    assert_one_line_names_it(&exporter);

    allow(&client, |_| true).await;
    assert_settles(&cluster, &exporter, JOINED).await;
    exporter.stop();
}

fn is_of_forbidden(line: &str) -> bool {
    let line = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
    line.starts_with("kube_deployment_")
}

/// One line says that the metrics are served without the kind, and no line warns of another one.
fn assert_one_line_names_it(exporter: &Exporter) {
    let log = exporter.log();
    let warnings: Vec<&String> = log.iter().filter(|line| line.contains("WARN")).collect();
    let served_without = |line: &&&String| line.contains("Metrics are served without");
    let naming: Vec<_> = warnings.iter().filter(served_without).collect();
    assert_eq!(naming.len(), 1, "{log:#?}");
    assert!(
        warnings.iter().all(|line| line.contains(FORBIDDEN) && line.contains("forbidden")),
        "{warnings:#?}"
    );
}

/// Allows the exporter to read kinds, and only these.
async fn allow(client: &Client, kinds: fn(&str) -> bool) {
    let resources: Vec<&str> = KINDS.into_iter().filter(|kind| kinds(kind)).collect();
    let rules =
        json!([{ "apiGroups": ["", "apps", "batch"], "resources": resources, "verbs": ["list", "watch"] }]);
    let role: ClusterRole = object(json!({ "metadata": { "name": "exporter" }, "rules": rules }));
    let binding: ClusterRoleBinding = object(json!({
        "metadata": { "name": "exporter" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "exporter" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": EXPORTER.user }],
    }));
    let roles: Api<ClusterRole> = Api::all(client.clone());
    if roles.get_opt("exporter").await.unwrap().is_some() {
        let patch = Patch::Merge(json!({ "rules": rules }));
        roles.patch("exporter", &PatchParams::default(), &patch).await.unwrap();
    } else {
        roles.create(&PostParams::default(), &role).await.unwrap();
        Api::all(client.clone()).create(&PostParams::default(), &binding).await.unwrap();
    }
}

fn object<K: Serialize + DeserializeOwned + Clone + Debug>(json: serde_json::Value) -> K {
    serde_json::from_value(json).unwrap()
}
