//! Informers against a server that follows a script.

mod credentials;
mod failures;
mod limits;
mod lists;
pub(super) mod proto;
mod representations;
mod server;
mod shards;
mod watches;

use super::{Clients, Request, State, Status, Tuning, informer};
use crate::wire::{Context, ObjectMeta};
use futures::{Stream, StreamExt};
use kube::Config;
use kube_runtime::watcher::Event;
use server::Server;
use std::{pin::Pin, sync::Arc, time::Duration};

crate::wire! {
    /// An object with little but metadata.
    pub struct Thing {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Anything beside the metadata, which may be malformed or come from a table.
        size: i32 = 2,
    }
}
crate::local_object!(Thing);

/// An informer under test.
struct Subject {
    events: Pin<Box<dyn Stream<Item = Event<Thing>> + Send>>,
    status: Arc<Status>,
}

/// Times short enough for tests.
fn tuning() -> Tuning {
    let millis = Duration::from_millis;
    Tuning {
        backoff: (millis(10), millis(40)),
        slow: (millis(80), millis(160)),
        discovery: millis(40),
        watch: Duration::from_secs(7)..=Duration::from_secs(7),
        silence: millis(150),
        answer: millis(500),
        proven: millis(30),
        page: 2,
        frame: 4096,
        ..Tuning::default()
    }
}

fn things() -> Request {
    Request {
        version: "v1".into(),
        plural: "things".into(),
        namespace: Some("n".into()),
        ..Request::default()
    }
}

impl Subject {
    async fn of(server: &Server) -> Self {
        Self::with(server, tuning()).await
    }

    async fn with(server: &Server, tuning: Tuning) -> Self {
        let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
        Self::over(&clients, tuning)
    }

    fn over(clients: &Clients, tuning: Tuning) -> Self {
        Self::asking(clients, things(), tuning)
    }

    fn asking(clients: &Clients, request: Request, tuning: Tuning) -> Self {
        let status = Arc::new(Status::default());
        let events = informer(clients, request, Context::all(), Arc::clone(&status), tuning);
        Self { events: Box::pin(events), status }
    }

    /// The next events in short, such as `init a`, with the object's size where it has one.
    async fn next(&mut self, count: usize) -> Vec<String> {
        let mut seen = Vec::new();
        for _ in 0..count {
            let event = tokio::time::timeout(Duration::from_secs(5), self.events.next()).await;
            let Ok(Some(event)) = event else { panic!("nothing after {seen:?}; {:?}", self.status) };
            seen.push(short(event));
        }
        seen
    }

    /// True where no event comes for a while, in which the informer is at work.
    async fn is_quiet(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.events.next()).await.is_err()
    }

    /// Lets the informer work until its state is as wanted.
    async fn until(&mut self, wanted: impl Fn(&State) -> bool) -> State {
        let mut states = self.status.subscribe();
        let reached = async { states.wait_for(wanted).await.unwrap().clone() };
        let work = async { panic!("unexpected event {:?}", self.events.next().await.map(short)) };
        tokio::select! {
            state = reached => state,
            () = work => unreachable!(),
            () = tokio::time::sleep(Duration::from_secs(5)) => panic!("state is {:?}", self.status),
        }
    }
}

fn short(event: Event<Thing>) -> String {
    match event {
        Event::Init => "init".into(),
        Event::InitApply(thing) => format!("init {}", named(&thing)),
        Event::InitDone => "done".into(),
        Event::Apply(thing) => format!("apply {}", named(&thing)),
        Event::Delete(thing) => format!("delete {}", named(&thing)),
    }
}

fn named(thing: &Thing) -> String {
    let name = &thing.metadata.name;
    if thing.size == 0 { name.to_string() } else { format!("{name} of {}", thing.size) }
}
