//! From an informer into a store.

use crate::{store::Writer, wire::LocalObject};
use futures::{Stream, StreamExt as _};
use kube_runtime::watcher::Event;
use std::{pin::pin, time::Duration};
use tokio::time::{sleep, timeout};

/// As many events as become visible with one snapshot.
const BATCH: usize = 256;
/// What arrives so long after another event is none of its batch.
const PAUSE: Duration = Duration::from_millis(1);
/// How long changes gather where others were published just before.
const LINGER: Duration = Duration::from_millis(250);

/// Hands events to the store in batches, each of which costs the same to publish.
///
/// A batch is what arrives without a pause. Over HTTP/1.1 events are handed on one by one, so that none
/// being there doesn't mean that none is waiting. After a change more of them gather for a while before
/// anybody looks, which is what spares the processor: it isn't woken for each.
pub(super) async fn feed<K: LocalObject + PartialEq>(
    events: impl Stream<Item = Event<K>>,
    mut writer: Writer<K>,
) {
    let mut events = pin!(events);
    while let Some(first) = events.next().await {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(Some(event)) = timeout(PAUSE, events.next()).await
        {
            batch.push(event);
        }
        let drained = batch.len() < BATCH && matches!(batch.last(), Some(Event::Apply(_) | Event::Delete(_)));
        writer.apply(batch);
        if drained {
            sleep(LINGER).await;
        }
    }
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
        feed(one_by_one(list.into_iter().chain(changes)), writer).await;
        // Each on its own would take four minutes.
        assert!(start.elapsed() < LINGER * CHANGES / 20, "{:?}", start.elapsed());
        let snapshot = reader.snapshot().unwrap();
        let newest =
            snapshot.iter().filter_map(|namespace| namespace.metadata.resource_version.number()).max();
        assert_eq!((snapshot.objects, newest), (7, Some(CHANGES.into())));
    }

    #[tokio::test]
    async fn a_change_after_a_quiet_time_is_seen_at_once_and_those_after_it_together() {
        let (writer, reader) = store();
        let (sender, receiver) = futures::channel::mpsc::unbounded();
        let task = tokio::spawn(feed(receiver, writer));
        let send = |event| sender.unbounded_send(event).unwrap();
        send(Event::Init);
        send(Event::InitDone);
        let seen = || reader.snapshot().map(|snapshot| snapshot.objects);
        let until = async |count| {
            let start = Instant::now();
            while seen() != Some(count) {
                assert!(start.elapsed() < 40 * LINGER, "{count} are not seen");
                sleep(PAUSE).await;
            }
        };
        until(0).await;
        send(Event::Apply(namespace(1, 1)));
        until(1).await;
        let published = Instant::now();
        send(Event::Apply(namespace(2, 2)));
        sleep(10 * PAUSE).await;
        send(Event::Apply(namespace(3, 3)));
        let now = seen();
        // A machine that stood still meanwhile has seen the end of the gathering.
        assert!(now == Some(1) || published.elapsed() > LINGER / 2, "what follows a change is not gathered");
        until(3).await;
        drop(sender);
        task.await.unwrap();
    }
}
