//! Service accounts and what they may do.

use super::Cluster;
use k8s_openapi::api::{
    core::v1::ServiceAccount,
    rbac::v1::{ClusterRole, ClusterRoleBinding},
};
use kube::{Api, Client, api::PostParams};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

/// A new service account's token.
pub(crate) async fn token(cluster: &Cluster, client: &Client, name: &str) -> String {
    let account: ServiceAccount = object(json!({ "metadata": { "name": name } }));
    Api::namespaced(client.clone(), "default").create(&PostParams::default(), &account).await.unwrap();
    let token = cluster.kubectl(&["create", "token", name, "--namespace=default"]);
    String::from_utf8(token).unwrap().trim().to_owned()
}

/// Gives somebody leave, by a role and a binding of this name.
pub(crate) async fn allow(client: &Client, name: &str, subject: &Value, rules: Value) {
    let role: ClusterRole = object(json!({ "metadata": { "name": name }, "rules": rules }));
    let binding: ClusterRoleBinding = object(json!({
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
        "subjects": [subject],
    }));
    Api::all(client.clone()).create(&PostParams::default(), &role).await.unwrap();
    Api::all(client.clone()).create(&PostParams::default(), &binding).await.unwrap();
}

fn object<K: Serialize + DeserializeOwned + Clone + Debug>(json: Value) -> K {
    serde_json::from_value(json).unwrap()
}
