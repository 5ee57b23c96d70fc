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
