//! What can be wrong with a web configuration.

use std::{io, path::PathBuf};

/// A web configuration that can't be used, in one line that names flag, file and place.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct WebConfigError {
    pub(super) place: String,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a web configuration file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file itself can't be read.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// A file that it names can't be read.
    #[error("{key} {}: {source}", path.display())]
    Named {
        /// The key that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no YAML, or not of the right form.
    #[error("{0}")]
    Form(String),
    /// Keys that must stand together, or must not.
    #[error("{0}")]
    Contradiction(String),
    /// What stands behind a key can't be used for TLS.
    #[error("{0}: {1}")]
    Material(String, String),
    /// A user's password is no bcrypt hash.
    #[error("basic_auth_users: the password of {user:?} is no bcrypt hash: {reason}")]
    Password {
        /// The user.
        user: String,
        /// What is wrong with the hash, without telling it.
        reason: &'static str,
    },
    /// TLS can't be switched on or off while clients are being served.
    #[error("TLS can be switched {0} by a restart only")]
    Switched(&'static str),
    /// A file that has become empty is one that is being written, as a rule.
    #[error("the file has become empty")]
    Emptied,
}

impl Fault {
    pub(super) fn contradiction(text: impl Into<String>) -> Self {
        Self::Contradiction(text.into())
    }

    pub(super) fn material(key: &str, reason: impl Into<String>) -> Self {
        Self::Material(key.to_owned(), reason.into())
    }

    pub(super) fn at(self, place: &impl ToString) -> WebConfigError {
        WebConfigError { place: place.to_string(), fault: self }
    }
}
