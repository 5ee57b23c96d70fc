//! Whoever reads the objects that others refer to.

use super::{
    Followed, Met, Partial, Shared,
    needed::{Following, somewhere},
};
use crate::{
    config::Scope,
    relations::{Known, Says, Source},
    watch::{Clients, Request, Tuning, find_kind, informer},
    wire::{Context, Representation},
};
use futures::StreamExt as _;
use kube_runtime::watcher::Event;
use std::{
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

/// How often what has vanished is forgotten if nobody refers to it.
const SWEEP: Duration = Duration::from_hours(1);
/// How long a kind of owners that is not found is not asked for again.
const ABSENT: Duration = Duration::from_mins(5);
/// As many events as become known together.
const BATCH: usize = 256;

/// Whoever reads.
pub(super) struct Follower {
    pub(super) shared: Arc<Shared>,
    pub(super) clients: Clients,
    pub(super) tuning: Tuning,
    pub(super) sources: u32,
}

impl Follower {
    pub(super) fn follow(&mut self, following: Following, followings: &mut JoinSet<()>) -> Followed {
        let Following { says, request, context, .. } = following;
        let followed = Followed { status: Arc::default(), read: Arc::default() };
        self.shared.followed.lock().push(followed.clone());
        let status = Arc::clone(&followed.status);
        let events = informer::<Partial>(&self.clients, request, context, status, self.tuning.clone());
        let (shared, source, read) =
            (Arc::clone(&self.shared), Source(self.sources), Arc::clone(&followed.read));
        self.sources += 1;
        followings.spawn(async move {
            let mut batches = pin!(events.ready_chunks(BATCH));
            while let Some(batch) = batches.next().await {
                let complete = batch.iter().any(|event| matches!(event, Event::InitDone));
                shared.learn(says, source, batch);
                read.fetch_or(complete, Ordering::Relaxed);
            }
        });
        followed
    }

    /// Reads further kinds of owners as they are met, and forgets what nobody needs any longer.
    pub(super) async fn run(
        mut self,
        mut followings: JoinSet<()>,
        mut met: mpsc::UnboundedReceiver<Met>,
        scope: Scope,
    ) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sweep.reset();
        loop {
            tokio::select! {
                Some(owners) = met.recv() => {
                    self.meet(owners, &scope, &mut followings).await;
                    self.shared.looked_for.fetch_sub(1, Ordering::AcqRel);
                }
                _ = sweep.tick() => self.shared.change(Known::sweep),
                // Neither ends by itself.
                Some(_) = followings.join_next() => return,
            }
        }
    }

    async fn meet(&mut self, (api_version, kind): Met, scope: &Scope, followings: &mut JoinSet<()>) {
        let Some(found) = find_kind(&self.clients, &self.tuning, &api_version, &kind).await else {
            tracing::info!(
                kind = &*kind,
                api_version = &*api_version,
                "The server does not say how this kind of owners is read; what owns them is not known."
            );
            let shared = Arc::clone(&self.shared);
            followings.spawn(async move {
                sleep(ABSENT).await;
                shared.met.lock().remove(&(api_version, kind));
                std::future::pending::<()>().await;
            });
            return;
        };
        let namespaces = if found.namespaced { somewhere(&scope.namespaces) } else { vec![None] };
        for namespace in namespaces {
            let request = Request {
                group: found.group.clone(),
                version: found.version.clone(),
                plural: found.plural.clone(),
                namespace: namespace.cloned(),
                representation: Representation::Metadata,
                ..Request::default()
            };
            let resource = "owners of owners";
            self.follow(
                Following { says: Says::Owner, resource, request, context: Context::default() },
                followings,
            );
        }
    }
}
