//! What one side says of a family.

use super::line::{Line, Sample};
use hashbrown::HashSet;

/// A family of one side.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Its type, where that is declared.
    pub(super) metric_type: Option<Box<str>>,
    /// The text of its HELP line, with its escapes.
    pub(super) help: Option<Box<str>>,
    /// The names of labels that its samples have.
    pub(super) labels: HashSet<Box<str>>,
    /// The number of its samples, repeated ones included.
    pub(super) samples: u64,
    /// The number of samples whose series was there before.
    pub(super) repeated: u64,
}

impl Declared {
    /// Takes what a line says of the family. A sample is counted and returned.
    pub(super) fn take<'l, 't>(&mut self, line: &'l Line<'t>) -> Option<&'l Sample<'t>> {
        match line {
            Line::Type { metric_type, .. } => {
                self.metric_type.get_or_insert_with(|| (*metric_type).into());
            }
            Line::Help { text, .. } => {
                self.help.get_or_insert_with(|| (*text).into());
            }
            Line::Sample(sample) => {
                self.samples += 1;
                for (name, _) in &sample.labels {
                    if !self.labels.contains(*name) {
                        self.labels.insert((*name).into());
                    }
                }
                return Some(sample);
            }
            Line::Nothing | Line::End => {}
        }
        None
    }

    /// The names of labels that another one lacks, in their order.
    pub(super) fn labels_beyond(&self, other: &Self) -> Vec<String> {
        let mut names: Vec<String> = self.labels.difference(&other.labels).map(ToString::to_string).collect();
        names.sort_unstable();
        names
    }

    /// The type; that which the text format has for it, where only one side is `OpenMetrics`.
    pub(super) fn type_in(&self, text: bool) -> &str {
        match self.metric_type.as_deref().unwrap_or("untyped") {
            "info" | "stateset" if text => "gauge",
            "gaugehistogram" if text => "histogram",
            "unknown" => "untyped",
            metric_type => metric_type,
        }
    }
}
