//! How long to wait for what.

use std::{ops::RangeInclusive, time::Duration};

/// All the times and sizes of an informer. The defaults are for use, tests take shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// The first and the longest wait after failures that may pass by themselves.
    pub backoff: (Duration, Duration),
    /// The same after 403 and 404, which somebody has to mend.
    pub slow: (Duration, Duration),
    /// How long kinds that are not served wait between two looks whether they are. At least half of
    /// it, so that exporters don't look together.
    pub discovery: Duration,
    /// How long a watch is to last, in whole seconds. A random one of these each time, so that not
    /// all watches end at once.
    pub watch: RangeInclusive<Duration>,
    /// How much longer than that a watch may be silent before it is taken for dead.
    pub margin: Duration,
    /// How long a list may be silent.
    pub silence: Duration,
    /// How long the server may take to begin an answer, connecting included. It gives up itself
    /// after a minute.
    pub answer: Duration,
    /// A watch that lasts as long, or that brings an event, counts as a success.
    pub proven: Duration,
    /// The number of objects in a page.
    pub page: u64,
    /// The longest object or event, in bytes.
    pub frame: usize,
    /// The shortest time between two log lines that say the same.
    pub log_every: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            backoff: (Duration::from_millis(500), seconds(30)),
            slow: (seconds(30), seconds(300)),
            discovery: seconds(60),
            watch: seconds(300)..=seconds(600),
            margin: seconds(30),
            silence: seconds(60),
            answer: seconds(75),
            proven: seconds(5),
            page: 500,
            frame: 64 << 20,
            log_every: seconds(60),
        }
    }
}

/// Waits that double from one failure to the next.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    next: Duration,
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new((first, longest): (Duration, Duration)) -> Self {
        Self { next: first, first, longest }
    }

    /// How long to wait now. Between half and all of a time that doubles, so that clients that
    /// failed together don't come back together.
    pub(super) fn wait(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.longest);
        rand::random_range(whole / 2..=whole)
    }

    /// Starts again at the first wait.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// The time of a `Retry-After` header, which is in seconds or a date.
pub(super) fn retry_after(header: &str) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Duration::try_from(at.duration_since(jiff::Timestamp::now())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(3));
        let mut backoff = Backoff::new((first, longest));
        for whole in [500, 1000, 2000, 3000, 3000] {
            let wait = backoff.wait();
            assert!(wait >= Duration::from_millis(whole / 2) && wait <= Duration::from_millis(whole));
        }
        backoff.reset();
        assert!(backoff.wait() <= first);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        let date = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(100);
        let text = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let wait = retry_after(&text).unwrap();
        assert!(wait > Duration::from_secs(90) && wait <= Duration::from_secs(100), "{text}: {wait:?}");
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        assert_eq!(retry_after("soon"), None);
    }
}
