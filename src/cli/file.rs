//! Flags of the configuration file.

use super::Bool;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Which configuration file is read, and how strictly.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct FileArgs {
    /// Configuration file. What it says counts more than flags do.
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub config: String,
    /// Start with the flags alone where the configuration file is missing or can't be used.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub continue_without_config: Bool,
    /// Refuse a configuration file that has unknown keys, which otherwise are only warned of.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub strict_config: Bool,
}

/// What to do with a configuration file.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with a configuration file, a line for each place, without starting.
    Check(CheckArgs),
}

/// Flags of `kstate config check`.
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub struct CheckArgs {
    /// The configuration file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Take unknown keys for mistakes.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub strict_config: Bool,
}
