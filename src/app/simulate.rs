//! `kstate simulate`: the API of a simulated cluster.

use super::{Failure, exporter::on_signal};
use crate::{
    cli::{ClusterArgs, SimulateArgs},
    simulator::{Options, Simulator},
};
use std::net::SocketAddr;

/// Serves until the process is asked to stop.
pub(super) fn run(args: SimulateArgs) -> Result<(), Failure> {
    let SimulateArgs { listen, write_kubeconfig, cluster, objects_per_kind } = args;
    super::block_on(async {
        let simulator = start(listen, &cluster, objects_per_kind).await?;
        if let Some(file) = &write_kubeconfig {
            std::fs::write(file, simulator.kubeconfig()).map_err(|error| {
                Failure::usage(format!("--write-kubeconfig: {} can't be written: {error}", file.display()))
            })?;
        }
        println!(
            "A simulated cluster of {} nodes with {} pods each is served on http://{}.",
            cluster.nodes,
            cluster.pods_per_node,
            simulator.address()
        );
        on_signal()?.cancelled().await;
        simulator.shutdown().await;
        Ok(())
    })
}

pub(super) async fn start(
    listen: SocketAddr,
    cluster: &ClusterArgs,
    per_kind: Option<usize>,
) -> Result<Simulator, Failure> {
    let ClusterArgs { nodes, pods_per_node, updates_per_second, seed } = *cluster;
    if !(updates_per_second >= 0.0 && updates_per_second.is_finite()) {
        return Err(Failure::usage(format!(
            "--updates-per-second needs a number from 0 on, not {updates_per_second}"
        )));
    }
    let options = Options { nodes, pods_per_node, updates_per_second, seed, per_kind, ..Options::default() };
    let started = Simulator::start(listen, options).await;
    started.map_err(|error| Failure::Runtime(anyhow::anyhow!("can't listen on {listen}: {error}")))
}
