//! From an informer into a store.

use crate::{app::relations::Related, resource::Resource, store::Writer};
use futures::{Stream, StreamExt as _};
use kube_runtime::watcher::Event;
use std::{pin::pin, time::Duration};
use tokio::time::timeout;

/// As many events as become visible with one snapshot.
const BATCH: usize = 256;
/// What arrives so long after another event is none of its batch.
const PAUSE: Duration = Duration::from_millis(1);

/// Hands events to the store in batches, each of which costs the same to publish, with what other objects
/// say of theirs where that is worked out.
///
/// A batch is what arrives without a pause. Over HTTP/1.1 events are handed on one by one, so that none
/// being there doesn't mean that none is waiting.
pub(super) async fn feed<K: Resource>(
    events: impl Stream<Item = Event<K>>,
    mut writer: Writer<K>,
    mut related: Option<Related>,
) {
    let mut events = pin!(events);
    if let Some(related) = &related {
        // An object is stored once all is known that can be said of it.
        related.settled().await;
    }
    loop {
        let news = async {
            match &mut related {
                Some(related) => related.news().await,
                None => std::future::pending().await,
            }
        };
        let mut arrived = tokio::select! {
            first = events.next() => match first {
                Some(first) => batch(first, &mut events).await,
                None => return,
            },
            () = news => Vec::new(),
        };
        if let Some(related) = &mut related {
            if arrived.is_empty() {
                related.renew(&mut writer).await;
            }
            if !writer.is_complete()
                && let Some(end) = arrived.iter().position(|event| matches!(event, Event::InitDone))
            {
                let rest = arrived.split_off(end);
                related.work_out(&mut arrived);
                writer.apply(arrived);
                related.finish(&mut writer).await;
                arrived = rest;
            }
            related.work_out(&mut arrived);
        }
        writer.apply(arrived);
    }
}

/// An event, and what arrives together with it.
async fn batch<K>(first: Event<K>, mut events: impl Stream<Item = Event<K>> + Unpin) -> Vec<Event<K>> {
    let mut batch = vec![first];
    while batch.len() < BATCH
        && let Ok(Some(event)) = timeout(PAUSE, events.next()).await
    {
        batch.push(event);
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        resources::namespaces::Namespace,
        store::store,
        wire::{Context, decode_json},
    };
    use std::time::Instant;

    fn namespace(id: u32, state: u32) -> Namespace {
        let json = format!(
            r#"{{"metadata": {{"name": "n{id}", "uid": "u{id}", "resourceVersion": "{state}", "labels": {{"state": "{state}"}}}}}}"#
        );
        decode_json(json.as_bytes(), &Context::all()).unwrap()
    }

    /// Each event is there only when somebody else had a turn.
    fn one_by_one<K: Send>(events: impl Iterator<Item = Event<K>> + Send) -> impl Stream<Item = Event<K>> {
        futures::stream::iter(events).then(|event| async {
            tokio::task::yield_now().await;
            event
        })
    }

    #[tokio::test]
    async fn changes_that_are_handed_on_one_by_one_do_not_wait_for_each_other() {
        const CHANGES: u32 = 1_000;
        let (writer, reader) = store();
        let list = [Event::Init, Event::InitApply(namespace(0, 0)), Event::InitDone];
        let changes = (1..=CHANGES).map(|state| Event::Apply(namespace(state % 7, state)));
        let start = Instant::now();
        feed(one_by_one(list.into_iter().chain(changes)), writer, None).await;
        // A pause after each of them would be a thousand.
        assert!(start.elapsed() < PAUSE * CHANGES / 2, "{:?}", start.elapsed());
        let snapshot = reader.snapshot().unwrap();
        let newest =
            snapshot.iter().filter_map(|namespace| namespace.metadata.resource_version.number()).max();
        assert_eq!((snapshot.objects, newest), (7, Some(CHANGES.into())));
    }
}
