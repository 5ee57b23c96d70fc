//! From frames and pages to events.

use super::Event;
use crate::{
    shard::Shard,
    watch::{
        api_status::ApiStatus,
        encoding::{Events, Item, Page, Watched},
        event::WatchEvent,
        failure::Failure,
        journal::Journal,
        status::Status,
    },
    wire::{Context, DecodeError},
};
use std::sync::Arc;

/// Reads objects and keeps track of how far it has come.
pub(super) struct Reader {
    pub(super) context: Context,
    /// Whose objects are read. All others are passed over undecoded.
    pub(super) shard: Shard,
    pub(super) status: Arc<Status>,
    pub(super) journal: Journal,
    /// The state of the cluster up to which everything was read.
    pub(super) version: String,
    /// Objects of the list that is read in pages, or was last.
    pub(super) listed: u64,
    /// Those of its pages that were read whole.
    pub(super) paged: u64,
    /// How many they may be.
    pub(super) limit: u64,
    /// Whether the current watch has brought something.
    pub(super) heard: bool,
}

impl Reader {
    /// The next object of a page.
    pub(super) fn item<K: Watched>(&mut self, page: &mut dyn Page) -> Result<Option<Event<K>>, Failure> {
        while let Some(item) = page.next()? {
            // A server that answers from its cache sends more than it was asked for.
            if self.listed == self.limit {
                continue;
            }
            self.listed += 1;
            if let Some(object) = self.object(item) {
                return Ok(Some(Event::InitApply(object)));
            }
        }
        Ok(None)
    }

    /// The next event of a stream. At the end mark of the initial events `initial` becomes false.
    pub(super) fn event<K: Watched>(
        &mut self,
        events: &mut dyn Events,
        initial: &mut bool,
    ) -> Result<Option<Event<K>>, Failure> {
        while let Some(event) = events.next()? {
            let event = match event {
                Ok(WatchEvent::Applied(item)) => {
                    self.came_to(item, *initial);
                    let event = if *initial { Event::InitApply } else { Event::Apply };
                    self.object(item).map(event)
                }
                Ok(WatchEvent::Deleted(item)) => {
                    self.came_to(item, *initial);
                    self.object(item).map(Event::Delete)
                }
                Ok(WatchEvent::Bookmark(head)) => {
                    if *initial && !head.ends_initial_events {
                        return Err(Failure::NoStreamingList);
                    }
                    if !*initial && is_before(&head.version, &self.version) {
                        return Err(Failure::Rewound);
                    }
                    head.version.as_ref().clone_into(&mut self.version);
                    // The end of the list is no proof of the watch after it.
                    self.heard |= !*initial;
                    std::mem::take(initial).then_some(Event::InitDone)
                }
                Ok(WatchEvent::Error(status)) => return Err(refused(status)),
                Ok(WatchEvent::Unknown) => {
                    self.status.count(|c| &c.unknown_events);
                    None
                }
                Err(error) => {
                    self.malformed("", &error);
                    None
                }
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// The watch has come to the state in which this object is. The initial events of a
    /// streaming list are in no such order.
    fn came_to(&mut self, item: Item<'_>, initial: bool) {
        if !initial {
            self.heard = true;
            if let Ok(head) = item.head()
                && !head.version.is_empty()
            {
                head.version.as_ref().clone_into(&mut self.version);
            }
        }
    }

    /// The object; `None` where it is another shard's, or malformed.
    fn object<K: Watched>(&mut self, item: Item<'_>) -> Option<K> {
        match self.decoded(item) {
            Ok(object) => object,
            Err(error) => {
                let name = item.head().map(|head| head.name).unwrap_or_default();
                self.malformed(&name, &error);
                None
            }
        }
    }

    fn decoded<K: Watched>(&self, item: Item<'_>) -> Result<Option<K>, DecodeError> {
        if !self.shard.is_whole() && !self.shard.keeps(&item.head()?.uid) {
            return Ok(None);
        }
        item.object(&self.context).map(Some)
    }

    fn malformed(&mut self, object: &str, error: &DecodeError) {
        self.status.count(|c| &c.decode_errors);
        self.journal.malformed(object, error);
    }
}

fn refused(status: ApiStatus) -> Failure {
    let retry_after = status.retry_after();
    Failure::Refused { status, retry_after }
}

/// True where a resourceVersion is older than another. They are opaque unless both are numbers.
fn is_before(version: &str, other: &str) -> bool {
    matches!((version.parse::<u64>(), other.parse::<u64>()), (Ok(a), Ok(b)) if a < b)
}
