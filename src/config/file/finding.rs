//! What there is to say of a place in a file.

use crate::cli::UsageError;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Something that is wrong with a configuration file, in one line: where, which key, what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File and line, 0 for the file as such; `None` for a mistake that is not in the file.
    place: Option<(PathBuf, u64)>,
    text: String,
}

impl Finding {
    /// About a file that can't be read.
    pub fn unreadable(path: &Path, error: &str) -> Self {
        Self::at(path, 0, format!("the configuration file can't be read: {error}"))
    }

    /// About a file that held something before.
    pub fn emptied(path: &Path) -> Self {
        Self::at(path, 0, "the configuration file has become empty; {} is one that says nothing")
    }

    pub(super) fn at(path: &Path, line: u64, text: impl Into<String>) -> Self {
        // What was written may have several lines.
        Self { place: Some((path.to_owned(), line)), text: text.into().replace('\n', " ") }
    }

    /// About flags, which the line names.
    pub fn of_flags(line: String) -> Self {
        Self { place: None, text: line }
    }

    /// For putting findings in order.
    pub(super) fn line(&self) -> u64 {
        self.place.as_ref().map_or(u64::MAX, |(_, line)| *line)
    }

    /// The first one, with the number of those that are left out.
    pub fn first(findings: &[Self]) -> UsageError {
        let Some((first, others)) = findings.split_first() else {
            return UsageError::new("nothing is wrong");
        };
        UsageError::new(match others.len() {
            0 => first.to_string(),
            number => format!("{first} (and {number} more, which kstate config check lists)"),
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((path, 0)) => write!(f, "{}: ", path.display())?,
            Some((path, line)) => write!(f, "{}:{line}: ", path.display())?,
            None => {}
        }
        f.write_str(&self.text)
    }
}
