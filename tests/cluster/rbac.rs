//! What `kstate rbac` prints, applied to a real API server and taken away piece by piece.

use crate::harness::{Account, Cluster, Exporter, api_of, eventually};
use k8s_openapi::api::{
    authentication::v1::TokenRequest,
    authorization::v1::SubjectAccessReview,
    core::v1::ServiceAccount,
    rbac::v1::{ClusterRole, PolicyRule, Role},
};
use kstate::{catalog::KINDS, resource::Names};
use kube::{
    Api, Client, Resource,
    api::{Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{fmt::Debug, fs, path::PathBuf, process::Command, time::Duration};

/// The account that permissions are for where no other is named.
const NAMESPACE: &str = "kube-system";
const ACCOUNT: &str = "kstate";
const ROLE: &str = "kube-system:kstate";

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_role_is_enough_and_nothing_of_it_is_too_much() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let kubeconfig = account(&cluster, &client).await;
    let all = plurals(|_| true);
    let flags = [&*format!("--resources={}", all.join(","))];
    apply(&cluster, &flags);
    settle(&client, None, &all, None).await;
    assert_reads(&kubeconfig, &flags, None).await;

    let roles: Api<ClusterRole> = Api::all(client.clone());
    let whole = roles.get(ROLE).await.unwrap().rules.unwrap();
    for missing in &all {
        replace_rules(&roles, &without(&whole, missing)).await;
        settle(&client, None, &all, Some(missing)).await;
        assert_reads(&kubeconfig, &flags, Some(missing)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_of_namespaces_are_enough_and_nothing_of_them_is_too_much() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let kubeconfig = account(&cluster, &client).await;
    cluster.kubectl(&["create", "namespace", "other"]);
    let all = plurals(|_| true);
    let flags = [&*format!("--resources={}", all.join(",")), "--namespaces=default,other"];
    apply(&cluster, &flags);
    let (namespaced, global) = (plurals(|names| names.namespaced), plurals(|names| !names.namespaced));
    for namespace in ["default", "other"] {
        settle(&client, Some(namespace), &namespaced, None).await;
    }
    settle(&client, None, &global, None).await;
    assert_reads(&kubeconfig, &flags, None).await;

    let everywhere = review(&client, None, "", "pods").await;
    assert!(!everywhere, "pods of other namespaces may be read");
    let roles: Api<Role> = Api::namespaced(client.clone(), "other");
    let whole = roles.get(ROLE).await.unwrap().rules.unwrap();
    for missing in ["pods", "deployments"] {
        replace_rules(&roles, &without(&whole, missing)).await;
        settle(&client, Some("other"), &namespaced, Some(missing)).await;
        assert_reads(&kubeconfig, &flags, Some(missing)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_are_read_as_far_as_that_is_allowed() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let kubeconfig = account(&cluster, &client).await;
    let flags = ["--resources=pods", "--metric-opt-in-list=^kube_pod_workload$"];
    apply(&cluster, &flags);
    settle(&client, None, &["pods", "replicasets", "deployments", "statefulsets", "jobs"], None).await;
    assert!(!review(&client, None, "", "services").await, "too much may be read");

    let create = async |object: serde_json::Value| {
        let api = api_of(&client, &object);
        let made =
            api.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        let types = made.types.unwrap();
        json!([{
            "apiVersion": types.api_version,
            "kind": types.kind,
            "name": made.metadata.name,
            "uid": made.metadata.uid,
            "controller": true,
        }])
    };
    let object = |api_version: &str, kind: &str, name: &str, owners: &serde_json::Value| {
        let pod = json!({ "containers": [{ "name": "main", "image": "example.com/main:1" }] });
        let template = json!({ "metadata": { "labels": { "app": "a" } }, "spec": pod });
        let spec = if kind == "Pod" {
            pod
        } else {
            json!({ "selector": { "matchLabels": { "app": "a" } }, "template": template })
        };
        let metadata = json!({ "name": name, "namespace": "default", "ownerReferences": owners });
        json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec })
    };
    // A kind that the account may read nothing of, and one that there isn't.
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": "secluded", "namespace": "default" },
        "spec": { "ports": [{ "port": 80 }] },
    });
    let secluded = create(service).await;
    let absent = json!([{
        "apiVersion": "example.com/v1", "kind": "Absent", "name": "absent", "uid": "absent", "controller": true,
    }]);
    for (name, owners) in [("web", json!([])), ("hidden", secluded), ("lost", absent)] {
        let deployment = create(object("apps/v1", "Deployment", name, &owners)).await;
        let set = create(object("apps/v1", "ReplicaSet", name, &deployment)).await;
        create(object("v1", "Pod", name, &set)).await;
    }

    let exporter = Exporter::start_ready(&kubeconfig, &flags).await;
    let text = exporter.scrape().await;
    for (pod, top_kind, top) in
        [("web", "Deployment", "web"), ("hidden", "Service", "secluded"), ("lost", "Absent", "absent")]
    {
        let workload = format!(
            r#"workload_kind="Deployment",workload_name="{pod}",top_owner_kind="{top_kind}",top_owner_name="{top}"}} 1"#
        );
        let line = text
            .lines()
            .find(|line| line.starts_with("kube_pod_workload{") && line.contains(&format!(r#"pod="{pod}""#)));
        assert!(line.is_some_and(|line| line.ends_with(&workload)), "{workload}: {line:?}");
    }
    let log = exporter.log().join("\n");
    assert!(log.contains("does not say how this kind of owners is read"), "{log}");
    exporter.stop();
}

/// The kinds of a sort.
fn plurals(sort: fn(Names) -> bool) -> Vec<&'static str> {
    KINDS.iter().filter(|kind| sort(kind.names)).map(|kind| kind.names.plural).collect()
}

/// Makes the service account and a kubeconfig with a token of it.
async fn account(cluster: &Cluster, client: &Client) -> PathBuf {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), NAMESPACE);
    let account = object(json!({ "metadata": { "name": ACCOUNT } }));
    accounts.create(&PostParams::default(), &account).await.unwrap();
    let request: TokenRequest = object(json!({ "metadata": {}, "spec": { "audiences": [] } }));
    let made = accounts.create_token_request(ACCOUNT, &PostParams::default(), &request).await.unwrap();
    // It lives as long as the test.
    let token: &str = made.status.unwrap().token.unwrap().leak();
    cluster.kubeconfig_through(cluster.port(), Account { user: ACCOUNT, token, group: "" })
}

/// Applies what the command prints, as an operator would.
fn apply(cluster: &Cluster, flags: &[&str]) {
    let printed = Command::new(env!("CARGO_BIN_EXE_kstate")).arg("rbac").args(flags).output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let file = cluster.folder().join("rbac.yaml");
    fs::write(&file, &printed.stdout).unwrap();
    cluster.kubectl(&["apply", "-f", file.to_str().unwrap()]);
}

fn without(rules: &[PolicyRule], missing: &str) -> Vec<PolicyRule> {
    let mut rules = rules.to_vec();
    for rule in &mut rules {
        rule.resources.as_mut().unwrap().retain(|resource| resource != missing);
    }
    rules.retain(|rule| rule.resources.as_ref().is_some_and(|resources| !resources.is_empty()));
    rules
}

async fn replace_rules<K>(api: &Api<K>, rules: &[PolicyRule])
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
{
    let patch = Patch::Merge(json!({ "rules": rules }));
    api.patch(ROLE, &PatchParams::default(), &patch).await.unwrap();
}

/// Waits until the server, which follows its own rules with a delay, allows all kinds but one.
async fn settle(client: &Client, namespace: Option<&str>, plurals: &[&str], missing: Option<&str>) {
    for plural in plurals {
        let group = KINDS.iter().find(|kind| kind.names.plural == *plural).unwrap().names.group;
        eventually("the new permissions", Duration::from_secs(20), async || {
            let allowed = review(client, namespace, group, plural).await;
            if allowed == (missing != Some(plural)) { Ok(()) } else { Err(format!("{plural}: {allowed}")) }
        })
        .await;
    }
}

/// Whether the account may watch a kind.
async fn review(client: &Client, namespace: Option<&str>, group: &str, resource: &str) -> bool {
    let attributes = json!({ "verb": "watch", "namespace": namespace, "group": group, "resource": resource });
    let user = format!("system:serviceaccount:{NAMESPACE}:{ACCOUNT}");
    let review: SubjectAccessReview =
        object(json!({ "metadata": {}, "spec": { "user": user, "resourceAttributes": attributes } }));
    let reviews: Api<SubjectAccessReview> = Api::all(client.clone());
    reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap().allowed
}

/// Starts the exporter, which has to become ready, and to name the one kind that it may not read.
async fn assert_reads(kubeconfig: &std::path::Path, flags: &[&str], missing: Option<&str>) {
    let exporter = Exporter::start_ready(kubeconfig, flags).await;
    let forbidden = missing.map(|missing| format!("resource=\"{missing}\" reason=\"forbidden\""));
    let log = exporter.log();
    let named: Vec<&String> = log.iter().filter(|line| line.contains("served without")).collect();
    assert_eq!(named.len(), forbidden.iter().count(), "{log:#?}");
    assert!(forbidden.iter().all(|forbidden| named[0].contains(forbidden)), "{named:#?}: {forbidden:?}");
    for kind in KINDS {
        let plural = kind.names.plural;
        let series = format!("kstate_resource_complete{{resource=\"{plural}\"}}");
        let complete = exporter.self_metric(&series).await;
        assert_eq!(complete, Some(f64::from(u8::from(missing != Some(plural)))), "{series}");
    }
    exporter.stop();
}

fn object<K: DeserializeOwned>(json: serde_json::Value) -> K {
    serde_json::from_value(json).unwrap()
}
