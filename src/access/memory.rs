//! Answers that are remembered for a while.

use super::Lifetimes;
use moka::{Expiry, future::Cache};
use ring::{hmac, rand::SystemRandom};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// As many answers are remembered at most; those that are asked for often stay.
const CAPACITY: u64 = 4096;

/// Answers to questions, which are kept as keyed hashes only, since they may be secrets.
#[derive(Debug)]
pub(super) struct Memory<V: Clone + Send + Sync + 'static> {
    answers: Cache<Key, V>,
    secret: hmac::Key,
}

type Key = [u8; 32];

/// Whether somebody may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    Denied,
}

impl<V: Clone + Send + Sync + 'static> Memory<V> {
    /// For whose a token is.
    pub(super) fn of_tokens(lifetimes: Lifetimes) -> Self {
        Self::new(move |_| lifetimes.token)
    }

    fn new(lifetime: impl Fn(&V) -> Duration + Send + Sync + 'static) -> Self {
        let secret = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .expect("the system has random numbers");
        let answers =
            Cache::builder().max_capacity(CAPACITY).expire_after(Lifetime(Box::new(lifetime))).build();
        Self { answers, secret }
    }

    /// The remembered answer, or else this one. Those who ask for the same meanwhile wait for it.
    /// Errors are not remembered.
    pub(super) async fn recall<E: Send + Sync + 'static>(
        &self,
        question: &[u8],
        answer: impl Future<Output = Result<V, E>>,
    ) -> Result<V, Arc<E>> {
        let key = hmac::sign(&self.secret, question);
        let key = key.as_ref().try_into().expect("SHA-256 has 32 bytes");
        self.answers.try_get_with::<_, E>(key, answer).await
    }
}

impl Memory<Verdict> {
    /// For what a user may do.
    pub(super) fn of_permissions(lifetimes: Lifetimes) -> Self {
        Self::new(move |verdict| match verdict {
            Verdict::Allowed => lifetimes.allowed,
            Verdict::Denied => lifetimes.denied,
        })
    }
}

struct Lifetime<V>(Box<dyn Fn(&V) -> Duration + Send + Sync>);

impl<V> Expiry<Key, V> for Lifetime<V> {
    fn expire_after_create(&self, _: &Key, answer: &V, _: Instant) -> Option<Duration> {
        Some((self.0)(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn who_asks_at_the_same_time_shares_an_answer_and_errors_are_forgotten() {
        let memory = Memory::of_permissions(Lifetimes::OF_FILTER);
        let asked = AtomicUsize::new(0);
        let answer = |answer: Result<Verdict, &'static str>| {
            let asked = &asked;
            async move {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer
            }
        };
        let all = (0..10).map(|_| memory.recall(b"a", answer(Ok(Verdict::Allowed))));
        let all = futures::future::join_all(all).await;
        assert!(all.iter().all(|verdict| *verdict == Ok(Verdict::Allowed)));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(memory.recall(b"b", answer(Err("busy"))).await, Err(Arc::new("busy")));
        assert_eq!(memory.recall(b"b", answer(Ok(Verdict::Denied))).await, Ok(Verdict::Denied));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn answers_are_forgotten_in_time_and_are_not_too_many() {
        let memory = Memory::<u8>::new(|_| Duration::from_millis(50));
        let answer = |answer| async move { Ok::<_, ()>(answer) };
        assert_eq!(memory.recall(b"a", answer(1)).await, Ok(1));
        assert_eq!(memory.recall(b"a", answer(2)).await, Ok(1));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(memory.recall(b"a", answer(3)).await, Ok(3));
        for question in 0..2 * CAPACITY {
            let _ = memory.recall(&question.to_le_bytes(), answer(0)).await;
        }
        memory.answers.run_pending_tasks().await;
        assert!(memory.answers.entry_count() <= CAPACITY);
    }
}
