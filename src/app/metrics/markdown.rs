//! Families for pages.

use super::stability;
use crate::catalog::{Kind, KindFamily};
use std::fmt::Write as _;

/// A table for each kind.
pub(super) fn tables(kinds: &[(&Kind, Vec<KindFamily>)]) -> String {
    let mut text = String::new();
    for (kind, families) in kinds {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "## {}\n", kind.names.plural);
        text += "| family | type | stability | labels | what it says | appears |\n";
        text += "| --- | --- | --- | --- | --- | --- |\n";
        for family in families {
            let description = family.description;
            let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {} |",
                description.name,
                description.metric_type.as_str(),
                stability(description),
                labels.join(", "),
                escaped(description.help),
                escaped(description.appears),
            );
        }
    }
    text
}

/// A text that may stand in a cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
