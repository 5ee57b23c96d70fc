//! What it costs to ask all kubelets what is used: through the API server and, over TLS, each by itself.

use super::{cluster::Cluster, exporter::Exporter, scrapers};
use anyhow::Context as _;
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kstate::simulator::Simulator;
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::json;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const NODES: usize = 1_000;
/// The time between rounds.
const RESOLUTION: Duration = Duration::from_secs(15);
/// As many rounds are measured.
const ROUNDS: u32 = 4;

/// Prints a row for each way.
pub(super) fn run() -> anyhow::Result<()> {
    let cluster = Cluster::start(NODES)?;
    let port = cluster.kubelets(|simulator| Box::pin(serve(simulator)))?;
    let port = format!("--kubelet-port={port}");
    println!(
        "| kubelets | containers | complete, MB | with usage, MB | at most, MB | a round, s | processor for it, s |"
    );
    println!(
        "| -------- | ---------- | ------------ | -------------- | ----------- | ---------- | ------------------- |"
    );
    let direct = ["--usage", "--kubelet-insecure-tls", "--kubelet-preferred-address-types=InternalIP", &port];
    let ways: [(&str, &[&str]); 3] =
        [("none", &[]), ("proxy", &["--usage", "--kubelet-access=proxy"]), ("direct", &direct)];
    for (name, flags) in ways {
        let exporter = cluster.exporter(flags)?;
        // The first round has begun by then, and brings little that is kept.
        let complete = exporter.process.resident()?.now;
        // So that all rings have begun, and what was needed for the start is given back.
        thread::sleep(RESOLUTION * 2);
        let before = exporter.process.cpu()?;
        thread::sleep(RESOLUTION * ROUNDS);
        let processor = (exporter.process.cpu()? - before) / f64::from(ROUNDS);
        let resident = exporter.process.resident()?;
        let containers = self_metric(&exporter, "kstate_usage_containers")?;
        let round = self_metric(&exporter, "kstate_kubelet_round_duration_seconds")?;
        println!(
            "| {name:8} | {containers:10.0} | {complete:12.0} | {:14.0} | {:11.0} | {round:10.2} | {processor:19.2} |",
            resident.now, resident.peak
        );
    }
    Ok(())
}

/// The value of one of the exporter's own metrics; zero where there is none.
fn self_metric(exporter: &Exporter, name: &str) -> anyhow::Result<f64> {
    let text = scrapers::text(exporter.telemetry)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(Ok(0.0), |value| value.parse().context("a value that is no number"))
}

/// Serves all kubelets at a port of addresses of their own, and returns the port.
async fn serve(simulator: Arc<Simulator>) -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    let port = listener.local_addr()?.port();
    let names: Vec<String> = (1..=NODES).map(|node| format!("node-{node:04}")).collect();
    for (place, name) in names.iter().enumerate() {
        let mut node = simulator.get("nodes", "", name).context("a node has gone")?;
        let [high, low] = u16::try_from(place)?.to_be_bytes();
        let address = format!("127.1.{high}.{low}");
        node["status"]["addresses"] = json!([{"type": "InternalIP", "address": address}]);
        simulator.apply("nodes", node)?;
    }
    let identity = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let names = Arc::new(names);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(IpAddr::V4(address)) = socket.local_addr().map(|local| local.ip()) else { continue };
            let [_, _, high, low] = address.octets();
            let node = names.get(usize::from(u16::from_be_bytes([high, low]))).cloned().unwrap_or_default();
            tokio::spawn(connection(acceptor.clone(), socket, Arc::clone(&simulator), node));
        }
    });
    Ok(port)
}

async fn connection(acceptor: TlsAcceptor, socket: TcpStream, simulator: Arc<Simulator>, node: String) {
    let Ok(stream) = acceptor.accept(socket).await else { return };
    let service = service_fn(|_: Request<Incoming>| {
        let text = simulator.kubelet(&node).unwrap_or_default();
        async move { Ok::<_, Infallible>(Response::new(text)) }
    });
    // The exporter may end at any time.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
