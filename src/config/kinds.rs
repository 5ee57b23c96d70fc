//! Names of kinds as they are typed.

use crate::{
    catalog::{KINDS, Kind},
    cli::{List, UsageError},
};

/// The kinds that a flag names, in the order of the catalogue; where it names none, those that
/// `unnamed` says.
pub(super) fn chosen(
    flag: &str,
    resources: &[List],
    unnamed: impl Fn(&Kind) -> bool,
) -> Result<Vec<Kind>, UsageError> {
    let names: Vec<&str> = List::all(resources).collect();
    if let Some(wrong) = names.iter().find_map(|name| resource_mistake(name)) {
        return Err(UsageError::new(format!("{flag} {wrong}")));
    }
    let is_chosen =
        |kind: &Kind| if names.is_empty() { unnamed(kind) } else { names.contains(&kind.names.plural) };
    Ok(KINDS.iter().copied().filter(is_chosen).collect())
}

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
