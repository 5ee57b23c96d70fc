//! An exposition, line by line, with the family that each sample belongs to.

use super::line::{Line, SyntaxError, read_line};
use std::io::{self, BufRead};

/// Reads an exposition.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    line: Vec<u8>,
    /// That of `line`, from 1.
    number: u64,
    family: Family,
    ended: bool,
}

/// The last family that was declared or had a sample.
#[derive(Debug, Default)]
struct Family {
    name: String,
    suffixes: &'static [&'static str],
}

/// A line, and the family that it belongs to.
#[derive(Debug)]
pub struct Item<'r> {
    /// The family; that of the line before, where it belongs to none.
    pub family: &'r str,
    /// What the line says.
    pub line: Line<'r>,
    /// The line itself.
    pub text: &'r str,
}

/// Why an exposition can't be read on, and at which line.
#[derive(Debug, thiserror::Error)]
#[error("line {number}: {reason}")]
pub struct ReadError {
    /// The line, from 1.
    pub number: u64,
    /// What is wrong.
    #[source]
    pub reason: Reason,
}

/// Why an exposition can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// Its bytes can't be read or unpacked.
    #[error("{0}")]
    Io(#[source] io::Error),
    /// Its bytes are no text.
    #[error("it is no UTF-8")]
    Encoding,
    /// It is no line of an exposition.
    #[error("{0}")]
    Syntax(#[source] SyntaxError),
    /// Something was cut off.
    #[error("it has no line break, so that something may be missing")]
    CutOff,
    /// There is more behind the end mark.
    #[error("it follows the end mark")]
    AfterEnd,
}

impl ReadError {
    /// An exposition that could not be opened.
    pub(super) fn before_the_first_line(error: io::Error) -> Self {
        Self { number: 1, reason: Reason::Io(error) }
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads from a source of plain text.
    pub fn new(source: R) -> Self {
        Self { source, line: Vec::new(), number: 0, family: Family::default(), ended: false }
    }

    /// Whether the end mark of `OpenMetrics` was seen.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The next line.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        self.line.clear();
        self.number += 1;
        let number = self.number;
        let wrong = |reason| ReadError { number, reason };
        let length = self.source.read_until(b'\n', &mut self.line).map_err(Reason::Io).map_err(wrong)?;
        if length == 0 {
            return Ok(None);
        }
        if self.line.pop() != Some(b'\n') {
            return Err(wrong(Reason::CutOff));
        }
        if self.ended {
            return Err(wrong(Reason::AfterEnd));
        }
        let text = std::str::from_utf8(&self.line).map_err(|_| wrong(Reason::Encoding))?;
        let line = read_line(text).map_err(Reason::Syntax).map_err(wrong)?;
        match &line {
            Line::Help { family, .. } => self.family.enter(family),
            Line::Type { family, metric_type } => {
                self.family.enter(family);
                self.family.suffixes = suffixes(metric_type);
            }
            Line::Sample(sample) if !self.family.has(sample.name) => self.family.enter(sample.name),
            Line::Sample(_) | Line::Nothing => {}
            Line::End => self.ended = true,
        }
        Ok(Some(Item { family: &self.family.name, line, text }))
    }
}

impl Family {
    fn enter(&mut self, name: &str) {
        if self.name != name {
            self.name.clear();
            self.name.push_str(name);
            self.suffixes = &[];
        }
    }

    /// Whether a sample of this name belongs to the family.
    fn has(&self, name: &str) -> bool {
        let suffix = name.strip_prefix(self.name.as_str());
        suffix.is_some_and(|suffix| suffix.is_empty() || self.suffixes.contains(&suffix))
    }
}

/// What the names of samples of a type may have in addition to their family's.
fn suffixes(metric_type: &str) -> &'static [&'static str] {
    match metric_type {
        "counter" => &["_total", "_created"],
        "info" => &["_info"],
        "histogram" => &["_bucket", "_sum", "_count", "_created"],
        "gaugehistogram" => &["_bucket", "_gsum", "_gcount"],
        "summary" => &["_sum", "_count", "_created"],
        _ => &[],
    }
}
