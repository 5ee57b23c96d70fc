//! Pods, as a controller and the scheduler make them from a template.

use serde_json::{Value, json};

use super::dice::{Dice, time};

/// What makes one pod different from the others of its template.
#[derive(Debug)]
pub(in super::super) struct Identity<'a> {
    pub(in super::super) namespace: &'a str,
    pub(in super::super) name: String,
    /// The controller; a pod without one was created by hand.
    pub(in super::super) owner: Option<OwnerReference<'a>>,
    /// Unix seconds.
    pub(in super::super) created: i64,
    /// The node; empty while the pod is not scheduled.
    pub(in super::super) node: String,
}

/// The controller of an object.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct OwnerReference<'a> {
    pub(in super::super) api_version: &'a str,
    pub(in super::super) kind: &'a str,
    pub(in super::super) name: &'a str,
    pub(in super::super) uid: &'a str,
}

impl OwnerReference<'_> {
    /// As it stands in the metadata of what is owned.
    pub(in super::super) fn to_json(self) -> Value {
        json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
            "uid": self.uid,
            "controller": true,
            "blockOwnerDeletion": true,
        })
    }
}

/// A pod without a status.
pub(in super::super) fn pod(template: &Value, identity: &Identity<'_>, dice: &mut Dice) -> Value {
    let mut metadata = template["metadata"].clone();
    metadata["namespace"] = json!(identity.namespace);
    metadata["name"] = json!(identity.name);
    metadata["uid"] = json!(dice.uid());
    metadata["generation"] = json!(1);
    metadata["creationTimestamp"] = time(identity.created);
    if let Some(owner) = identity.owner {
        metadata["ownerReferences"] = json!([owner.to_json()]);
        // What a controller makes is named by the server, but for stateful sets.
        if owner.kind != "StatefulSet"
            && let Some((prefix, _)) = identity.name.rsplit_once('-')
        {
            metadata["generateName"] = json!(format!("{prefix}-"));
        }
    }
    let mut spec = template["spec"].clone();
    let token = format!("kube-api-access-{}", dice.suffix(5, 0));
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            if let Some(mounts) = container["volumeMounts"].as_array_mut() {
                let path = "/var/run/secrets/kubernetes.io/serviceaccount";
                mounts.push(json!({"name": token, "mountPath": path, "readOnly": true}));
            }
        }
    }
    if let Some(volumes) = spec["volumes"].as_array_mut() {
        volumes.push(token_volume(&token));
    }
    if !identity.node.is_empty() {
        spec["nodeName"] = json!(identity.node);
    }
    json!({"metadata": metadata, "spec": spec})
}

/// Binds a pod of a stateful set to its claim and host name.
pub(in super::super) fn bind_claim(pod: &mut Value, claim: &str) {
    pod["spec"]["hostname"] = pod["metadata"]["name"].clone();
    if let Some(volumes) = pod["spec"]["volumes"].as_array_mut() {
        volumes.insert(0, json!({"name": "data", "persistentVolumeClaim": {"claimName": claim}}));
    }
    if let Some(mounts) = pod["spec"]["containers"][0]["volumeMounts"].as_array_mut() {
        mounts.push(json!({"name": "data", "mountPath": "/var/lib/data"}));
    }
}

/// The volume with a service account's token that the API server adds to every pod.
fn token_volume(name: &str) -> Value {
    json!({
        "name": name,
        "projected": {
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [
                    {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
                ]}},
            ],
        },
    })
}
