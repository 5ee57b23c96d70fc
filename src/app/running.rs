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
    config::{Choice, Needs},
    resource::Resource,
    scrape::{Scraper, Source},
    telemetry::KindReport,
    top::{Held, Holder},
};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};

/// How often it is looked whether new stores are whole.
const LOOK: Duration = Duration::from_millis(50);

/// The kinds that are read. Dropping it ends that.
pub(super) struct RunningKinds {
    reading: Reading,
    /// How long objects that can't be read hold up others of their kind.
    patience: Patience,
    scraper: Arc<Scraper>,
    /// What is known of objects that others refer to.
    relating: watch::Sender<Option<Arc<Relating>>>,
    state: Mutex<Kinds>,
    /// Woken when what is scraped has changed.
    changed: Notify,
}

struct Kinds {
    choice: Choice,
    /// What was read last of objects that others refer to.
    needs: Option<Needs>,
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
        let state = Mutex::new(Kinds { choice: choice.clone(), needs: None, slots: BTreeMap::new() });
        let relating = watch::Sender::new(None);
        let running = Self { reading, patience, scraper, relating, state, changed: Notify::new() };
        running.apply(choice);
        running.state.lock().slots.values_mut().for_each(|slot| slot.joining = false);
        running
    }

    /// Reads what another choice says from now on. [`Self::settle`] has to follow.
    pub(super) fn apply(&self, choice: &Choice) {
        // Stores are freed when the lock is.
        let mut replaced = Vec::new();
        let mut state = self.state.lock();
        let Kinds { slots, needs, .. } = &mut *state;
        let mut before = std::mem::take(slots);
        let past = self.relate(needs, choice);
        let relating = &self.relating.subscribe();
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
    fn relate(&self, needs: &mut Option<Needs>, choice: &Choice) -> Option<Arc<Relating>> {
        let now = choice.relates().then(|| choice.needs());
        if *needs == now {
            return None;
        }
        let start = |needs| Arc::new(Relating::start(needs, &self.reading, self.patience.clone()));
        let past = self.relating.send_replace(now.as_ref().map(start));
        *needs = now;
        past
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
        let relating = self.relating.borrow();
        let relations = relating.iter().flat_map(|relating| relating.awaited());
        let kinds = state.slots.values().map(|slot| slot.current.awaited());
        relations.chain(kinds).cloned().collect()
    }

    /// What is read.
    pub(super) fn choice(&self) -> Choice {
        self.state.lock().choice.clone()
    }

    /// What telemetry asks.
    pub(super) fn reports(&self) -> Vec<KindReport> {
        self.state.lock().slots.values().map(Slot::report).collect()
    }
}

impl Holder for RunningKinds {
    fn held<K: Resource>(&self) -> Option<Held<K>> {
        let state = self.state.lock();
        let (snapshots, context) = kinds::snapshots(&*state.slots.get(K::NAMES.plural)?.current)?;
        Some(Held { snapshots, labels: context.labels.clone() })
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
mod tests;
