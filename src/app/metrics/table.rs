//! Families for people.

use super::stability;
use crate::catalog::{Kind, KindFamily};
use std::fmt::Write as _;

/// What stands in front of the second and further lines of a family.
const INDENT: &str = "    ";

/// A line for each family with its columns, as wide as they need.
pub(super) fn plain(kinds: &[(&Kind, Vec<KindFamily>)]) -> String {
    let mut rows = vec![["NAME", "TYPE", "STABILITY", "LABELS", "APPEARS", "HELP"].map(str::to_owned)];
    for family in kinds.iter().flat_map(|(_, families)| families) {
        let description = family.description;
        rows.push([
            description.name.to_owned(),
            description.metric_type.as_str().to_owned(),
            stability(description),
            family.labels.join(","),
            description.appears.to_owned(),
            description.help.to_owned(),
        ]);
    }
    aligned(&rows)
}

/// A paragraph for each family, in so many columns where its words allow that.
pub(super) fn fitted(kinds: &[(&Kind, Vec<KindFamily>)], width: usize) -> String {
    let mut text = String::new();
    for (kind, families) in kinds {
        let number = families.len();
        let _ = writeln!(text, "{} ({}), {number} families", kind.names.plural, kind.names.api_version());
        for family in families {
            let description = family.description;
            let metric_type = description.metric_type.as_str();
            let _ = writeln!(text, "\n  {}  {metric_type}, {}", description.name, stability(description));
            let said = format!("{} Appears {}.", description.help, description.appears);
            wrap(&mut text, &said, width);
            if !family.labels.is_empty() {
                wrap(&mut text, &format!("Labels: {}", family.labels.join(", ")), width);
            }
        }
        text.push('\n');
    }
    text
}

/// Rows whose cells stand below each other.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0));
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Appends a text as lines of at most `width` columns; a word that is longer has its own.
fn wrap(text: &mut String, words: &str, width: usize) {
    let mut column = 0;
    for word in words.split(' ') {
        if column > 0 && column + 1 + word.len() <= width {
            text.push(' ');
            column += 1;
        } else {
            if column > 0 {
                text.push('\n');
            }
            text.push_str(INDENT);
            column = INDENT.len();
        }
        text.push_str(word);
        column += word.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{KINDS, families};

    fn listed(plural: &str) -> Vec<(&'static Kind, Vec<KindFamily>)> {
        let kinds = KINDS.iter().filter(|kind| kind.names.plural == plural);
        kinds.map(|kind| (kind, families(kind))).collect()
    }

    #[test]
    fn a_pipe_gets_a_line_for_each_family() {
        let text = plain(&listed("namespaces"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6);
        let help = lines[0].find("HELP").unwrap();
        assert_eq!(&lines[4][help..], "Phase of the namespace.");
        assert!(lines[4].starts_with("kube_namespace_status_phase "), "{}", lines[4]);
    }

    #[test]
    fn a_terminal_gets_what_fits() {
        let text = fitted(&listed("namespaces"), 60);
        assert!(text.lines().all(|line| line.len() <= 60), "{text}");
        let of_phase: Vec<&str> =
            text.lines().skip_while(|line| !line.contains("_status_phase")).take(4).collect();
        let expected = [
            "  kube_namespace_status_phase  gauge, stable",
            "    Phase of the namespace. Appears for every object with",
            "    each of two phases.",
            "    Labels: namespace, phase",
        ];
        assert_eq!(of_phase, expected);
    }
}
