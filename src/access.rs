//! Who may read what: the API server is asked, as controller-runtime's metrics filter and aggregated
//! API servers do.

mod memory;
mod reviews;

pub use reviews::{Action, User};

use kube::Client;
use memory::{Memory, Verdict};
use reviews::{Question, ReviewError, Reviews};
use std::{sync::Arc, time::Duration};

/// Asks the API server who a bearer token belongs to and what its owner may do, and remembers the
/// answers for a while.
///
/// Whatever goes wrong, nobody is let in. Requests that ask the same at the same time share a review.
#[derive(Debug)]
pub struct Access {
    reviews: Reviews,
    users: Memory<Option<User>>,
    permissions: Memory<Verdict>,
}

/// For how long answers are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Whose a token is.
    pub token: Duration,
    /// That somebody may do something.
    pub allowed: Duration,
    /// That somebody may not.
    pub denied: Duration,
}

impl Lifetimes {
    /// As controller-runtime's metrics filter has them.
    pub const OF_FILTER: Self = Self {
        token: Duration::from_mins(1),
        allowed: Duration::from_mins(5),
        denied: Duration::from_secs(30),
    };
    /// As aggregated API servers have them.
    pub const OF_AGGREGATED: Self = Self {
        token: Duration::from_secs(10),
        allowed: Duration::from_secs(10),
        denied: Duration::from_secs(10),
    };
}

/// Why a request is not answered. The text is the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// There is no token, or nobody has it.
    #[error("Unauthorized")]
    Unauthenticated,
    /// This user may not.
    #[error("Authorization denied for user {0}")]
    Forbidden(String),
    /// The API server did not say whose token it is.
    #[error("Authentication failed")]
    NotAuthenticated,
    /// The API server did not say what this user may do.
    #[error("Authorization for user {0} failed")]
    NotAuthorized(String),
}

impl Access {
    /// Asks through whatever client is right at the moment.
    pub fn new(client: impl Fn() -> Client + Send + Sync + 'static, lifetimes: Lifetimes) -> Self {
        Self {
            reviews: Reviews::new(client),
            users: Memory::of_tokens(lifetimes),
            permissions: Memory::of_permissions(lifetimes),
        }
    }

    /// Whether a request with this `Authorization` header may be answered.
    pub async fn check(&self, authorization: Option<&[u8]>, method: &str, path: &str) -> Result<(), Denial> {
        let token = authorization.and_then(bearer).ok_or(Denial::Unauthenticated)?;
        let user = self.user(token).await?;
        self.permit(&user, &Action::path(method, path)).await
    }

    /// Whose a token is.
    pub async fn user(&self, token: &str) -> Result<User, Denial> {
        self.users
            .recall(token.as_bytes(), self.reviews.user(token))
            .await
            .map_err(|error| failed(&error, Denial::NotAuthenticated))?
            .ok_or(Denial::Unauthenticated)
    }

    /// Whether a user may do this.
    pub async fn permit(&self, user: &User, action: &Action) -> Result<(), Denial> {
        let name = || user.name().to_owned();
        let question = Question::new(user, action);
        let verdict = self
            .permissions
            .recall(&question.bytes(), self.reviews.verdict(&question))
            .await
            .map_err(|error| failed(&error, Denial::NotAuthorized(name())))?;
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Denied => Err(Denial::Forbidden(name())),
        }
    }
}

fn failed(error: &Arc<ReviewError>, denial: Denial) -> Denial {
    tracing::warn!(%error, "{denial}.");
    denial
}

/// The token of a header for bearer authentication.
pub fn bearer(authorization: &[u8]) -> Option<&str> {
    let mut words = std::str::from_utf8(authorization).ok()?.trim().split(' ');
    let scheme = words.next()?;
    let token = words.next().filter(|token| !token.is_empty())?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_behind_bearer() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            (" Bearer abc ", Some("abc")),
            ("Bearer abc def", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer  abc", None),
            ("Basic abc", None),
            ("", None),
        ] {
            assert_eq!(bearer(header.as_bytes()), token, "{header:?}");
        }
        assert_eq!(bearer(b"Bearer \xff"), None);
    }
}
