//! The resource metrics API, `metrics.k8s.io` in its versions `v1` and `v1beta1`, as metrics-server
//! answers it behind the API server's aggregation layer: what nodes and the containers of pods use.
//!
//! Who asks is found out as in every aggregated API server: from headers of the API server, whose
//! certificate vouches for them, from a client's own certificate, or by a review of a token. What they
//! may do is for the API server to say. Objects and their labels come from the exporter's stores.

mod authentication;
mod authorization;
mod discovery;
mod listing;
mod media;
mod object;
mod path;
mod refusal;
mod table;
mod text;
mod trust;

pub use trust::{AuthenticationMap, Trust, TrustError, TrustFiles};

use crate::{
    access::Access,
    resources::{nodes::Node, pods::Pod},
    server::{self, Health},
    store::Snapshot,
    usage::Usage,
};
use arc_swap::ArcSwap;
use axum::{
    Router,
    extract::{Request, State},
    http::request::Parts,
    response::{IntoResponse as _, Response},
    routing::get,
};
use listing::Listing;
use media::Form;
use path::Place;
use refusal::Refusal;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Answers from this size on are compressed for clients that take gzip, as the API server does.
const COMPRESSED: usize = 128 * 1024;

/// What the answers are made of.
#[derive(Clone)]
pub struct Served {
    /// Which nodes and pods there are.
    pub objects: Arc<dyn Objects>,
    /// What they use.
    pub usage: Arc<Usage>,
    /// How the exporter is doing.
    pub health: Arc<dyn Health>,
    /// Whose tokens are whose, and who may do what.
    pub access: Arc<Access>,
    /// Who vouches for users.
    pub trust: Arc<ArcSwap<Trust>>,
    /// Places for lists that are made at a time; whoever finds none waits.
    pub places: Arc<Semaphore>,
}

/// Which nodes and pods there are, with all of their labels; `None` until they were read.
pub trait Objects: Send + Sync {
    /// The nodes.
    fn nodes(&self) -> Option<Vec<Arc<Snapshot<Node>>>>;

    /// The pods, in whatever phase.
    fn pods(&self) -> Option<Vec<Arc<Snapshot<Pod>>>>;
}

/// Routes of the port.
pub fn router(served: Served) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .fallback(answer)
        .with_state(served)
}

async fn livez(State(served): State<Served>) -> Response {
    server::health(served.health.alive())
}

async fn readyz(State(served): State<Served>) -> Response {
    server::health(served.health.ready().and_then(|()| match served.usage.count() {
        (0, 0) => {
            Err("Not ready: no usage was measured yet, which takes two answers of a kubelet.".to_owned())
        }
        _ => Ok(()),
    }))
}

async fn answer(State(served): State<Served>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    // In a box: what reviews take while they are asked for is large.
    Box::pin(respond(&served, &parts)).await.unwrap_or_else(Refusal::into_response)
}

async fn respond(served: &Served, parts: &Parts) -> Result<Response, Refusal> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let user = authentication::user(&served.trust.load(), &served.access, parts).await?;
    let place = Place::of(path);
    authorization::permit(&served.access, &user, &parts.method, &place, path, query).await?;
    let verb = path::verb(&parts.method, &place, query);
    let exists = !matches!(place, Place::Elsewhere | Place::Other(_));
    if exists && !["get", "list", "head"].contains(&verb) {
        return Err(Refusal::Method { verb, kind: place.kind() });
    }
    let page = |page: &serde_json::Value, content_type: &str| {
        server::answer(&parts.headers, content_type, page.to_string().into_bytes(), COMPRESSED)
    };
    match place {
        Place::Groups => {
            let (groups, content_type) = discovery::groups(&parts.headers);
            Ok(page(&groups, content_type))
        }
        Place::OpenApi => Ok(page(&discovery::openapi(), media::JSON)),
        Place::Group => Ok(page(&discovery::group(), media::JSON)),
        Place::Version(version) => Ok(page(&discovery::resources(version), media::JSON)),
        Place::Objects(at) => {
            let form = Form::negotiate(&parts.headers, query).ok_or(Refusal::NotAcceptable)?;
            let listing = Listing::new(&at, query)?;
            let _place = Arc::clone(&served.places).acquire_owned().await;
            let (objects, usage) = (Arc::clone(&served.objects), Arc::clone(&served.usage));
            // A large cluster takes some milliseconds.
            let made = tokio::task::spawn_blocking(move || listing.answer(&*objects, &usage, form));
            let body = made.await.map_err(|_| Refusal::Internal)??;
            Ok(server::answer(&parts.headers, media::JSON, body, COMPRESSED))
        }
        Place::Other(_) | Place::Elsewhere => Err(Refusal::NoPage),
    }
}

#[cfg(test)]
mod tests;
