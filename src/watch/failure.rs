//! What can go wrong between an informer and the API server.

use super::{api_status::ApiStatus, frames::TooLong, list::ListError, tables::TableError};
use std::{error::Error, time::Duration};
use tower::BoxError;

/// Why a list or a watch came to an end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The names in the request make no URL.
    #[error("the request cannot be written: {0}")]
    Request(#[source] http::Error),
    /// There is no answer: no connection, no credentials.
    #[error("{}", causes(&**.0))]
    Send(#[source] BoxError),
    /// The server does not begin to answer.
    #[error("no answer within {0:?}")]
    Unanswered(Duration),
    /// The server refuses.
    #[error("{status}")]
    Refused {
        /// What it says.
        status: ApiStatus,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The answer is in another encoding.
    #[error("the answer is {got:?} instead of {wanted}; a proxy or a server that speaks nothing else?")]
    Encoding {
        /// Its media type.
        got: String,
        /// The encoding that was asked for.
        wanted: &'static str,
    },
    /// The connection broke.
    #[error("the connection broke: {}", causes(&**.0))]
    Broken(#[source] BoxError),
    /// The body ended in the middle of a list.
    #[error("the answer ended in the middle")]
    Cut,
    /// A watch ended as soon as it began.
    #[error("the watch ended at once")]
    Brief,
    /// Nothing came for longer than it may.
    #[error("nothing came for {0:?}")]
    Silent(Duration),
    /// The stream of events can't be read on.
    #[error("{0}")]
    Frame(#[from] TooLong),
    /// The list can't be read on.
    #[error("{0}")]
    List(#[from] ListError),
    /// The table can't be read on.
    #[error("{0}")]
    Table(#[from] TableError),
    /// The server answers a streaming list with a common watch.
    #[error("the server does not know streaming lists")]
    NoStreamingList,
    /// The resourceVersions have gone back.
    #[error("the cluster went back to an earlier state")]
    Rewound,
    /// The server is another one now.
    #[error("the server's address changed")]
    Moved,
}

impl Failure {
    /// What `kube` says of a request that was not answered, without its own wrapping.
    pub(super) fn send(error: kube::Error) -> Self {
        Self::Send(unwrapped(error))
    }

    /// The same of an answer that broke off.
    pub(super) fn broken(error: kube::Error) -> Self {
        Self::Broken(unwrapped(error))
    }

    /// The HTTP status of a refusal.
    pub(super) fn code(&self) -> Option<u16> {
        if let Self::Refused { status, .. } = self { Some(status.code) } else { None }
    }

    /// True where only reading everything again helps.
    pub(super) fn needs_relist(&self) -> bool {
        match self {
            Self::Refused { status, .. } => status.is_expired(),
            Self::Rewound | Self::Moved => true,
            _ => false,
        }
    }

    /// True where the server can't or won't do streaming lists.
    pub(super) fn refuses_streaming_list(&self) -> bool {
        match self {
            // Some proxies have words of their own for it, so these don't count. Where something else
            // is wrong with the request, the pages are refused as well.
            Self::Refused { status, .. } => matches!(status.code, 400 | 422),
            Self::NoStreamingList => true,
            _ => false,
        }
    }

    /// When the server wants to be asked again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if let Self::Refused { retry_after, .. } = self { *retry_after } else { None }
    }
}

/// What kube says of a request that was not answered, without its own wrapping.
pub(super) fn unwrapped(error: kube::Error) -> BoxError {
    match error {
        kube::Error::Service(error) => error,
        other => other.into(),
    }
}

/// An error with its causes in one line, each said once.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
