//! How many requests are answered: a token bucket, as Go's `golang.org/x/time/rate` has it.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// A limit of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which one more request is allowed.
    pub interval: Duration,
    /// How many may come at once. Nothing is answered where it is zero.
    pub burst: u32,
}

/// What is left of a limit at one port.
#[derive(Debug, Default)]
pub struct Bucket(Mutex<Option<Level>>);

#[derive(Debug)]
struct Level {
    limit: RateLimit,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Whether one more request is within the limit. Another limit than last time begins anew.
    pub fn allows(&self, limit: RateLimit, now: Instant) -> bool {
        let full = f64::from(limit.burst);
        let mut level = self.0.lock();
        let level = match &mut *level {
            Some(level) if level.limit == limit => level,
            other => other.insert(Level { limit, tokens: full, at: now }),
        };
        let refill = now.saturating_duration_since(level.at).as_secs_f64() / limit.interval.as_secs_f64();
        level.tokens = full.min(level.tokens + refill);
        level.at = level.at.max(now);
        let allowed = level.tokens >= 1.0;
        if allowed {
            level.tokens -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_one_request_an_interval() {
        let limit = RateLimit { interval: Duration::from_secs(1), burst: 3 };
        let (bucket, start) = (Bucket::default(), Instant::now());
        let allowed = |milliseconds| bucket.allows(limit, start + Duration::from_millis(milliseconds));
        assert_eq!([0, 1, 2, 3, 900].map(allowed), [true, true, true, false, false]);
        assert_eq!([1_100, 1_101, 2_100].map(allowed), [true, false, true]);
        // However long nobody asks, only a burst is saved up.
        assert_eq!([60_000, 60_001, 60_002, 60_003].map(allowed), [true, true, true, false]);
    }

    #[test]
    fn without_a_burst_nothing_is_allowed_and_a_new_limit_begins_anew() {
        let (bucket, now) = (Bucket::default(), Instant::now());
        let limit = |burst| RateLimit { interval: Duration::from_secs(1), burst };
        assert!(!bucket.allows(limit(0), now));
        assert!(!bucket.allows(limit(0), now + Duration::from_hours(1)));
        assert!(bucket.allows(limit(1), now) && !bucket.allows(limit(1), now));
    }
}
