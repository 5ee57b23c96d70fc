//! Writing objects into a cluster.

use super::objects::{api, plural};
use futures::{StreamExt as _, stream};
use kube::{
    Api, Client, Error,
    api::{DeleteParams, DynamicObject, PostParams},
};
use serde_json::Value;

/// As many objects are written at the same time.
const WRITERS: usize = 16;

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
    for objects in [namespaces, others] {
        let writing = stream::iter(objects).map(|object| {
            let client = client.clone();
            tokio::spawn(async move { write(&client, object).await })
        });
        let results: Vec<_> = writing.buffer_unordered(WRITERS).collect().await;
        for result in results {
            result.unwrap();
        }
    }
}

async fn write(client: &Client, mut object: Value) {
    let metadata = object["metadata"].as_object_mut().unwrap();
    let deleted = metadata.contains_key("deletionTimestamp");
    for field in SERVERS {
        metadata.remove(field);
    }
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    let kind = plural(&object).unwrap();
    let api = api(client, kind, &namespace);
    let ephemeral = object["spec"].as_object_mut().and_then(|spec| spec.remove("ephemeralContainers"));
    let status = object.as_object_mut().unwrap().remove("status");
    make_creatable(kind, &mut object);

    let object: DynamicObject = serde_json::from_value(object).unwrap();
    let mut there = match api.create(&PostParams::default(), &object).await {
        Ok(created) => created,
        // The server makes some namespaces and a service for itself.
        Err(Error::Api(status)) if status.code == 409 => return,
        Err(error) => panic!("{kind} {namespace}/{name} can't be created: {error}"),
    };
    if let Some(containers) = ephemeral {
        there.data["spec"]["ephemeralContainers"] = containers;
        there = replace(&api, "ephemeralcontainers", kind, &there).await;
    }
    if deleted {
        // Finalizers keep it. Some states may only be had by an object that is being deleted.
        let result = api.delete(&name, &DeleteParams::default()).await;
        result.unwrap_or_else(|error| panic!("{kind} {namespace}/{name} can't be deleted: {error}"));
        there = api.get(&name).await.unwrap();
    }
    if let Some(status) = status {
        there.data["status"] = status;
        replace(&api, "status", kind, &there).await;
    }
}

/// Takes away what the server has put into a specification and doesn't accept from others.
fn make_creatable(kind: &str, object: &mut Value) {
    let remove = |object: &mut Value, path: &str, field: &str| {
        if let Some(map) = object.pointer_mut(path).and_then(Value::as_object_mut) {
            map.remove(field);
        }
    };
    match kind {
        "jobs" if object["spec"]["manualSelector"] != true => {
            remove(object, "/spec", "selector");
            for label in ["batch.kubernetes.io/controller-uid", "controller-uid"] {
                remove(object, "/spec/template/metadata/labels", label);
            }
        }
        "services" if object["spec"]["clusterIP"] != "None" => {
            for field in ["clusterIP", "clusterIPs"] {
                remove(object, "/spec", field);
            }
        }
        _ => {}
    }
}

async fn replace(api: &Api<DynamicObject>, part: &str, kind: &str, object: &DynamicObject) -> DynamicObject {
    let name = object.metadata.name.as_deref().unwrap();
    api.replace_subresource(part, name, &PostParams::default(), object)
        .await
        .unwrap_or_else(|error| panic!("the {part} of {kind} {name} can't be written: {error}"))
}
