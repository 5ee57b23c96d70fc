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
#[derive(Debug, Deserialize)]
struct Groups {
    items: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    metadata: GroupName,
    versions: Vec<Version>,
}

#[derive(Debug, Deserialize)]
struct GroupName {
    /// Missing for the core group.
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
    /// Missing where there are none.
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(rename = "resource")]
    plural: String,
    /// Missing where the resource is of a kind of another group.
    #[serde(default)]
    response_kind: Option<KindName>,
    #[serde(default)]
    scope: String,
}

#[derive(Debug, Deserialize)]
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

/// What a server serves, as it says itself.
#[derive(Debug, Default)]
pub struct Served(Vec<Group>);

impl Served {
    /// How a kind is read that objects name, as in `apps/v1` and `Deployment`, in another version where
    /// that one is no longer served; `None` where it is not served.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<Readable> {
        let (group, wanted) = api_version.split_once('/').unwrap_or(("", api_version));
        let is = |resource: &&Resource| resource.response_kind.as_ref().is_some_and(|it| it.kind == kind);
        let versions = self.0.iter().filter(|it| it.metadata.name == group).flat_map(|it| &it.versions);
        let found = versions.filter_map(|it| Some((&it.version, it.resources.iter().find(is)?)));
        // Of several with the same key the first is taken, which is the one that the server prefers.
        let (version, resource) = found.min_by_key(|(version, _)| *version != wanted)?;
        Some(Readable {
            group: group.to_owned(),
            version: version.clone(),
            plural: resource.plural.clone(),
            namespaced: resource.scope == "Namespaced",
        })
    }
}

/// Asks a server what it serves; `None` where it doesn't say it.
pub async fn discover(clients: &Clients, tuning: &Tuning) -> Option<Served> {
    let mut served = Served::default();
    for path in ["/api", "/apis"] {
        let groups =
            tokio::time::timeout(tuning.answer, groups(clients, path, tuning.frame)).await.ok()??;
        served.0.extend(groups.items);
    }
    Some(served)
}

/// Everything that is served; `None` where the server doesn't say it.
async fn ask(clients: &Clients, tuning: &Tuning) -> Option<HashSet<Kind>> {
    let mut kinds = HashSet::new();
    for Group { metadata: GroupName { name }, versions } in discover(clients, tuning).await?.0 {
        for Version { version, resources } in versions {
            kinds.extend(resources.into_iter().map(|it| (name.clone(), version.clone(), it.plural)));
        }
    }
    Some(kinds)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_are_found_in_the_version_that_is_named_or_in_another() {
        let resource = |plural: &str, kind: &str, scope: &str| json!({ "resource": plural, "responseKind": { "group": "", "kind": kind }, "scope": scope });
        let version = |version: &str, resources: &[serde_json::Value]| json!({ "version": version, "resources": resources });
        let (rollout, analysis) = (
            resource("rollouts", "Rollout", "Namespaced"),
            resource("clusteranalyses", "Analysis", "Cluster"),
        );
        let pods = json!({ "resource": "pods", "responseKind": { "kind": "Pod" }, "scope": "Namespaced",
            "subresources": [{ "subresource": "status", "responseKind": { "kind": "Pod" } }] });
        let groups: Groups = serde_json::from_value(json!({ "items": [
            { "metadata": {}, "versions": [version("v1", &[pods])] },
            { "metadata": { "name": "argoproj.io" }, "versions": [
                version("v1", &[rollout.clone(), analysis]),
                version("v1beta1", &[rollout]),
                { "version": "v1alpha1" },
            ] },
        ] }))
        .unwrap();
        let served = Served(groups.items);
        let found = |api_version: &str, kind: &str| {
            let Readable { group, version, plural, namespaced } = served.find(api_version, kind)?;
            Some(format!("{group}/{version} {plural} {namespaced}"))
        };
        assert_eq!(found("v1", "Pod").as_deref(), Some("/v1 pods true"));
        assert_eq!(
            found("argoproj.io/v1beta1", "Rollout").as_deref(),
            Some("argoproj.io/v1beta1 rollouts true")
        );
        assert_eq!(found("argoproj.io/v1alpha1", "Rollout").as_deref(), Some("argoproj.io/v1 rollouts true"));
        assert_eq!(
            found("argoproj.io/v1", "Analysis").as_deref(),
            Some("argoproj.io/v1 clusteranalyses false")
        );
        assert_eq!(found("argoproj.io/v1", "Pod"), None);
        assert_eq!(found("example.com/v1", "Rollout"), None);
    }
}
