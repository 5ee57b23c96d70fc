//! Asking the API server.

use super::Verdict;
use k8s_openapi::api::{
    authentication::v1::{TokenReview, TokenReviewSpec, UserInfo},
    authorization::v1::{
        NonResourceAttributes, ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
    },
};
use kube::{Api, Client, Resource, api::PostParams};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, time::Duration};

/// How long an answer may take, with all attempts.
const LIMIT: Duration = Duration::from_secs(10);
/// What failed for want of a server is tried again after so long, then after twice as long.
const AGAIN: Duration = Duration::from_millis(500);
const ATTEMPTS: u32 = 3;

/// Reviews by the API server.
pub(super) struct Reviews {
    client: Box<dyn Fn() -> Client + Send + Sync>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReviewError {
    /// The server failed or refused, as with credentials of ours that it doesn't accept.
    #[error("{0}")]
    Refused(#[source] kube::Error),
    /// It was silent.
    #[error("no answer within {LIMIT:?}")]
    Silent,
    /// It answered without saying anything.
    #[error("the answer has no status")]
    Empty,
}

/// Who asks for something.
#[derive(Debug, Clone)]
pub struct User(UserInfo);

/// What somebody would do.
#[derive(Debug, Clone)]
pub struct Action(Attributes);

#[derive(Debug, Clone)]
enum Attributes {
    Path(NonResourceAttributes),
    Resource(Box<ResourceAttributes>),
}

/// What is asked of a user.
#[derive(Debug)]
pub(super) struct Question(SubjectAccessReviewSpec);

impl User {
    /// A user of whom nothing but the name and groups is known.
    pub fn new(name: &str, groups: impl IntoIterator<Item = String>) -> Self {
        Self::from(UserInfo {
            username: Some(name.to_owned()),
            groups: Some(groups.into_iter().collect()),
            ..UserInfo::default()
        })
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        self.0.username.as_deref().unwrap_or_default()
    }

    /// Whether the user is in a group.
    pub fn is_in(&self, group: &str) -> bool {
        self.0.groups.iter().flatten().any(|known| known == group)
    }

    /// The user, in one group more.
    #[must_use]
    pub fn with_group(mut self, group: &str) -> Self {
        if !self.is_in(group) {
            self.0.groups.get_or_insert_default().push(group.to_owned());
        }
        self
    }
}

impl From<UserInfo> for User {
    fn from(user: UserInfo) -> Self {
        Self(user)
    }
}

impl Action {
    /// A request's method, on a path that is no object's.
    pub fn path(method: &str, path: &str) -> Self {
        let verb = method.to_ascii_lowercase();
        Self(Attributes::Path(NonResourceAttributes { path: Some(path.to_owned()), verb: Some(verb) }))
    }

    /// Something with objects of the API.
    pub fn resource(attributes: ResourceAttributes) -> Self {
        Self(Attributes::Resource(Box::new(attributes)))
    }
}

impl Question {
    /// Whether a user may do this.
    pub(super) fn new(user: &User, action: &Action) -> Self {
        let User(UserInfo { username, uid, groups, extra }) = user.clone();
        let (non_resource_attributes, resource_attributes) = match action.0.clone() {
            Attributes::Path(path) => (Some(path), None),
            Attributes::Resource(resource) => (None, Some(*resource)),
        };
        Self(SubjectAccessReviewSpec {
            user: username,
            uid,
            groups,
            extra,
            non_resource_attributes,
            resource_attributes,
        })
    }

    /// All of it, as something to remember it by.
    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("a review is text, lists and maps")
    }
}

impl Reviews {
    pub(super) fn new(client: impl Fn() -> Client + Send + Sync + 'static) -> Self {
        Self { client: Box::new(client) }
    }

    /// The owner of a token; none where nobody has it, or no more.
    pub(super) async fn user(&self, token: &str) -> Result<Option<User>, ReviewError> {
        let spec = TokenReviewSpec { token: token.to_owned(), ..TokenReviewSpec::default() };
        let review = self.ask(TokenReview { spec, ..TokenReview::default() }).await?;
        let status = review.status.ok_or(ReviewError::Empty)?;
        Ok(status.user.filter(|_| status.authenticated == Some(true)).map(User))
    }

    /// Whether a user may do what is asked.
    pub(super) async fn verdict(&self, question: &Question) -> Result<Verdict, ReviewError> {
        let review = SubjectAccessReview { spec: question.0.clone(), ..SubjectAccessReview::default() };
        let status = self.ask(review).await?.status.ok_or(ReviewError::Empty)?;
        let allowed = status.allowed && status.denied != Some(true);
        Ok(if allowed { Verdict::Allowed } else { Verdict::Denied })
    }

    async fn ask<K>(&self, review: K) -> Result<K, ReviewError>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>
            + Clone
            + fmt::Debug
            + Serialize
            + DeserializeOwned,
    {
        let attempts = async {
            let mut attempt = 1;
            loop {
                let reviews: Api<K> = Api::all((self.client)());
                match reviews.create(&PostParams::default(), &review).await {
                    Err(error) if attempt < ATTEMPTS && may_pass(&error) => {
                        tokio::time::sleep(AGAIN * attempt).await;
                        attempt += 1;
                    }
                    answer => return answer.map_err(ReviewError::Refused),
                }
            }
        };
        tokio::time::timeout(LIMIT, attempts).await.map_err(|_| ReviewError::Silent)?
    }
}

/// Whether another attempt may bring an answer.
fn may_pass(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => status.code == 429 || status.code >= 500,
        kube::Error::HyperError(_) | kube::Error::Service(_) => true,
        _ => false,
    }
}

impl fmt::Debug for Reviews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reviews").finish_non_exhaustive()
    }
}
