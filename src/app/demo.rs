//! `kstate demo`: the exporter on a simulated cluster in this process.

use super::{
    Failure,
    exporter::{Exporter, on_signal},
    ports::Ports,
    server_side, simulate, threads,
};
use crate::{
    config::{Demo, SyntheticCluster},
    exposition::Format,
    kubelets,
    scrape::{Encoding, Query, Scraper, Source},
    server::Health as _,
    simulator::Simulator,
    usage::Terms,
    watch::{Clients, Tuning},
};
use anyhow::Context as _;
use futures::StreamExt as _;
use std::{fmt::Write as _, net::SocketAddr, sync::Arc, time::Duration};

/// How long the simulated cluster may take to be read.
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs the demonstration until the process is asked to stop, or prints one exposition.
pub(super) fn run(demo: Demo) -> Result<(), Failure> {
    let Demo { cluster, selection, serving } = demo;
    let threads = serving.as_ref().and_then(|serving| serving.threads).unwrap_or_else(threads::usual);
    threads::block_on(threads, async {
        let ports = serving.map(|serving| Ports::bind(&serving).map(|ports| (ports, serving))).transpose()?;
        let simulator = simulate::start(([127, 0, 0, 1], 0).into(), cluster).await?;
        let clients = connect(&simulator).await?;
        server_side::check(&clients, &selection, PATIENCE, &Tuning::default()).await?;
        let exporter = Exporter::start(clients, &selection, PATIENCE, Tuning::default());
        if ports.is_some() {
            exporter.using.apply(Some(&usage()));
        }
        ready(&exporter).await?;
        let Some((ports, serving)) = ports else {
            return super::print(exporter.kinds.scraper(), Format::Text).await;
        };
        println!("{}", summary(&simulator, cluster, exporter.kinds.scraper(), &ports).await);
        let shutdown = on_signal()?;
        let served = exporter.served(&serving, ports.web.clone());
        let ports = ports.open(served);
        shutdown.cancelled().await;
        ports.close().await;
        simulator.shutdown().await;
        Ok(())
    })
}

/// Kubelets are asked through the API server, so often that usage is known soon.
fn usage() -> kubelets::Settings {
    let terms = Terms { resolution: Duration::from_secs(5), depth: 15, span: Duration::from_mins(15) };
    let (access, timeout) = (kubelets::Access::Proxy, Duration::from_secs(4));
    kubelets::Settings { terms, access, timeout, selector: None, node: None }
}

async fn connect(simulator: &Simulator) -> Result<Clients, Failure> {
    let url =
        format!("http://{}", simulator.address()).parse().context("the simulator's address is a URL")?;
    Ok(Clients::fixed(kube::Config::new(url)).await?)
}

async fn ready(exporter: &Exporter) -> Result<(), Failure> {
    let waited = tokio::time::timeout(PATIENCE, async {
        while exporter.gate.ready().is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let missing = || exporter.gate.ready().err().unwrap_or_default();
    waited.await.map_err(|_| Failure::Runtime(anyhow::anyhow!("after {PATIENCE:?}: {}", missing())))
}

/// What is served where, and how much of it there is.
async fn summary(
    simulator: &Simulator,
    cluster: SyntheticCluster,
    scraper: &Scraper,
    ports: &Ports,
) -> String {
    let sources = scraper.sources();
    let width = sources.iter().map(|source| source.resource().len()).max().unwrap_or_default();
    let mut text = format!(
        "A simulated cluster of {} nodes with {} pods each; {} objects change in a second.\n\n{:<width$}{:>10}{:>12}\n",
        cluster.nodes, cluster.pods_per_node, cluster.updates_per_second, "kind", "objects", "samples"
    );
    let (mut objects, mut samples) = (0, 0);
    for source in sources.iter() {
        let row = (count(source), samples_of(scraper, source).await);
        objects += row.0;
        samples += row.1;
        let _ = writeln!(text, "{:<width$}{:>10}{:>12}", source.resource(), row.0, row.1);
    }
    let _ = writeln!(text, "{:<width$}{objects:>10}{samples:>12}", "all");
    if let Some(resident) = resident_megabytes() {
        let _ = writeln!(text, "\nMemory: {resident:.0} MB, the simulated API server included.");
    }
    let (main, telemetry) = ports.addresses();
    let (main, telemetry) = (shown(main), shown(telemetry));
    let scheme = ports.scheme();
    let _ = write!(
        text,
        "
  {scheme}://{main}/metrics    the cluster's objects
  {scheme}://{telemetry}/metrics    the exporter's own state
  {scheme}://{telemetry}/readyz     whether the cluster was read
  http://{}           the simulated API server

Ctrl-C ends it.",
        simulator.address()
    );
    text
}

/// An address as a person would open it.
fn shown(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

fn count(source: &Arc<dyn Source>) -> usize {
    source.snapshot().map_or(0, |block| block.objects())
}

async fn samples_of(scraper: &Scraper, source: &Arc<dyn Source>) -> u64 {
    let mut body = scraper.scrape(&Query::of(source.resource()), Format::Text, Encoding::Identity);
    while body.next().await.is_some() {}
    body.totals().samples()
}

fn resident_megabytes() -> Option<f64> {
    let stat = procfs::process::Process::myself().ok()?.stat().ok()?;
    Some((stat.rss * procfs::page_size()) as f64 / 1e6)
}
