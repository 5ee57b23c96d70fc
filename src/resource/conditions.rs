//! Conditions and their statuses.

use crate::{exposition::Samples, wire::Condition};

/// The label values for the status of a condition, in the order of their samples.
pub const STATUSES: [&str; 3] = ["true", "false", "unknown"];

/// The label value for a condition's status; empty for a status that the API doesn't know.
pub fn status(text: &str) -> &'static str {
    match text {
        "True" => "true",
        "False" => "false",
        "Unknown" => "unknown",
        _ => "",
    }
}

/// Three samples for each condition, whatever its type; the labels are its type and the status.
pub fn conditions(conditions: &[Condition], out: &mut Samples<'_, 2>) {
    for condition in conditions {
        out.states(&STATUSES, status(&condition.status), |status| [&condition.r#type, status]);
    }
}
