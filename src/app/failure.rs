//! How a command ends that could not do its work.

use crate::cli::UsageError;
use std::{fmt, process::ExitCode};

/// Why a command failed, which decides its exit code.
#[derive(Debug)]
pub enum Failure {
    /// What was typed, or a file that it names, is wrong: exit code 2.
    Usage(UsageError),
    /// Something else went wrong: exit code 1.
    Runtime(anyhow::Error),
    /// Everything was said already: exit code 1.
    Reported,
}

impl Failure {
    /// A mistake of the user's, described by one line.
    pub fn usage(line: impl AsRef<str>) -> Self {
        Self::Usage(UsageError::new(line))
    }

    /// Says in one line what went wrong and returns the exit code.
    pub fn report(&self) -> ExitCode {
        if !matches!(self, Self::Reported) {
            eprintln!("kstate: {self}");
        }
        ExitCode::from(if matches!(self, Self::Usage(_)) { 2 } else { 1 })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::Runtime(error) => write!(f, "{error:#}"),
            Self::Reported => Ok(()),
        }
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Runtime(error)
    }
}
