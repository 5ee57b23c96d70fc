//! Whoever reads the objects that others refer to.

use super::{
    Followed, Met, Partial, Shared,
    needed::{Following, metadata},
};
use crate::{
    config::Scope,
    relations::{Known, Says, Source},
    watch::{Clients, Tuning, discover, informer},
    wire::Context,
};
use futures::StreamExt as _;
use kube_runtime::watcher::Event;
use std::{
    mem,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

/// How often what has vanished is forgotten if nobody refers to it.
const SWEEP: Duration = Duration::from_hours(1);
/// How often it is asked again for kinds of owners that were not found.
const AGAIN: Duration = Duration::from_mins(1);
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
        let (mut sweep, mut again) = (later(SWEEP), later(AGAIN));
        let (mut new, mut absent) = (Vec::new(), Vec::new());
        loop {
            tokio::select! {
                count = met.recv_many(&mut new, usize::MAX) => {
                    absent.extend(self.meet(mem::take(&mut new), true, &scope, &mut followings).await);
                    self.shared.looked_for.fetch_sub(count, Ordering::AcqRel);
                }
                _ = again.tick() => {
                    if !absent.is_empty() {
                        absent = self.meet(absent, false, &scope, &mut followings).await;
                    }
                }
                _ = sweep.tick() => self.shared.change(Known::sweep),
                // None ends by itself.
                Some(_) = followings.join_next() => return,
            }
        }
    }

    /// Reads kinds of owners, and returns those that can't be found.
    async fn meet(
        &mut self,
        met: Vec<Met>,
        new: bool,
        scope: &Scope,
        followings: &mut JoinSet<()>,
    ) -> Vec<Met> {
        let served = discover(&self.clients, &self.tuning).await.unwrap_or_default();
        let mut absent = Vec::new();
        for (api_version, kind) in met {
            let Some(found) = served.find(&api_version, &kind) else {
                if new {
                    tracing::info!(
                        kind = &*kind,
                        api_version = &*api_version,
                        "The server does not say how this kind of owners is read; who owns them is not known."
                    );
                }
                absent.push((api_version, kind));
                continue;
            };
            for namespace in scope.places(found.namespaced) {
                let kind = [&*found.group, &*found.version, &*found.plural];
                let request = metadata(kind, namespace, None, scope);
                let (says, resource, context) = (Says::Owner, "owners of owners", Context::default());
                self.follow(Following { says, resource, request, context }, followings);
            }
        }
        absent
    }
}

/// Ticks of which the first is not at once.
fn later(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
