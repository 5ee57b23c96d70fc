//! `--external-labels`: labels that all samples have.

use super::Choice;
use crate::{
    catalog,
    cli::{List, UsageError},
    exposition::constant_labels,
};
use std::collections::BTreeMap;

/// Reads `cluster=a,region=b`. No name may be that of a label that an exported family has.
pub(super) fn parse(lists: &[List], choice: &Choice) -> Result<Box<[u8]>, UsageError> {
    let mistake = |what: String| UsageError::new(format!("--external-labels {what}"));
    let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
    for item in List::all(lists) {
        let (name, value) =
            item.split_once('=').map(|(name, value)| (name.trim(), value.trim())).ok_or_else(|| {
                mistake(format!("lacks a value for \"{item}\"; it is written as in cluster=a,region=b"))
            })?;
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let sound = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
        if !sound || name.starts_with("__") {
            return Err(mistake(format!("has \"{name}\", which can't be the name of a label")));
        }
        if let Some(family) = taken(name, choice) {
            return Err(mistake(format!("has \"{name}\", which is a label of {family}")));
        }
        if choice.injects() && name.starts_with("label_") {
            return Err(mistake(format!("has \"{name}\", which may be a label that --inject-labels names")));
        }
        if labels.insert(name, value).is_some() {
            return Err(mistake(format!("has \"{name}\" more than once")));
        }
    }
    Ok(constant_labels(labels))
}

/// A family that is exported and has the label, or may have it.
fn taken(name: &str, choice: &Choice) -> Option<&'static str> {
    let families = choice.kinds.iter().flat_map(catalog::families);
    let mut exported = families.filter(|family| choice.serves(family.description));
    let has = |label: &String| match label.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => label == name,
    };
    exported.find(|family| family.labels.iter().any(has)).map(|family| family.description.name)
}
