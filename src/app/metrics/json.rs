//! Families for programs.

use crate::catalog::{Kind, KindFamily};
use serde::Serialize;

/// A family as an object. The keys are what programs rely on: none is renamed or left out.
#[derive(Serialize)]
struct Entry<'a> {
    resource: &'a str,
    api_version: String,
    resource_default: bool,
    name: &'a str,
    r#type: &'a str,
    stability: &'a str,
    opt_in: bool,
    deprecated_since: Option<&'a str>,
    labels: &'a [String],
    help: &'a str,
    appears: &'a str,
}

/// An array of all families.
pub(super) fn array(kinds: &[(&Kind, Vec<KindFamily>)]) -> String {
    let entries: Vec<Entry<'_>> =
        kinds.iter().flat_map(|(kind, families)| families.iter().map(|family| entry(kind, family))).collect();
    serde_json::to_string_pretty(&entries).expect("texts and booleans are always JSON") + "\n"
}

fn entry<'a>(kind: &Kind, family: &'a KindFamily) -> Entry<'a> {
    let description = family.description;
    Entry {
        resource: kind.names.plural,
        api_version: kind.names.api_version(),
        resource_default: kind.default,
        name: description.name,
        r#type: description.metric_type.as_str(),
        stability: if description.stable { "stable" } else { "alpha" },
        opt_in: description.opt_in,
        deprecated_since: description.deprecated,
        labels: &family.labels,
        help: description.help,
        appears: description.appears,
    }
}
