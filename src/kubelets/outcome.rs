//! How it went to ask a kubelet.

use crate::{usage::AnswerError, watch::PeerError};
use http::StatusCode;
use std::time::Duration;

/// How it went to ask a kubelet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// What its containers use is known.
    Success,
    /// It has not answered in time.
    Timeout,
    /// It can't be reached.
    Unreachable,
    /// It doesn't know us, or we may not ask.
    Denied,
    /// It answers with an error.
    Error,
    /// It answers more than is read.
    TooLarge,
    /// It answers something else.
    Unusable,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Timeout,
        Self::Unreachable,
        Self::Denied,
        Self::Error,
        Self::TooLarge,
        Self::Unusable,
    ];

    /// As a label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Denied => "denied",
            Self::Error => "error",
            Self::TooLarge => "too_large",
            Self::Unusable => "unusable",
        }
    }
}

/// Why it is not known what a node's containers use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no whole answer within {0:?}")]
    Timeout(Duration),
    #[error("the node has no address of a type that --kubelet-preferred-address-types names")]
    Address,
    #[error("no client can be made for kubelets: {0}")]
    Client(#[source] PeerError),
    #[error("{0}")]
    Send(String),
    #[error("it answers {0}; to get {1} may not be permitted")]
    Denied(StatusCode, &'static str),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("the answer broke off: {0}")]
    Broken(String),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error(transparent)]
    Answer(AnswerError),
}

impl Failure {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Timeout(_) => Outcome::Timeout,
            Self::Address | Self::Client(_) | Self::Send(_) | Self::Broken(_) => Outcome::Unreachable,
            Self::Denied(..) => Outcome::Denied,
            Self::Status(_) => Outcome::Error,
            Self::TooLarge(_) => Outcome::TooLarge,
            Self::Answer(_) => Outcome::Unusable,
        }
    }
}
