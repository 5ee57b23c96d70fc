//! Which flags a file has set, and where.

use super::{Finding, Key};
use std::path::{Path, PathBuf};

/// The flags that a file has set.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    path: PathBuf,
    origins: Vec<Origin>,
}

/// Where a flag was set.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) key: &'static Key,
    pub(super) line: u64,
    /// Items of the value and their lines.
    pub(super) items: Vec<(String, u64)>,
}

impl Origins {
    pub(super) fn new(path: &Path, origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { path: path.to_owned(), origins: origins.into_iter().collect() }
    }

    /// Says of keys what a line says of flags, and whose it is. `None` where it names no flag that the
    /// file has set. Of several it is about the first.
    pub(super) fn explain(&self, line: &str) -> Option<(Finding, &'static Key)> {
        let named = self.origins.iter().filter_map(|origin| Some((mention(line, origin.key.flag)?, origin)));
        let (_, about) = named.min_by_key(|(at, _)| *at)?;
        let mut text = line.to_owned();
        for origin in &self.origins {
            while let Some(at) = mention(&text, origin.key.flag) {
                text.replace_range(at..at + "--".len() + origin.key.flag.len(), origin.key.name);
            }
        }
        let name = about.key.name;
        let rest = text.strip_prefix(name);
        let rest =
            rest.and_then(|rest| [": ", "=", " "].iter().find_map(|between| rest.strip_prefix(between)));
        let text = format!("{name}: {}", rest.unwrap_or(&text));
        // The first one that is quoted; behind it may be what was meant.
        let quoted =
            about.items.iter().filter_map(|(item, at)| Some((line.find(&format!("\"{item}\""))?, at)));
        let place = quoted.min().map_or(about.line, |(_, line)| *line);
        Some((Finding::at(&self.path, place, text), about.key))
    }

    /// The line as it is, or said of the file's keys where it names flags that the file has set.
    pub fn in_words_of_the_file(&self, line: &str) -> String {
        self.explain(line).map_or_else(|| line.to_owned(), |(finding, _)| finding.to_string())
    }
}

/// Where a line names a flag.
fn mention(line: &str, flag: &str) -> Option<usize> {
    let continues = |c: char| c.is_ascii_alphanumeric() || c == '-';
    line.match_indices("--").map(|(at, _)| at).find(|at| {
        let (before, rest) = (&line[..*at], &line[at + "--".len()..]);
        !before.ends_with(continues)
            && rest.strip_prefix(flag).is_some_and(|rest| !rest.starts_with(continues))
    })
}
