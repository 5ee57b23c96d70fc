//! The shard of a process that is a replica of a `StatefulSet`: its place and their number.

use crate::{
    config::Replica,
    shard::{Placement, Shard},
    watch::{Clients, Request, Tuning, informer},
    wire::{Context, ObjectMeta},
};
use anyhow::{Context as _, anyhow, bail};
use futures::{Stream, StreamExt as _};
use kube::Error;
use kube_runtime::watcher::Event;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

/// Our shard, as often as the `StatefulSet` changes. It never ends.
pub(super) type Shards = Pin<Box<dyn Stream<Item = Shard> + Send>>;

/// How long to wait until the server is asked again.
const AGAIN: Duration = Duration::from_secs(2);

crate::wire! {
    /// `apps/v1.StatefulSet`, reduced to the number of its replicas.
    pub struct ReplicatedSet {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ReplicatedSpec = 2,
    }

    /// `apps/v1.StatefulSetSpec`, reduced.
    pub struct ReplicatedSpec {
        /// The number of replicas; one where it is missing.
        replicas: Option<i32> = 1,
    }
}
crate::local_object!(ReplicatedSet);

/// What is read of our own pod.
#[derive(Deserialize)]
struct OwnPod {
    metadata: OwnMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnMetadata {
    #[serde(default)]
    owner_references: Vec<Owner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    api_version: String,
    kind: String,
    name: String,
    #[serde(default)]
    controller: bool,
}

/// Our shard now, and what becomes of it. A server that can't be reached is waited for as long as
/// `patience`.
pub(super) async fn follow(
    clients: &Clients,
    replica: &Replica,
    placement: Placement,
    patience: Duration,
    tuning: &Tuning,
) -> anyhow::Result<(Shard, Shards)> {
    let Replica { namespace, pod } = replica;
    let deadline = Instant::now() + patience;
    let found: OwnPod = get(clients, &format!("/api/v1/namespaces/{namespace}/pods/{pod}"), deadline)
        .await
        .with_context(|| format!("--pod: the pod {namespace}/{pod}"))?;
    let name = owner(found.metadata.owner_references)
        .with_context(|| format!("--pod: the pod {namespace}/{pod} belongs to no StatefulSet"))?;
    let ordinal = ordinal(&name, pod)?;
    let sets = format!("/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}");
    let set: ReplicatedSet = get(clients, &sets, deadline)
        .await
        .with_context(|| format!("--pod: the StatefulSet {namespace}/{name}"))?;
    let shard = move |set: &ReplicatedSet| Shard {
        ordinal,
        total: set.spec.replicas.map_or(1, |replicas| u32::try_from(replicas).unwrap_or(0)),
        placement,
    };
    let now = shard(&set);
    tracing::info!(shard = %now, set = name, "The shard is that of a replica.");
    let request = Request {
        group: "apps".to_owned(),
        version: "v1".to_owned(),
        plural: "statefulsets".to_owned(),
        namespace: Some(namespace.clone()),
        field_selector: Some(format!("metadata.name={name}")),
        ..Request::default()
    };
    let events =
        informer::<ReplicatedSet>(clients, request, Context::default(), Arc::default(), tuning.clone());
    let shards = events.filter_map(move |event| {
        std::future::ready(match event {
            Event::InitApply(set) | Event::Apply(set) => Some(shard(&set)),
            // While there is no StatefulSet, everybody keeps what they have.
            Event::Init | Event::InitDone | Event::Delete(_) => None,
        })
    });
    Ok((now, Box::pin(shards)))
}

/// The `StatefulSet` that manages a pod.
fn owner(owners: Vec<Owner>) -> Option<String> {
    let manages =
        |owner: &Owner| owner.controller && owner.kind == "StatefulSet" && owner.api_version == "apps/v1";
    owners.into_iter().find(manages).map(|owner| owner.name)
}

/// The number in the name of a pod. The set's first one may be another than 0, which is not looked at.
fn ordinal(set: &str, pod: &str) -> anyhow::Result<u32> {
    let number = pod.strip_prefix(set).and_then(|rest| rest.strip_prefix('-')?.parse().ok());
    number.ok_or_else(|| {
        anyhow!("--pod: the pod {pod:?} of the StatefulSet {set:?} has no number at the end of its name")
    })
}

/// An object of the API. What may pass by itself is waited for.
async fn get<T: DeserializeOwned>(clients: &Clients, path: &str, deadline: Instant) -> anyhow::Result<T> {
    let mut said = false;
    loop {
        let request = http::Request::get(path).body(Vec::new())?;
        let error = match clients.client().request::<T>(request).await {
            Ok(object) => return Ok(object),
            Err(error) => error,
        };
        if !may_pass(&error) || Instant::now() >= deadline {
            bail!("can't be read: {}", in_words(&error));
        }
        if !std::mem::replace(&mut said, true) {
            tracing::warn!(
                path,
                error = in_words(&error),
                "The shard can't be found out yet, it is tried again."
            );
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn in_words(error: &Error) -> String {
    match error {
        Error::Api(status) => status.message.clone(),
        Error::Service(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Whether it may be different the next time.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Api(status) => status.code == 429 || status.code >= 500,
        Error::HyperError(_) | Error::Service(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_number_in_the_name() {
        assert_eq!(ordinal("kstate", "kstate-0").unwrap(), 0);
        assert_eq!(ordinal("a-1", "a-1-12").unwrap(), 12);
        for (set, pod) in [("kstate", "kstate"), ("kstate", "kstate-"), ("kstate", "other-1"), ("a", "a-b-1")]
        {
            let error = ordinal(set, pod).unwrap_err().to_string();
            assert!(error.contains(pod) && error.lines().count() == 1, "{error}");
        }
    }

    #[test]
    fn the_set_is_the_one_that_manages_the_pod() {
        let owners = |json: &str| {
            let pod: OwnPod = serde_json::from_str(json).unwrap();
            owner(pod.metadata.owner_references)
        };
        let of = |api_version: &str, kind: &str, controller: &str| {
            owners(&format!(
                r#"{{"metadata":{{"ownerReferences":[{{"apiVersion":"v1","kind":"Node","name":"n"}},
                {{"apiVersion":"{api_version}","kind":"{kind}","name":"s"{controller}}}]}}}}"#
            ))
        };
        assert_eq!(of("apps/v1", "StatefulSet", r#","controller":true"#).as_deref(), Some("s"));
        assert_eq!(of("apps/v1", "StatefulSet", r#","controller":false"#), None);
        assert_eq!(of("apps/v1", "StatefulSet", ""), None);
        assert_eq!(of("apps/v1", "ReplicaSet", r#","controller":true"#), None);
        assert_eq!(of("other/v1", "StatefulSet", r#","controller":true"#), None);
        assert_eq!(owners(r#"{"metadata":{}}"#), None);
    }
}
