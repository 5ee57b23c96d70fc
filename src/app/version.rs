//! `kstate version`: which build this is.

use super::Failure;
use crate::telemetry::BUILD;

/// Prints the version as Prometheus' programs do.
pub(super) fn run() -> Result<(), Failure> {
    let unknown = |text: &'static str| if text.is_empty() { "unknown" } else { text };
    let (branch, revision) = (unknown(BUILD.branch), unknown(BUILD.revision));
    super::print_text(&format!(
        "kstate, version {} (branch: {branch}, revision: {revision})\n  platform:         {}/{}\n",
        BUILD.version, BUILD.system, BUILD.architecture
    ))
}
