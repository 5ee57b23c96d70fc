//! Users and their passwords.

use super::Fault;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bcrypt::HashParts;
use moka::future::Cache;
use ring::{hmac, rand::SystemRandom};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
};
use tokio::sync::Semaphore;

/// As many outcomes are remembered, as in the toolkit.
const REMEMBERED: u64 = 100;

/// Users with the bcrypt hashes of their passwords.
#[derive(Debug)]
pub struct Users {
    hashes: BTreeMap<String, String>,
    outcomes: Cache<Key, bool>,
    /// Keys of the cache tell nothing without it.
    secret: hmac::Key,
    /// bcrypt is slow on purpose, so that only one hash is computed at a time.
    turn: Arc<Semaphore>,
    stand_in: RandomState,
}

type Key = [u8; 32];

impl Users {
    /// Checks the form of the hashes.
    pub(super) fn new(users: BTreeMap<String, Option<String>>) -> Result<Self, Fault> {
        let hashes: BTreeMap<String, String> =
            users.into_iter().map(|(user, hash)| (user, hash.unwrap_or_default())).collect();
        for (user, hash) in &hashes {
            check(hash).map_err(|reason| Fault::Password { user: user.clone(), reason })?;
        }
        Ok(Self {
            hashes,
            outcomes: Cache::new(REMEMBERED),
            secret: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                .expect("the system has random numbers"),
            turn: Arc::new(Semaphore::new(1)),
            stand_in: RandomState::new(),
        })
    }

    /// Whether nobody needs a password.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether an `Authorization` header names a user and the right password.
    pub async fn admit(&self, authorization: Option<&[u8]>) -> bool {
        let Some((user, password)) = authorization.and_then(credentials) else { return false };
        let known = std::str::from_utf8(&user).ok().and_then(|user| self.hashes.get(user));
        // For a name that nobody has, the hash of somebody is computed, always of the same one, so
        // that the time it takes doesn't tell which names there are.
        let number = usize::try_from(self.stand_in.hash_one(&user)).unwrap_or_default();
        let Some(hash) = known.or_else(|| self.hashes.values().nth(number % self.hashes.len().max(1))) else {
            return false;
        };
        let key = self.key([&user, hash.as_bytes(), &password]);
        let (hash, is_known) = (hash.clone(), known.is_some());
        let turn = Arc::clone(&self.turn);
        self.outcomes
            .get_with(key, async move {
                let turn = turn.acquire_owned().await;
                let right = tokio::task::spawn_blocking(move || {
                    let _turn = turn;
                    bcrypt::verify(password, &hash).unwrap_or(false)
                });
                right.await.unwrap_or(false) && is_known
            })
            .await
    }

    fn key(&self, parts: [&[u8]; 3]) -> Key {
        let mut context = hmac::Context::with_key(&self.secret);
        for part in parts {
            context.update(&part.len().to_le_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

/// User and password of a header for basic authentication.
fn credentials(authorization: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, encoded) = authorization.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = STANDARD.decode(encoded).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some((decoded[..colon].to_vec(), decoded[colon + 1..].to_vec()))
}

fn check(hash: &str) -> Result<(), &'static str> {
    let parts: HashParts =
        hash.parse().map_err(|_| "it should begin with $2y$10$ or the like and have 60 characters")?;
    if (4..=31).contains(&parts.get_cost()) { Ok(()) } else { Err("its cost is not between 4 and 31") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(users: &[(&str, &str)]) -> Users {
        let hashed = |password| Some(bcrypt::hash(password, 4).unwrap());
        Users::new(users.iter().map(|(user, password)| ((*user).to_owned(), hashed(password))).collect())
            .unwrap()
    }

    fn header(credentials: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(credentials)).into_bytes()
    }

    #[tokio::test]
    async fn a_user_needs_the_right_password() {
        let users = users(&[("alice", "wonder:land"), ("bob", "")]);
        for (credentials, admitted) in [
            ("alice:wonder:land", true),
            ("alice:wonderland", false),
            ("Alice:wonder:land", false),
            ("bob:wonder:land", false),
            ("bob:", true),
            ("carol:wonder:land", false),
            ("carol:", false),
            (":", false),
            ("alice", false),
        ] {
            // The second answer comes from memory.
            for _ in 0..2 {
                assert_eq!(users.admit(Some(&header(credentials))).await, admitted, "{credentials}");
            }
        }
        for header in [None, Some(&b"Basic"[..]), Some(b"Basic !"), Some(b"Bearer x"), Some(b"")] {
            assert!(!users.admit(header).await, "{header:?}");
        }
        let lower = header("alice:wonder:land").strip_prefix(b"Basic").unwrap().to_vec();
        assert!(users.admit(Some(&[b"basic", &lower[..]].concat())).await, "schemes have no case");
    }

    #[tokio::test]
    async fn guesses_do_not_fill_the_memory() {
        let users = users(&[("alice", "wonderland")]);
        for guess in 0..300 {
            assert!(!users.admit(Some(&header(&format!("alice:{guess}")))).await);
        }
        users.outcomes.run_pending_tasks().await;
        assert!(users.outcomes.entry_count() <= REMEMBERED, "{}", users.outcomes.entry_count());
        assert!(users.admit(Some(&header("alice:wonderland"))).await);
    }

    #[test]
    fn hashes_are_checked() {
        let cases = ["doe", "", "$2y$03$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq", "$1$abc"];
        for hash in cases {
            let users = BTreeMap::from([("john".to_owned(), Some(hash.to_owned()))]);
            let line = Users::new(users).unwrap_err().to_string();
            assert!(line.contains("john") && (hash.is_empty() || !line.contains(hash)), "{line}");
        }
    }
}
