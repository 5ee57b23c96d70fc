//! Flags of how objects are read.

use super::{
    Bool,
    notation::{UNLIMITED, whole},
};
use clap::Args;

/// How objects are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// The most objects that a list brings, for each kind and each of --namespaces; 0 for all of
    /// them. Objects that change later are exported beyond it.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = whole::<u64>(0..=UNLIMITED))]
    pub object_limit: u64,
    /// Read from the API server's cache, which may lag behind, in place of its storage.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub use_apiserver_cache: Bool,
}
