//! The configuration file: keys that count more than flags.
//!
//! A key sets a flag, so that its value is checked as that of the flag is. What is wrong with it is
//! said of the line where it stands.

mod conversion;
mod document;
mod finding;
mod keys;
mod origins;

pub use finding::Finding;
pub use keys::{KEYS, Key, Shape};
pub use origins::Origins;

use super::Config;
use crate::cli::{ExporterArgs, Setting};
use document::Document;
use origins::Origin;
use std::path::Path;

/// A configuration file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct ConfigFile<'a> {
    /// The file, which is named in what is said of it.
    pub path: &'a Path,
    /// What it holds.
    pub content: &'a [u8],
    /// Whether unknown keys are mistakes.
    pub strict: bool,
}

/// A configuration file that can be used.
#[derive(Debug)]
pub struct Understood {
    /// What flags and file mean together.
    pub config: Config,
    /// Unknown keys, which have no effect.
    pub unknown: Vec<Finding>,
}

/// A key of the file that is known, with its value.
struct Entry {
    setting: Setting,
    origin: Origin,
}

/// What a file has.
#[derive(Default)]
struct Entries {
    /// Keys that can be used.
    known: Vec<Entry>,
    unknown: Vec<Finding>,
    /// What is wrong with other keys.
    findings: Vec<Finding>,
}

impl ConfigFile<'_> {
    /// What the file means together with the flags. Otherwise all that is wrong with it, in the order
    /// of the lines; a mistake in the flags alone comes last.
    pub fn over(&self, flags: &ExporterArgs) -> Result<Understood, Vec<Finding>> {
        let Entries { known: mut entries, mut unknown, mut findings } = self.entries()?;
        if self.strict {
            findings.append(&mut unknown);
        }
        loop {
            let mut args = flags.clone();
            entries.retain(|entry| {
                let set = args.set(entry.origin.key.flag, &entry.setting);
                findings.extend(set.as_ref().err().map(|wrong| self.finding(&entry.origin, wrong)));
                set.is_ok()
            });
            let origins = Origins::new(self.path, entries.iter().map(|entry| entry.origin.clone()));
            let wrong = match Config::try_from(args) {
                Ok(config) if findings.is_empty() => {
                    return Ok(Understood { config: Config { origins, ..config }, unknown });
                }
                Ok(_) => break,
                Err(wrong) => wrong.to_string(),
            };
            // To see whether there is more, it is tried again without the key.
            let Some((finding, key)) = origins.explain(&wrong) else {
                findings.push(Finding::of_flags(wrong));
                break;
            };
            findings.push(finding);
            entries.retain(|entry| entry.origin.key != key);
        }
        findings.sort_by_key(Finding::line);
        Err(findings)
    }

    fn entries(&self) -> Result<Entries, Vec<Finding>> {
        let here = |line, text| Finding::at(self.path, line, text);
        let document = Document::parse(self.content).map_err(|(line, wrong)| vec![here(line, wrong)])?;
        let mut entries = Entries::default();
        for (name, line, value) in document.keys {
            let Some(key) = keys::find(&name) else {
                if !keys::WITHOUT_EFFECT.contains(&&*name) {
                    let hint = keys::nearest(&name).map(|key| format!("; did you mean {key}?"));
                    let hint = hint.unwrap_or_else(|| {
                        "; metrics-docs/configuration.md lists those that are known".to_owned()
                    });
                    entries.unknown.push(here(line, format!("{name}: the key is unknown{hint}")));
                }
                continue;
            };
            let mut origin = Origin { key, line, items: Vec::new() };
            match conversion::convert(key.shape, value, &mut origin.items) {
                Ok(Some(setting)) => entries.known.push(Entry { setting, origin }),
                // As if it were not there.
                Ok(None) => {}
                Err((line, wrong)) => {
                    let wrong = here(line.unwrap_or(origin.line), format!("{name}: {wrong}"));
                    entries.findings.push(wrong);
                }
            }
        }
        Ok(entries)
    }

    fn finding(&self, origin: &Origin, wrong: &str) -> Finding {
        Finding::at(self.path, origin.line, format!("{}: {wrong}", origin.key.name))
    }
}

#[cfg(test)]
mod tests;
