//! Flags of processes that share the objects of a cluster.

use super::{Bool, notation::whole};
use clap::Args;

/// How several exporters share the objects.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sharding")]
pub struct ShardingArgs {
    /// The place of this process among those that share the objects, from 0.
    #[arg(long, value_name = "ORDINAL", default_value_t = 0, value_parser = whole::<u32>(0..=i32::MAX.into()))]
    pub shard: u32,
    /// The number of processes that share the objects.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole::<u32>(0..=i32::MAX.into()))]
    pub total_shards: u32,
    /// Let the API server send each process its share only, which takes the feature gate
    /// `ShardedListAndWatch`. Shares are other ones then: all processes have to do it alike.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "BOOL", hide_default_value = true)]
    pub server_side_sharding: Bool,
}

impl Default for ShardingArgs {
    fn default() -> Self {
        Self { shard: 0, total_shards: 1, server_side_sharding: Bool(false) }
    }
}

/// The pod that this process is, as one of several replicas.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Sharding")]
pub struct ReplicaArgs {
    /// The pod that this process runs in. Its `StatefulSet` then says which shard of how many it is,
    /// in place of --shard and --total-shards.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub pod: String,
    /// The pod's namespace. Without it --pod has no effect.
    #[arg(long, value_name = "NAMESPACE", default_value = "", hide_default_value = true)]
    pub pod_namespace: String,
}
