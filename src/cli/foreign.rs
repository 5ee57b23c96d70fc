//! Flags of kube-state-metrics for what is not here: custom resources, not yet, and Go's runtime.

use super::{Bool, Ratio};
use clap::Args;

/// Metrics of custom resources.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Custom resources")]
pub struct CustomResourceArgs {
    /// What to export of custom resources, as YAML. Not exported yet: a log line says so.
    #[arg(long, value_name = "YAML", default_value = "", hide_default_value = true)]
    pub custom_resource_state_config: String,
    /// A file of the same, where --custom-resource-state-config is not given.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub custom_resource_state_config_file: String,
    /// Export custom resources only. Ends the start, as there would be nothing to export yet.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub custom_resource_state_only: Bool,
    /// Start without --custom-resource-state-config-file where the file is missing.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub continue_without_custom_resource_state_config_file: Bool,
}

/// Settings of Go's runtime. There is none: memory is what the objects take, and no garbage grows
/// beside them that would need a limit.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Go's runtime")]
pub struct GoArgs {
    /// No effect, since nothing is garbage collected: a log line says so.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub auto_gomemlimit: Bool,
    /// No effect either.
    #[arg(long, value_name = "RATIO", default_value = "0.9")]
    pub auto_gomemlimit_ratio: Ratio,
}
