//! Whether the API server places objects on shards, or passes over what it is asked for.

use super::{
    backoff::Tuning,
    client::Lane,
    clients::Clients,
    encoding::{self, OBJECT},
    failure::Failure,
    request::{Question, Request},
    response,
};
use crate::wire::Representation;

/// Why the server doesn't say it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProbeError(#[source] Failure);

impl ProbeError {
    /// True where the server refuses to list such objects, or does not serve them.
    pub fn is_refusal(&self) -> bool {
        matches!(self.0.code(), Some(403 | 404))
    }
}

/// Asks for a list of one object with the shard of the request. A server that places objects echoes
/// the shard in the list's metadata; one that doesn't passes over it. Only lists of whole objects
/// have the echo, so that of kinds which are read in another form none is asked for.
pub async fn places_objects(
    clients: &Clients,
    request: &Request,
    tuning: &Tuning,
) -> Result<bool, ProbeError> {
    let mut request = Request { cached: false, ..request.clone() };
    if request.representation != Representation::Object {
        request.field_selector = Some(format!("metadata.name={NOBODY}"));
    }
    echoes(clients, &request, tuning).await.map_err(ProbeError)
}

/// A name that no object can have.
const NOBODY: &str = "-";

async fn echoes(clients: &Clients, request: &Request, tuning: &Tuning) -> Result<bool, Failure> {
    let question = Question::Page { limit: Some(1), token: None };
    let mut body =
        response::ask(&clients.client(), request, question, &OBJECT, Lane::Shared(0), tuning).await?;
    let mut page = encoding::page(Representation::Object, tuning.frame);
    while let Some(bytes) = response::piece(&mut body, tuning.silence).await? {
        page.push(&bytes);
        while page.next()?.is_some() {}
    }
    let echoed = page.finish().ok_or(Failure::Cut)?.shard_info.map(|info| info.selector);
    Ok(echoed.as_deref() == request.shard.selector().as_deref())
}
