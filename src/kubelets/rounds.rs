//! Rounds over all kubelets.

use super::{
    Observer, Outcome, Round, Settings,
    asking::Asking,
    log::Log,
    nodes::{Kubelet, Nodes},
    outcome::Failure,
};
use crate::usage::Usage;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// As many kubelets are asked at a time that have answered before.
const SOUND: usize = 32;
/// As many that have not; they take longer and bring less.
const SUSPECT: usize = 64;
/// For each node a round is stretched by so much, so that its answers don't come at once.
const STRETCH: Duration = Duration::from_millis(8);
/// By no more than this.
const LONGEST_STRETCH: Duration = Duration::from_secs(4);

/// All that a round takes.
pub(super) struct Rounds {
    pub(super) asking: Asking,
    pub(super) nodes: Arc<Nodes>,
    pub(super) usage: Arc<Usage>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) settings: Settings,
}

/// What has happened in a round.
#[derive(Default)]
struct Tally {
    answered: AtomicUsize,
    /// A node that has not, and why.
    example: Mutex<Option<(Box<str>, String)>>,
}

impl Rounds {
    /// Asks all kubelets again and again, from when the nodes are known.
    pub(super) async fn run(self: Arc<Self>) {
        self.nodes.read().await;
        let mut ticks = interval(self.settings.terms.resolution);
        // Never two in a row without a pause: a rate takes two points apart from each other.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut log = Log::default();
        let mut usable = true;
        loop {
            ticks.tick().await;
            match self.asking.refresh().await {
                Ok(()) => usable = true,
                // Said once.
                Err(error) if std::mem::take(&mut usable) => tracing::warn!(
                    error = %error,
                    "No other client can be made for kubelets, the one before stays."
                ),
                Err(_) => {}
            }
            self.round(&mut log).await;
        }
    }

    async fn round(self: &Arc<Self>, log: &mut Log) {
        let start = Instant::now();
        // Nothing of a round is left for the next one.
        let end = start + self.settings.terms.resolution;
        let kubelets = self.nodes.kubelets();
        let count = kubelets.len();
        let (mut suspect, sound): (Vec<_>, Vec<_>) =
            kubelets.into_iter().partition(|kubelet| kubelet.last.lock().failed);
        suspect.sort_by_key(|kubelet| kubelet.last.lock().asked);
        let stretch = stretch(count, &self.settings);
        let mut sound: Vec<(Instant, Arc<Kubelet>)> =
            sound.into_iter().map(|kubelet| (start + stretch.mul_f64(rand::random()), kubelet)).collect();
        sound.sort_by_key(|(at, _)| *at);

        let tally = Arc::<Tally>::default();
        let asked = |at: Instant, kubelet: Arc<Kubelet>| {
            let (round, tally) = (Arc::clone(self), Arc::clone(&tally));
            async move {
                sleep_until(at).await;
                round.ask(&kubelet, end, &tally).await;
            }
        };
        let sound = stream::iter(sound).for_each_concurrent(SOUND, |(at, kubelet)| asked(at, kubelet));
        let suspect = stream::iter(suspect).for_each_concurrent(SUSPECT, |kubelet| asked(start, kubelet));
        tokio::join!(sound, suspect);

        self.usage.mark_silent(Timestamp::now());
        let (measured_nodes, measured_containers) = self.usage.count();
        let answered = tally.answered.load(Ordering::Relaxed);
        let duration = start.elapsed();
        let example = tally.example.lock().take();
        let example = example.as_ref().map(|(node, error)| (&**node, error.as_str()));
        log.tell(count, count - answered.min(count), example);
        self.observer.finished(Round {
            nodes: count,
            answered,
            measured_nodes,
            measured_containers,
            duration,
        });
    }

    /// Asks one, unless there is no time left for it in this round.
    async fn ask(&self, kubelet: &Kubelet, end: Instant, tally: &Tally) {
        let start = Instant::now();
        let limit = self.settings.timeout.min(end - start);
        if limit.is_zero() || !self.nodes.has(&kubelet.name) {
            return;
        }
        {
            let mut last = kubelet.last.lock();
            // Until there is an answer.
            (last.asked, last.failed) = (Some(start), true);
        }
        let result = self.asking.ask(kubelet, limit).await.and_then(|answer| {
            // The node may be gone by now.
            if self.nodes.has(&kubelet.name) {
                self.usage.record(&kubelet.name, &answer, Timestamp::now()).map_err(Failure::Answer)?;
            }
            Ok(())
        });
        let outcome = match &result {
            Ok(()) => {
                kubelet.last.lock().failed = false;
                tally.answered.fetch_add(1, Ordering::Relaxed);
                Outcome::Success
            }
            Err(failure) => failure.outcome(),
        };
        self.observer.asked(outcome, start.elapsed());
        if let Err(failure) = result {
            tracing::debug!(node = &*kubelet.name, error = %failure, "A kubelet has not answered.");
            tally.example.lock().get_or_insert_with(|| (kubelet.name.clone(), failure.to_string()));
        }
    }
}

/// For how long questions are spread, so that all of them can still be answered in time.
fn stretch(nodes: usize, settings: &Settings) -> Duration {
    let spare = settings.terms.resolution.saturating_sub(settings.timeout) / 2;
    STRETCH.saturating_mul(u32::try_from(nodes).unwrap_or(u32::MAX)).min(LONGEST_STRETCH).min(spare)
}
