//! What is known of one node and its containers, at one point in time.

use super::{
    History, PodUsage, Terms,
    answer::Answer,
    entry::{Entry, milliseconds},
    sample::Sample,
};
use std::{ops::Range, time::Duration};

/// How long the history of a container is kept that doesn't run: the kubelet waits at most half as
/// long before it starts one again that keeps failing.
const KEPT: Duration = Duration::from_mins(10);

/// As many of them are kept of a node, so that one that makes up others all the time can't fill our
/// memory.
const GONE: usize = 256;

/// All entries of a node with their rings of samples, each in one piece of memory.
#[derive(Debug)]
pub(super) struct Block {
    /// When the kubelet answered, in milliseconds, by our clock.
    at: i64,
    /// For how many milliseconds a sample stands.
    step: i64,
    /// The newest step, counted from 1970.
    newest: i64,
    depth: u16,
    /// The node's own entry, and those of its containers by pod and name.
    entries: Box<[Entry]>,
    /// As many samples as are remembered for each entry; that of a step lies at its remainder.
    samples: Box<[Sample]>,
}

impl Default for Block {
    fn default() -> Self {
        let entries = Box::new([Entry::default()]);
        Self { at: 0, step: 1, newest: 0, depth: 0, entries, samples: Box::default() }
    }
}

impl Block {
    /// The next block, after an answer that came at `now`.
    pub(super) fn followed_by(&self, answer: Answer, now: i64, terms: Terms) -> Self {
        let (step, depth) = (milliseconds(terms.step()), terms.depth.max(1));
        let same = (step, depth) == (self.step, self.depth);
        let newest = now.div_euclid(step);
        // Our clock may be put back a little.
        let newest = if same && (self.newest - i64::from(depth)..self.newest).contains(&newest) {
            self.newest
        } else {
            newest
        };
        let turned = newest != self.newest || !same;

        let mut entries: Vec<(Entry, bool, Option<usize>)> = Vec::with_capacity(answer.containers.len() + 1);
        let (own, new) = self.own().followed_by(&answer.node, &terms);
        entries.push((own, new, Some(0)));
        let mut met = vec![false; self.entries.len()];
        met[0] = true;
        for named in answer.containers {
            let known = self.position(named.pod, &named.name);
            let fresh = Entry::new(named.pod, named.name);
            let before = known.map_or(&fresh, |known| &self.entries[known]);
            let (entry, new) = before.followed_by(&named.point, &terms);
            entries.push((entry, new, known));
            if let Some(known) = known {
                met[known] = true;
            }
        }
        let patience = KEPT.as_millis() / terms.resolution.as_millis().max(1);
        let gone = self.entries.iter().enumerate().filter(|(known, before)| {
            let is_kept = u128::from(before.missed) < patience;
            !met[*known] && is_kept && self.row(*known).iter().any(|it| *it != Sample::NONE)
        });
        let mut gone: Vec<(usize, &Entry)> = gone.collect();
        gone.sort_by_key(|(_, before)| before.missed);
        let gone = gone.into_iter().take(GONE);
        entries.extend(gone.map(|(known, before)| (before.missed(), false, Some(known))));
        entries[1..].sort_by(|(a, ..), (b, ..)| (a.pod, &a.name).cmp(&(b.pod, &b.name)));

        let mut samples = vec![Sample::NONE; entries.len() * usize::from(depth)].into_boxed_slice();
        let column = column(newest, depth);
        for (row, (entry, new, known)) in samples.chunks_exact_mut(depth.into()).zip(&mut entries) {
            if let Some(known) = known.filter(|_| same) {
                row.copy_from_slice(self.row(known));
                self.turn(row, newest);
            }
            if turned {
                entry.count = 0;
            }
            if let Some(measured) = entry.measured().filter(|_| *new) {
                row[column] = row[column].and(entry.count, measured.cpu, measured.memory);
                entry.count = entry.count.saturating_add(1);
            }
        }
        let entries = entries.into_iter().map(|(entry, ..)| entry).collect();
        Self { at: now, step, newest, depth, entries, samples }
    }

    /// The entry of the node itself.
    pub(super) fn own(&self) -> &Entry {
        &self.entries[0]
    }

    /// What a pod uses, unless one of its containers is without a rate.
    pub(super) fn pod(&self, pod: u64) -> Option<PodUsage> {
        let running = self.entries[self.range(pod)].iter().filter(|entry| entry.missed == 0);
        let containers =
            running.map(|entry| Some((entry.name.clone(), entry.measured()?))).collect::<Option<Vec<_>>>()?;
        let (_, oldest) = containers.iter().min_by_key(|(_, measured)| measured.timestamp)?;
        Some(PodUsage { timestamp: oldest.timestamp, window: oldest.window, containers })
    }

    /// The number of containers with a rate.
    pub(super) fn count(&self) -> usize {
        self.entries[1..].iter().filter(|entry| entry.measured().is_some()).count()
    }

    /// The time since the answer.
    pub(super) fn age(&self, now: i64) -> Duration {
        Duration::from_millis(u64::try_from(now - self.at).unwrap_or_default())
    }

    /// What the node used in a span before `now`.
    pub(super) fn own_history(&self, span: Duration, now: i64) -> Option<History> {
        self.history_of(0, span, now)
    }

    /// What a container used in it.
    pub(super) fn history(&self, pod: u64, container: &str, span: Duration, now: i64) -> Option<History> {
        self.history_of(self.position(pod, container)?, span, now)
    }

    fn history_of(&self, entry: usize, span: Duration, now: i64) -> Option<History> {
        let row = self.row(entry);
        let oldest = now.saturating_sub(milliseconds(span)).div_euclid(self.step);
        let held = self.newest - i64::from(self.depth) + 1..=self.newest;
        let steps = held.filter(|step| *step >= oldest);
        History::of(steps.filter_map(|step| row.get(column(step, self.depth))?.get()))
    }

    /// Forgets what has been overtaken by the step that is the newest.
    fn turn(&self, row: &mut [Sample], newest: i64) {
        let passed = newest.saturating_sub(self.newest);
        if passed < 0 || passed >= i64::from(self.depth) {
            row.fill(Sample::NONE);
            return;
        }
        for step in self.newest + 1..=newest {
            row[column(step, self.depth)] = Sample::NONE;
        }
    }

    fn row(&self, entry: usize) -> &[Sample] {
        let depth = usize::from(self.depth);
        self.samples.get(entry * depth..(entry + 1) * depth).unwrap_or_default()
    }

    fn position(&self, pod: u64, name: &str) -> Option<usize> {
        let range = self.range(pod);
        let at = self.entries[range.clone()].binary_search_by(|entry| (*entry.name).cmp(name)).ok()?;
        Some(range.start + at)
    }

    /// The entries of a pod.
    fn range(&self, pod: u64) -> Range<usize> {
        let containers = &self.entries[1..];
        let start = containers.partition_point(|entry| entry.pod < pod);
        let end = start + containers[start..].partition_point(|entry| entry.pod == pod);
        start + 1..end + 1
    }
}

/// Where the sample of a step lies.
fn column(step: i64, depth: u16) -> usize {
    usize::try_from(step.rem_euclid(depth.max(1).into())).expect("a remainder is not negative")
}
