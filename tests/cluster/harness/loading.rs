//! Writing objects into a cluster.

use super::objects::{api_of, name_in_path};
use futures::{StreamExt as _, stream};
use kube::{
    Api, Client, Error,
    api::{DeleteParams, DynamicObject, PostParams},
};
use serde_json::{Value, json};
use std::fmt;

/// As many objects are written at the same time.
const WRITERS: usize = 16;
/// As many refusals as a failure shows.
const SHOWN: usize = 20;

/// What only a server may say of an object.
const SERVERS: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// Creates objects with their states, namespaces first. Those that were being deleted are deleted
/// here too.
pub(crate) async fn load(client: &Client, objects: Vec<Value>) {
    let (namespaces, others): (Vec<Value>, Vec<Value>) =
        objects.into_iter().partition(|object| object["kind"] == "Namespace");
    let mut refused = Vec::new();
    for objects in [namespaces, others] {
        let writing = stream::iter(objects).map(|object| {
            let client = client.clone();
            tokio::spawn(async move {
                match write(&client, object).await {
                    // The server makes some objects for itself.
                    Err(Refusal { code: 409, .. }) => Ok(()),
                    result => result,
                }
            })
        });
        let results: Vec<_> = writing.buffer_unordered(WRITERS).collect().await;
        refused.extend(results.into_iter().filter_map(|result| result.unwrap().err()));
    }
    assert_none_refused(&refused);
}

/// Panics with the reasons when something was refused.
pub(crate) fn assert_none_refused(refused: &[Refusal]) {
    let shown: Vec<String> = refused.iter().take(SHOWN).map(ToString::to_string).collect();
    assert!(refused.is_empty(), "{} objects are refused:\n{}", refused.len(), shown.join("\n"));
}

/// What the server didn't do, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: u16,
    what: &'static str,
    reason: String,
    object: Value,
}

impl Refusal {
    /// What was to be done with an object.
    pub(crate) fn new(what: &'static str, error: &Error, object: &Value) -> Self {
        let (code, reason) = match error {
            Error::Api(status) => (status.code, status.message.clone()),
            error => (0, error.to_string()),
        };
        Self { code, what, reason, object: object.clone() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.what, self.reason, self.object)
    }
}

/// Creates one object with its state.
pub(crate) async fn write(client: &Client, mut object: Value) -> Result<(), Refusal> {
    let original = object.clone();
    let refused = |what, error| Refusal::new(what, &error, &original);
    let metadata = object["metadata"].as_object_mut().unwrap();
    let deleted = metadata.contains_key("deletionTimestamp");
    for field in SERVERS {
        metadata.remove(field);
    }
    let (api, name) = (api_of(client, &object), name_in_path(&object));
    let ephemeral = object["spec"].as_object_mut().and_then(|spec| spec.remove("ephemeralContainers"));
    let status = object.as_object_mut().unwrap().remove("status");
    make_creatable(&mut object);

    let object: DynamicObject = serde_json::from_value(object).unwrap();
    let created = api.create(&PostParams::default(), &object).await;
    let mut there = created.map_err(|error| refused("creation", error))?;
    if let Some(containers) = ephemeral {
        there.data["spec"]["ephemeralContainers"] = containers;
        let replaced = replace(&api, "ephemeralcontainers", &name, &there).await;
        there = replaced.map_err(|error| refused("ephemeral containers", error))?;
    }
    if deleted {
        // Finalizers keep it. Some states may only be had by an object that is being deleted.
        let result = api.delete(&name, &DeleteParams::default()).await;
        result.map_err(|error| refused("deletion", error))?;
        there = api.get(&name).await.map_err(|error| refused("reading", error))?;
    }
    if let Some(status) = status {
        there.data["status"] = status;
        if let Some(approval) = approval(&there) {
            let approved = replace(&api, "approval", &name, &approval).await;
            let approved = approved.map_err(|error| refused("approval", error))?;
            there.metadata = approved.metadata;
        }
        replace(&api, "status", &name, &there).await.map_err(|error| refused("status", error))?;
    }
    Ok(())
}

/// A request for a certificate with nothing but the conditions that say whether it is approved,
/// which have a subresource of their own.
fn approval(object: &DynamicObject) -> Option<DynamicObject> {
    let kind = &object.types.as_ref()?.kind;
    let conditions = object.data["status"]["conditions"].as_array()?;
    let decisions: Vec<&Value> =
        conditions.iter().filter(|c| c["type"] == "Approved" || c["type"] == "Denied").collect();
    if kind != "CertificateSigningRequest" || decisions.is_empty() {
        return None;
    }
    let mut approval = object.clone();
    approval.data["status"] = json!({ "conditions": decisions });
    Some(approval)
}

/// Takes away what the server has put into a specification and doesn't accept from others.
fn make_creatable(object: &mut Value) {
    let remove = |object: &mut Value, path: &str, field: &str| {
        if let Some(map) = object.pointer_mut(path).and_then(Value::as_object_mut) {
            map.remove(field);
        }
    };
    match object["kind"].as_str().unwrap() {
        "Job" if object["spec"]["manualSelector"] != true => {
            remove(object, "/spec", "selector");
            for label in ["batch.kubernetes.io/controller-uid", "controller-uid"] {
                remove(object, "/spec/template/metadata/labels", label);
            }
        }
        "Service" if object["spec"]["clusterIP"] != "None" => {
            for field in ["clusterIP", "clusterIPs"] {
                remove(object, "/spec", field);
            }
        }
        _ => {}
    }
}

async fn replace(
    api: &Api<DynamicObject>,
    part: &str,
    name: &str,
    object: &DynamicObject,
) -> Result<DynamicObject, Error> {
    api.replace_subresource(part, name, &PostParams::default(), object).await
}
