//! The kinds that are read at the moment, and how another choice takes over from the one before.
//!
//! Stores that a new choice needs as well stay as they are. Others are filled beside those that
//! they replace, and what is scraped changes kind by kind, when the new stores are whole.

use super::{
    budgets,
    health::{Awaited, Patience},
    kinds::{self, Reading, Running},
    relations::Relating,
    threads,
};
use crate::{
    config::{Choice, Needs, Scope},
    scrape::{Scraper, Source},
    telemetry::KindReport,
};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How often it is looked whether new stores are whole.
const LOOK: Duration = Duration::from_millis(50);

/// The kinds that are read. Dropping it ends that.
pub(super) struct RunningKinds {
    reading: Reading,
    /// How long objects that can't be read hold up others of their kind.
    patience: Patience,
    scraper: Arc<Scraper>,
    state: Mutex<Kinds>,
    /// Woken when what is scraped has changed.
    changed: Notify,
}

struct Kinds {
    choice: Choice,
    /// What is known of objects that others refer to, and what that was read for.
    relating: Option<(Needs, Scope, Arc<Relating>)>,
    /// By their plural names.
    slots: BTreeMap<&'static str, Slot>,
}

struct Slot {
    current: Arc<dyn Running>,
    source: Arc<dyn Source>,
    /// What the source was made for.
    chosen: Choice,
    /// What takes its place once it is whole.
    next: Option<Arc<dyn Running>>,
    /// Whether it is still to be decided which of its objects can't be read.
    joining: bool,
    /// What was counted by those whose place it has taken.
    past: Option<KindReport>,
}

impl RunningKinds {
    /// Starts to read what a choice says. What of it can't be read at first is not decided here.
    pub(super) fn start(reading: Reading, choice: &Choice, patience: Patience) -> Self {
        let scraper = Arc::new(Scraper::new(Vec::new(), threads::own()));
        let state = Mutex::new(Kinds { choice: choice.clone(), relating: None, slots: BTreeMap::new() });
        let running = Self { reading, patience, scraper, state, changed: Notify::new() };
        running.apply(choice);
        running.state.lock().slots.values_mut().for_each(|slot| slot.joining = false);
        running
    }

    /// Reads what another choice says from now on. [`Self::settle`] has to follow.
    pub(super) fn apply(&self, choice: &Choice) {
        // Stores are freed when the lock is.
        let mut replaced = Vec::new();
        let mut state = self.state.lock();
        let Kinds { slots, relating, .. } = &mut *state;
        let mut before = std::mem::take(slots);
        let past = self.relate(relating, choice);
        let relating = relating.as_ref().map(|(_, _, relating)| relating);
        // With them goes what was compressed.
        let shown = self.scraper.sources();
        for plural in choice.kinds.iter().map(|kind| kind.names.plural) {
            let open = || kinds::open(plural, choice, &self.reading, relating);
            let Some(setup) = kinds::setup(plural, choice) else { continue };
            let slot = match before.remove(plural) {
                Some(mut slot) if *slot.current.setup() == setup => {
                    replaced.extend(slot.next.take());
                    // What was compressed is kept with the source.
                    if !slot.current.shows_alike(&slot.chosen, choice) {
                        slot.source = slot.current.source(choice);
                        slot.chosen = choice.clone();
                    }
                    Some(slot)
                }
                Some(slot) if slot.next.as_ref().is_some_and(|next| *next.setup() == setup) => Some(slot),
                Some(mut slot) if slot.is_shown() => {
                    replaced.extend(std::mem::replace(&mut slot.next, open()));
                    Some(slot)
                }
                // There is nothing that could be missed.
                Some(mut slot) => open().map(|new| {
                    replaced.extend(slot.next.take());
                    replaced.push(slot.take_over(new, choice));
                    slot.joining = true;
                    slot
                }),
                None => open().map(|new| Slot::new(new, choice)),
            };
            slots.extend(slot.map(|slot| (plural, slot)));
        }
        state.choice = choice.clone();
        self.scraper.keep_within(&budgets::of(choice));
        self.show(&state);
        drop(state);
        drop((replaced, before, shown, past));
    }

    /// Reads what a choice needs of objects that others refer to, and returns what was read before.
    fn relate(
        &self,
        relating: &mut Option<(Needs, Scope, Arc<Relating>)>,
        choice: &Choice,
    ) -> Option<Arc<Relating>> {
        let (needs, scope) = (choice.needs(), &choice.scope);
        if relating.as_ref().is_some_and(|(before, of, _)| *before == needs && of == scope) {
            return None;
        }
        let now = choice.relates().then(|| {
            let relating = Relating::start(&needs, scope, &self.reading, self.patience.clone());
            (needs, scope.clone(), Arc::new(relating))
        });
        std::mem::replace(relating, now).map(|(_, _, past)| past)
    }

    /// Lets everything take over that is whole, until nothing is waited for.
    pub(super) async fn settle(&self) {
        while self.turn_over() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets everything take over that is whole now. True where something isn't.
    fn turn_over(&self) -> bool {
        let patience = self.patience.get();
        let mut replaced = Vec::new();
        let mut state = self.state.lock();
        let Kinds { choice, slots, .. } = &mut *state;
        for slot in slots.values_mut() {
            if slot.joining && slot.current.awaited().parts.iter().all(|part| part.is_settled(patience)) {
                slot.current.awaited().excuse_unread();
                slot.joining = false;
            }
            let current = Arc::clone(slot.current.awaited());
            if let Some(next) = slot.next.take_if(|next| next.awaited().may_replace(&current, patience)) {
                next.awaited().excuse_unread();
                replaced.push(slot.take_over(next, choice));
            }
        }
        if !replaced.is_empty() {
            self.show(&state);
        }
        let waits = state.slots.values().any(|slot| slot.joining || slot.next.is_some());
        drop(state);
        waits
    }

    fn show(&self, state: &Kinds) {
        self.scraper.show(state.slots.values().map(|slot| Arc::clone(&slot.source)).collect());
        self.changed.notify_one();
    }

    /// Waits until something else is scraped than when this was asked last.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// How many of the kinds that are read have a budget.
    pub(super) fn budgeted(&self) -> usize {
        let state = self.state.lock();
        let read = |(resource, _): &&(String, u64)| state.slots.contains_key(resource.as_str());
        state.choice.budgets.iter().filter(read).count()
    }

    /// What is scraped.
    pub(super) fn scraper(&self) -> &Arc<Scraper> {
        &self.scraper
    }

    /// What readiness waits for.
    pub(super) fn awaited(&self) -> Vec<Arc<Awaited>> {
        let state = self.state.lock();
        let relations = state.relating.iter().flat_map(|(_, _, relating)| relating.awaited());
        let kinds = state.slots.values().map(|slot| slot.current.awaited());
        relations.chain(kinds).cloned().collect()
    }

    /// What telemetry asks.
    pub(super) fn reports(&self) -> Vec<KindReport> {
        self.state.lock().slots.values().map(Slot::report).collect()
    }
}

impl Slot {
    fn new(current: Arc<dyn Running>, choice: &Choice) -> Self {
        let source = current.source(choice);
        Self { current, source, chosen: choice.clone(), next: None, joining: true, past: None }
    }

    /// Whether a scrape shows the kind.
    fn is_shown(&self) -> bool {
        self.source.snapshot().is_some()
    }

    /// Returns what was replaced.
    fn take_over(&mut self, new: Arc<dyn Running>, choice: &Choice) -> Arc<dyn Running> {
        let mut past = self.current.report();
        if let Some(before) = &self.past {
            past.add_counts(before);
        }
        self.past = Some(past);
        self.source = new.source(choice);
        self.chosen = choice.clone();
        std::mem::replace(&mut self.current, new)
    }

    fn report(&self) -> KindReport {
        let mut report = self.current.report();
        if let Some(next) = &self.next {
            report.add_counts(&next.report());
        }
        if let Some(past) = &self.past {
            report.add_counts(past);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::simulate,
        cli::SelectionArgs,
        config::SyntheticCluster,
        exposition::Format,
        scrape::{Encoding, Query},
        shard::Shard,
        simulator::Simulator,
        watch::{Clients, Tuning},
    };
    use futures::StreamExt as _;
    use std::{collections::BTreeSet, sync::atomic::AtomicBool};

    const LIMIT: Duration = Duration::from_secs(20);

    fn choice(resources: &str, shard: Shard) -> Choice {
        let resources = vec![resources.parse().unwrap()];
        let mut choice = Choice::try_from(SelectionArgs { resources, ..SelectionArgs::default() }).unwrap();
        choice.scope.shard = shard;
        choice
    }

    async fn start(choice: &Choice) -> (Simulator, RunningKinds) {
        let cluster = SyntheticCluster {
            nodes: 20,
            pods_per_node: 20,
            updates_per_second: 0.0,
            seed: 1,
            objects_per_kind: Some(20),
        };
        let simulator = simulate::start(([127, 0, 0, 1], 0).into(), cluster).await.unwrap();
        let url = format!("http://{}", simulator.address()).parse().unwrap();
        let clients = Clients::fixed(kube::Config::new(url)).await.unwrap();
        let alive = Arc::new(AtomicBool::new(true));
        let running = RunningKinds::start(
            Reading { clients, tuning: Tuning::default(), alive },
            choice,
            Patience::new(LIMIT),
        );
        tokio::time::timeout(LIMIT, async {
            while running.scraper().snapshot(&Query::default()).len() < choice.kinds.len() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        (simulator, running)
    }

    async fn created(running: &RunningKinds) -> BTreeSet<String> {
        let mut body = running.scraper().scrape(&Query::default(), Format::Text, Encoding::Identity);
        let mut text = Vec::new();
        while let Some(piece) = body.next().await {
            text.extend_from_slice(&piece);
        }
        let text = String::from_utf8(text).unwrap();
        text.lines().filter(|line| line.contains("_created{")).map(str::to_owned).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn objects_of_both_shards_are_never_missing_while_one_replaces_the_other() {
        let shard = |ordinal, total| Shard { ordinal, total, ..Shard::default() };
        let of = |shard| choice("pods,nodes", shard);
        let (_simulator, running) = start(&of(shard(0, 1))).await;
        let all = created(&running).await;
        let (mut before, mut lists) = (all.clone(), 2);
        for (ordinal, total) in [(0, 2), (0, 3), (1, 3), (5, 3), (0, 1)] {
            let shard = shard(ordinal, total);
            running.apply(&of(shard));
            let settled = running.settle();
            let mut settled = std::pin::pin!(settled);
            let mut seen = vec![created(&running).await];
            loop {
                tokio::select! {
                    biased;
                    () = &mut settled => break,
                    now = created(&running) => seen.push(now),
                }
            }
            let after = created(&running).await;
            for seen in seen {
                let missing = before.intersection(&after).filter(|line| !seen.contains(*line)).count();
                assert_eq!(missing, 0, "on the way to {shard}");
            }
            assert!(after.len() < all.len() || total == 1, "{shard} has everything");
            lists += 2;
            let reports = running.reports();
            let counted: u64 = reports.iter().map(|report| report.lists.0).sum();
            assert_eq!(counted, lists, "counters go on");
            before = after;
        }
        assert_eq!(before, all);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn kinds_that_both_choices_have_are_not_read_again() {
        let of = |resources| choice(resources, Shard::default());
        let (_simulator, running) = start(&of("pods,nodes")).await;
        let nodes = |of: &BTreeSet<String>| of.iter().filter(|line| line.contains("node_created")).count();
        let all = created(&running).await;
        running.apply(&of("nodes,namespaces"));
        let now = created(&running).await;
        assert_eq!(nodes(&now), nodes(&all));
        assert!(!now.iter().any(|line| line.contains("pod_created")));
        tokio::time::timeout(LIMIT, running.settle()).await.unwrap();
        let now = created(&running).await;
        assert!(now.iter().any(|line| line.contains("namespace_created")), "the new kind has joined");
        let reports = running.reports();
        let lists: Vec<_> = reports.iter().map(|report| (report.resource, report.lists.0)).collect();
        assert_eq!(lists, [("namespaces", 1), ("nodes", 1)]);
    }
}
