//! `kstate simulate`: the API of a simulated cluster.

use super::{Failure, exporter::on_signal, threads};
use crate::{
    config::{Simulation, SyntheticCluster},
    simulator::{Options, Simulator},
};
use std::net::SocketAddr;

/// Serves until the process is asked to stop.
pub(super) fn run(simulation: Simulation) -> Result<(), Failure> {
    let Simulation { listen, kubeconfig, cluster } = simulation;
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    threads::block_on(all, async {
        let simulator = start(listen, cluster).await?;
        if let Some(file) = &kubeconfig {
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

pub(super) async fn start(listen: SocketAddr, cluster: SyntheticCluster) -> Result<Simulator, Failure> {
    let SyntheticCluster { nodes, pods_per_node, updates_per_second, seed, objects_per_kind } = cluster;
    let per_kind = objects_per_kind;
    let options = Options { nodes, pods_per_node, updates_per_second, seed, per_kind, ..Options::default() };
    let started = Simulator::start(listen, options).await;
    started.map_err(|error| Failure::Runtime(anyhow::anyhow!("can't listen on {listen}: {error}")))
}
