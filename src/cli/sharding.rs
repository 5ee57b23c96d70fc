//! Flags of processes that share the objects of a cluster.

use clap::Args;

/// How several exporters share the objects.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sharding")]
pub struct ShardingArgs {
    /// The place of this process among those that share the objects, from 0.
    #[arg(long, value_name = "ORDINAL", default_value_t = 0)]
    pub shard: u32,
    /// The number of processes that share the objects.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub total_shards: u32,
}

impl Default for ShardingArgs {
    fn default() -> Self {
        Self { shard: 0, total_shards: 1 }
    }
}
