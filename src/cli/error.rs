//! Command lines that make no sense.

use clap::error::{ContextKind, ContextValue};
use std::fmt;

/// What is wrong with what was typed, and what to do, in one line.
#[derive(Debug)]
pub struct UsageError(String);

impl UsageError {
    /// A mistake described by one line. Of a longer text, such as a parser draws pictures with,
    /// only the first line is kept.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().lines().next().unwrap_or_default().to_owned())
    }
}

impl From<clap::Error> for UsageError {
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        // What is wrong stands before the first blank line, behind it hints and the usage.
        let paragraph: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        let paragraph = paragraph.join(" ");
        let line = paragraph.strip_prefix("error: ").unwrap_or(&paragraph);
        let mut hint = String::new();
        for (kind, value) in error.context() {
            if matches!(kind, ContextKind::SuggestedArg | ContextKind::SuggestedSubcommand) {
                let names = match value {
                    ContextValue::String(name) => name.clone(),
                    ContextValue::Strings(names) => names.join("' or '"),
                    _ => continue,
                };
                hint = format!("; did you mean '{names}'?");
            }
        }
        Self(format!("{line}{hint} (kstate --help lists the flags)"))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}
