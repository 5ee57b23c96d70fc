//! How a command ends that could not do its work.

use crate::{cli::UsageError, config::Origins};
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
    /// What is wrong with a file was said already: exit code 2.
    Found,
}

impl Failure {
    /// A mistake of the user's, described by one line.
    pub fn usage(line: impl AsRef<str>) -> Self {
        Self::Usage(UsageError::new(line))
    }

    /// The same, said of the keys of a configuration file where it names flags that the file has set.
    #[must_use]
    pub fn in_words_of(self, origins: &Origins) -> Self {
        match self {
            Self::Usage(error) => Self::usage(origins.in_words_of_the_file(&error.to_string())),
            Self::Runtime(error) => {
                let line = format!("{error:#}");
                let said = origins.in_words_of_the_file(&line);
                Self::Runtime(if said == line { error } else { anyhow::anyhow!(said) })
            }
            other => other,
        }
    }

    /// Says in one line what went wrong and returns the exit code.
    pub fn report(&self) -> ExitCode {
        if !matches!(self, Self::Reported | Self::Found) {
            eprintln!("kstate: {self}");
        }
        ExitCode::from(if matches!(self, Self::Usage(_) | Self::Found) { 2 } else { 1 })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::Runtime(error) => write!(f, "{error:#}"),
            Self::Reported | Self::Found => Ok(()),
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
