//! The newest measurement of a container or a node, and the rate that follows from it.

use super::{Measured, Terms, answer::Point};
use crate::wire::Atom;
use jiff::Timestamp;
use std::time::Duration;

/// A container that has run for less is too young for a rate since its start, in milliseconds.
const YOUNG: i64 = 10_000;

/// What is known of a container, or of a node, for which `pod` and `name` are empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// The hash of its pod.
    pub(super) pod: u64,
    /// Its name.
    pub(super) name: Atom,
    /// When it was measured, in milliseconds; zero while no measurement can be gone on from.
    at: i64,
    /// Nanoseconds of processor time by then.
    cpu: u64,
    /// Nanocores, if there is a window.
    rate: u64,
    /// Bytes.
    memory: u64,
    /// Bytes, or [`UNKNOWN`].
    swap: u64,
    /// The time over which the rate was taken, in milliseconds, or zero.
    window: u32,
    /// How many rates the newest sample of its history stands for.
    pub(super) count: u16,
    /// How many answers in a row didn't have it.
    pub(super) missed: u16,
}

const UNKNOWN: u64 = u64::MAX;

impl Entry {
    /// A container of which nothing is known.
    pub(super) fn new(pod: u64, name: Atom) -> Self {
        Self { pod, name, ..Self::default() }
    }

    /// The next state, after a point, with whether there is a new rate.
    ///
    /// As metrics-server has it: a rate is taken over the last two points with different times, of
    /// which the older one doesn't count if the container was started since; a container younger than
    /// the resolution has used nothing at its start. There is none where the counter or the clock went
    /// back, nor over a longer silence.
    pub(super) fn followed_by(&self, point: &Point, terms: &Terms) -> (Self, bool) {
        let mut next = Self {
            pod: self.pod,
            name: self.name.clone(),
            at: point.at,
            cpu: point.cpu,
            memory: point.memory,
            swap: point.swap.unwrap_or(UNKNOWN),
            count: self.count,
            ..Self::default()
        };
        if !point.is_complete() {
            next.at = 0;
            return (next, false);
        }
        let age = point.at - point.start;
        let fresh = point.start > 0 && age >= YOUNG && age < milliseconds(terms.resolution);
        let known = self.at != 0 && point.start < self.at;
        if known && point.at == self.at {
            // The same measurement once more.
            (next.rate, next.window) = (self.rate, self.window);
            return (next, false);
        }
        let before = if fresh {
            (point.start, 0)
        } else if known && point.at - self.at <= milliseconds(terms.patience()) {
            (self.at, self.cpu)
        } else {
            return (next, false);
        };
        let (window, used) = (point.at - before.0, point.cpu.checked_sub(before.1));
        if let (Ok(window @ 1..), Some(used)) = (u32::try_from(window), used) {
            next.window = window;
            next.rate = rate(used, window);
        }
        let new = next.window > 0;
        (next, new)
    }

    /// The next state, after an answer that doesn't have it.
    pub(super) fn missed(&self) -> Self {
        let missed = self.missed.saturating_add(1);
        let (pod, name) = (self.pod, self.name.clone());
        Self { pod, name, missed, count: self.count, ..Self::default() }
    }

    /// The rate, if there is one.
    pub(super) fn measured(&self) -> Option<Measured> {
        (self.window > 0).then(|| Measured {
            timestamp: Timestamp::from_millisecond(self.at).unwrap_or_default(),
            window: Duration::from_millis(self.window.into()),
            cpu: self.rate,
            memory: self.memory,
            swap: (self.swap != UNKNOWN).then_some(self.swap),
        })
    }
}

/// Nanocores: nanoseconds over a window of milliseconds, in the arithmetic of metrics-server.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rate(used: u64, window: u32) -> u64 {
    (used as f64 / Duration::from_millis(window.into()).as_secs_f64()) as u64
}

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms =
        Terms { resolution: Duration::from_secs(15), depth: 15, span: Duration::from_mins(15) };

    /// The rates and windows, in seconds, after each of some points: when, when started, seconds of
    /// processor time.
    fn rates(points: &[(i64, i64, f64)]) -> Vec<Option<(u64, u64)>> {
        let mut entry = Entry::default();
        let mut rates = Vec::new();
        for &(at, start, cpu) in points {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let cpu = (cpu * 1e9) as u64;
            let point = Point { at: at * 1000, start: start * 1000, cpu, memory: 1, swap: None };
            entry = entry.followed_by(&point, &TERMS).0;
            rates.push(entry.measured().map(|it| (it.cpu / 1_000_000, it.window.as_secs())));
        }
        rates
    }

    #[test]
    fn rates_follow_from_two_points() {
        for (what, points, want) in [
            ("two points", &[(1000, 1, 10.0), (1015, 1, 13.0)][..], &[None, Some((200, 15))][..]),
            ("a node has no start", &[(1000, 0, 10.0), (1020, 0, 11.0)], &[None, Some((50, 20))]),
            (
                "the same point again",
                &[(1000, 1, 10.0), (1010, 1, 11.0), (1010, 1, 11.0), (1030, 1, 15.0)],
                &[None, Some((100, 10)), Some((100, 10)), Some((200, 20))],
            ),
            ("young", &[(1009, 1000, 5.0)], &[None]),
            ("ten seconds old", &[(1010, 1000, 5.0)], &[Some((500, 10))]),
            ("nearly the resolution", &[(1014, 1000, 7.0)], &[Some((500, 14))]),
            ("as old as the resolution", &[(1015, 1000, 7.5)], &[None]),
            ("started in the future", &[(1000, 1001, 5.0), (1016, 1001, 8.0)], &[None, None]),
            (
                "started again",
                &[(1000, 1, 10.0), (1015, 1, 13.0), (1030, 1021, 1.0), (1045, 1021, 4.0)],
                &[None, Some((200, 15)), None, Some((200, 15))],
            ),
            ("started again and old enough", &[(1000, 1, 10.0), (1030, 1018, 6.0)], &[None, Some((500, 12))]),
            ("started at the last point", &[(1000, 1, 10.0), (1020, 1000, 13.0)], &[None, None]),
            (
                "the counter went back",
                &[(1000, 1, 10.0), (1015, 1, 9.0), (1030, 1, 10.5)],
                &[None, None, Some((100, 15))],
            ),
            (
                "the clock went back",
                &[(1000, 1, 10.0), (990, 1, 11.0), (1005, 1, 12.5)],
                &[None, None, Some((100, 15))],
            ),
            ("a minute of silence", &[(1000, 1, 10.0), (1060, 1, 16.0)], &[None, Some((100, 60))]),
            ("a longer one", &[(1000, 1, 10.0), (1061, 1, 16.0)], &[None, None]),
            (
                "a point without a value",
                &[(1000, 1, 10.0), (1015, 1, 0.0), (1030, 1, 13.0), (1045, 1, 16.0)],
                &[None, None, None, Some((200, 15))],
            ),
            ("idle", &[(1000, 1, 10.0), (1015, 1, 10.0)], &[None, Some((0, 15))]),
        ] {
            assert_eq!(rates(points), want, "{what}");
        }
    }
}
