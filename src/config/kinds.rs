//! Names of kinds as they are typed.

use crate::catalog::KINDS;

/// What is wrong with the plural name of a kind, and what may have been meant; `None` for a name
/// that is known.
pub(super) fn resource_mistake(name: &str) -> Option<String> {
    if KINDS.iter().any(|kind| kind.names.plural == name) {
        return None;
    }
    let nearest = KINDS
        .iter()
        .map(|kind| (strsim::jaro_winkler(name, kind.names.plural), kind.names.plural))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.7)
        .map_or(".".to_owned(), |(_, plural)| format!("; did you mean \"{plural}\"?"));
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.names.plural).collect();
    Some(format!("has no kind \"{name}\"{nearest} Known are {}.", known.join(", ")))
}
