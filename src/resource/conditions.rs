//! Statuses of conditions.

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
