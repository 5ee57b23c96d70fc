//! Which kinds the API server serves, asked for only while somebody waits for one.

use super::{backoff::Tuning, clients::Clients, request::Request};
use http::header::ACCEPT;
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use parking_lot::Mutex;
use serde::Deserialize;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};
use tokio::sync::{Mutex as AsyncMutex, watch};

/// What informers know together of kinds that are not served. Whoever waits first asks the server
/// for all of them.
#[derive(Debug, Default)]
pub(super) struct Discovery {
    /// What the server said last.
    answer: watch::Sender<Answer>,
    /// Held by the one who asks.
    turn: AsyncMutex<()>,
    /// The kinds of which the log says that they are missing.
    missing: Mutex<BTreeSet<Kind>>,
}

/// What there is to know of a kind that was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is served now.
    Served,
    /// It is still not served.
    Missing,
    /// The server doesn't say.
    Unknown,
}

/// Group, version and plural name.
type Kind = (String, String, String);

/// All kinds that are served, where the server says so.
type Answer = Option<Arc<HashSet<Kind>>>;

impl Discovery {
    /// A kind is not served, which is said once for all who read it.
    pub(super) fn lost(&self, request: &Request) {
        if self.missing.lock().insert(kind(request)) {
            let (kind, group, version) = (&request.plural, &request.group, &request.version);
            tracing::warn!(
                kind,
                group,
                version,
                "The server does not serve this kind; it is read as soon as it is served."
            );
        }
    }

    /// A kind is served.
    pub(super) fn found(&self, request: &Request) {
        if self.missing.lock().remove(&kind(request)) {
            tracing::info!(kind = request.plural, "The server serves this kind now.");
        }
    }

    /// Waits for what the server says next, which is never at once.
    pub(super) async fn news(&self, clients: &Clients, request: &Request, tuning: &Tuning) -> News {
        let mut answer = self.answer.subscribe();
        tokio::select! {
            biased;
            // The sender lives as long as this does.
            _ = answer.changed() => {}
            _turn = self.turn.lock() => {
                let whole = tuning.discovery;
                tokio::time::sleep(rand::random_range(whole / 2..=whole)).await;
                self.answer.send_replace(ask(clients, tuning).await.map(Arc::new));
            }
        }
        match &*self.answer.borrow() {
            None => News::Unknown,
            Some(served) if served.contains(&kind(request)) => News::Served,
            Some(_) => News::Missing,
        }
    }
}

fn kind(request: &Request) -> Kind {
    (request.group.clone(), request.version.clone(), request.plural.clone())
}

/// Aggregated discovery, whose version differs between releases.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/// `apidiscovery.APIGroupDiscoveryList`, reduced. No field may be missing, so that nothing else is
/// taken for it.
#[derive(Deserialize)]
struct Groups {
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    metadata: GroupName,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct GroupName {
    /// Missing for the core group.
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    /// Missing where there are none.
    #[serde(default)]
    resources: Vec<Served>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    resource: String,
    /// Missing where the resource is of a kind of another group.
    #[serde(default)]
    response_kind: Option<KindName>,
    #[serde(default)]
    scope: String,
}

#[derive(Deserialize)]
struct KindName {
    #[serde(default)]
    kind: String,
}

/// How a kind is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    /// Empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `pods`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

/// Finds how a kind is read that objects name, as in `apps/v1` and `Deployment`; `None` where the server
/// doesn't say it.
pub async fn find_kind(
    clients: &Clients,
    tuning: &Tuning,
    api_version: &str,
    kind: &str,
) -> Option<Readable> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let path = if group.is_empty() { "/api" } else { "/apis" };
    let groups = tokio::time::timeout(tuning.answer, groups(clients, path, tuning.frame)).await.ok()??;
    let of_group = groups.items.into_iter().find(|it| it.metadata.name == group)?;
    let of_version = of_group.versions.into_iter().find(|it| it.version == version)?;
    let is = |it: &Served| it.response_kind.as_ref().is_some_and(|it| it.kind == kind);
    let Served { resource, scope, .. } = of_version.resources.into_iter().find(is)?;
    Some(Readable {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: resource,
        namespaced: scope == "Namespaced",
    })
}

/// Everything that is served; `None` where the server doesn't say it.
async fn ask(clients: &Clients, tuning: &Tuning) -> Option<HashSet<Kind>> {
    let mut served = HashSet::new();
    for path in ["/api", "/apis"] {
        for group in
            tokio::time::timeout(tuning.answer, groups(clients, path, tuning.frame)).await.ok()??.items
        {
            for Version { version, resources } in group.versions {
                let kind = |served: Served| (group.metadata.name.clone(), version.clone(), served.resource);
                served.extend(resources.into_iter().map(kind));
            }
        }
    }
    Some(served)
}

async fn groups(clients: &Clients, path: &str, limit: usize) -> Option<Groups> {
    let request = http::Request::get(path).header(ACCEPT, AGGREGATED).body(Body::empty()).ok()?;
    let response = clients.client().send(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let body = Limited::new(response.into_body(), limit).collect().await.ok()?;
    serde_json::from_slice(&body.to_bytes()).ok()
}
