//! An account that may not read everything.

use crate::harness::{
    Cluster, EXPORTER, Exporter, assert_joins_whole, difference, dump, eventually, kinds, load,
    reference_objects, rendered,
};
use k8s_openapi::api::{
    authorization::v1::SubjectAccessReview,
    rbac::v1::{ClusterRole, ClusterRoleBinding},
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{fmt::Debug, time::Duration};

const FORBIDDEN: &str = "deployments";
/// A kind that is forbidden is tried again after 30 s at first.
const JOINED: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_kind_is_named_and_joins_whole_once_it_is_allowed() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    allow(&client, |kind| kind != FORBIDDEN).await;
    let kubeconfig = cluster.kubeconfig_through(cluster.port(), EXPORTER);
    let exporter = Exporter::start_ready(&kubeconfig, &[]).await;

    let all = rendered(&dump(&cluster), &[]);
    let scraped = exporter.scrape().await;
    assert_eq!(difference(&without_forbidden(&all), &without_forbidden(&scraped)), "", "the other kinds");
    assert!(!scraped.lines().any(|line| line.starts_with("kube_deployment_")), "half a kind is served");

    for kind in kinds() {
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
    assert_joins_whole(&cluster, &exporter, "kube_deployment_created", JOINED).await;
    exporter.stop();
}

fn without_forbidden(exposition: &str) -> String {
    let of_another = |line: &&str| {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        !name.starts_with("kube_deployment_")
    };
    exposition.lines().filter(of_another).collect::<Vec<_>>().join("\n")
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
async fn allow(client: &Client, allowed: fn(&str) -> bool) {
    let resources: Vec<&str> = kinds().filter(|kind| allowed(kind)).collect();
    let rules = json!([{ "apiGroups": ["*"], "resources": resources, "verbs": ["list", "watch"] }]);
    let role: ClusterRole = object(json!({ "metadata": { "name": "exporter" }, "rules": rules }));
    let binding: ClusterRoleBinding = object(json!({
        "metadata": { "name": "exporter" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "exporter" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": EXPORTER.user }],
    }));
    let all: Api<ClusterRole> = Api::all(client.clone());
    if all.get_opt("exporter").await.unwrap().is_some() {
        let patch = Patch::Merge(json!({ "rules": rules }));
        all.patch("exporter", &PatchParams::default(), &patch).await.unwrap();
    } else {
        all.create(&PostParams::default(), &role).await.unwrap();
        Api::all(client.clone()).create(&PostParams::default(), &binding).await.unwrap();
    }
    // The server follows its own rules with a delay.
    for (group, resource) in [("", "pods"), ("apps", "deployments"), ("batch", "jobs")] {
        eventually("the new permissions", Duration::from_secs(10), async || {
            let now = is_allowed(client, group, resource).await;
            if now == allowed(resource) { Ok(()) } else { Err(format!("{resource}: {now}")) }
        })
        .await;
    }
}

async fn is_allowed(client: &Client, group: &str, resource: &str) -> bool {
    let attributes = json!({ "verb": "list", "group": group, "resource": resource });
    let review: SubjectAccessReview = object(
        json!({ "metadata": {}, "spec": { "user": EXPORTER.user, "resourceAttributes": attributes } }),
    );
    let reviews: Api<SubjectAccessReview> = Api::all(client.clone());
    reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap().allowed
}

fn object<K: Serialize + DeserializeOwned + Clone + Debug>(json: serde_json::Value) -> K {
    serde_json::from_value(json).unwrap()
}
