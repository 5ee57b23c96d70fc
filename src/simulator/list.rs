//! Lists: whole or page by page.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;

use super::answer::{self, Body, CHUNK};
use super::cluster::{Cluster, Snapshot};
use super::keys::Keys;
use super::media::Media;
use super::object::Stored;
use super::request::{Query, Target};
use super::status::ApiError;
use super::writer::Writer;

/// Answers a list.
pub(super) fn list(
    cluster: &Cluster,
    target: &Target,
    query: &Query,
    media: Media,
) -> Result<Response<Body>, ApiError> {
    let kind = target.kind();
    let selector = query.selector(kind)?;
    let limit =
        query.number("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let mut keys = Keys::of(target.namespace.as_deref());
    let page_limit = match limit {
        // One more than asked for tells whether another page follows.
        Some(limit) if selector.is_empty() => limit.saturating_add(1),
        _ => usize::MAX,
    };
    let mut snapshot = match past_version(cluster, query)? {
        Some(Past { version, after }) => {
            if let Some(after) = after {
                keys = keys.after(&after);
            }
            cluster.page(kind, &keys, version, page_limit).map_err(|_| {
                let message =
                    "The provided continue parameter is too old to display a consistent list result.";
                ApiError::new(410, message)
            })?
        }
        None if limit.is_some() => cluster
            .page(kind, &keys, cluster.version(), page_limit)
            .map_err(|_| ApiError::new(500, "the history was lost just now"))?,
        None => cluster.snapshot(kind, &keys),
    };
    if !selector.is_empty() {
        snapshot.objects.retain(|object| selector.matches(object));
    }
    let mut next = None;
    if let Some(limit) = limit
        && snapshot.objects.len() > limit
    {
        snapshot.objects.truncate(limit);
        next = snapshot.objects.last().map(|last| format!("{}:{}", snapshot.version, last.key()));
    }
    let writer = Writer::new(kind, media, query.rows()?);
    Ok(answer::ok(media.content_type(), body(writer, snapshot, next.as_deref())))
}

/// A version in the past that a list asks for.
struct Past {
    version: u64,
    /// The last key of the page before.
    after: Option<String>,
}

fn past_version(cluster: &Cluster, query: &Query) -> Result<Option<Past>, ApiError> {
    let token = query.text("continue");
    if !token.is_empty() {
        let parts = token.split_once(':').and_then(|(version, after)| Some((version.parse().ok()?, after)));
        let (version, after) = parts.ok_or_else(|| ApiError::new(400, "continue key is not valid"))?;
        return Ok(Some(Past { version, after: Some(after.to_owned()) }));
    }
    let Some(version) = query.number("resourceVersion")? else { return Ok(None) };
    refuse_future(cluster, version)?;
    Ok((query.text("resourceVersionMatch") == "Exact").then_some(Past { version, after: None }))
}

/// Refuses versions that do not exist yet, as the real server does after it has waited for them.
pub(super) fn refuse_future(cluster: &Cluster, version: u64) -> Result<(), ApiError> {
    let current = cluster.version();
    if version > current {
        return Err(ApiError::new(504, format!("Too large resource version: {version}, current: {current}")));
    }
    Ok(())
}

fn body(mut writer: Writer, snapshot: Snapshot, next: Option<&str>) -> Body {
    let mut chunk = Vec::new();
    writer.list_head(snapshot.version, next, &snapshot.objects, &mut chunk);
    let mut items = Items { writer, objects: snapshot.objects, sent: 0 };
    if items.fill(&mut chunk) {
        return answer::whole(chunk);
    }
    let (sender, body) = answer::stream();
    tokio::spawn(async move {
        let mut done = false;
        loop {
            if sender.send(Bytes::from(std::mem::take(&mut chunk))).await.is_err() || done {
                break;
            }
            chunk.reserve(CHUNK + CHUNK / 8);
            done = items.fill(&mut chunk);
        }
    });
    body
}

/// The items of a list that is being written.
struct Items {
    writer: Writer,
    objects: Vec<Arc<Stored>>,
    sent: usize,
}

impl Items {
    /// Appends items until the chunk is full; whether the list is complete.
    fn fill(&mut self, chunk: &mut Vec<u8>) -> bool {
        while let Some(object) = self.objects.get(self.sent) {
            if chunk.len() >= CHUNK {
                return false;
            }
            self.writer.item(object, self.sent == 0, chunk);
            self.sent += 1;
        }
        self.writer.list_tail(chunk);
        true
    }
}
