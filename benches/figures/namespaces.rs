//! What it takes to read many namespaces one by one, beside reading the same objects all at once.

use super::{
    client,
    cluster::Cluster,
    exporter::{Exporter, REST},
    front::Front,
    table::{Table, Unit},
};
use anyhow::{Context as _, ensure};
use kstate::catalog::KINDS;
use std::thread;

/// As many namespaces.
const NAMESPACES: usize = 200;

/// A cluster that has just these, four of them the system's own: there is one for every 40 pods.
const OPTIONS: [&str; 4] = ["--nodes", "196", "--pods-per-node", "40"];

/// The most connections, and the most memory in MB beyond that of the objects.
const LIMIT: (usize, f64) = (100, 100.0);

/// Measures exporters of all kinds.
pub(super) fn measure(table: &mut Table) -> anyhow::Result<()> {
    let cluster = Cluster::of(&OPTIONS)?;
    let names = names(&cluster)?;
    ensure!(names.len() == NAMESPACES, "the simulator has {} namespaces", names.len());
    let plurals: Vec<&str> = KINDS.iter().map(|kind| kind.names.plural).collect();
    let resources = format!("--resources={}", plurals.join(","));
    let namespaces = format!("--namespaces={}", names.join(","));

    let front = Front::start(cluster.address)?;
    let (whole, _) = rest(&front, &[&resources])?;
    let (each, most) = rest(&front, &[&resources, &namespaces])?;
    ensure!(whole.samples == each.samples, "{} samples against {}", each.samples, whole.samples);
    let watches = KINDS.iter().map(|kind| if kind.names.namespaced { NAMESPACES } else { 1 }).sum::<usize>();
    table.note("namespaces, all kinds", format!("{NAMESPACES}, {watches} watches, {} samples", each.samples));
    table.judged(
        "… connections at most, from start to rest",
        most.to_string(),
        format!("fewer than {}", LIMIT.0),
        most < LIMIT.0,
    );
    table.note(
        "… resident memory, by namespaces and all at once",
        format!("{}, {}", Unit::Megabytes.show(each.resident), Unit::Megabytes.show(whole.resident)),
    );
    table.at_most(
        "… resident memory beyond that of the objects",
        each.resident - whole.resident,
        LIMIT.1,
        Unit::Megabytes,
    );
    table.note(
        "… complete after start, by namespaces and all at once",
        format!("{}, {}", Unit::Seconds.show(each.complete), Unit::Seconds.show(whole.complete)),
    );
    Ok(())
}

/// An exporter that was at rest.
struct Rest {
    /// In MB.
    resident: f64,
    /// In seconds.
    complete: f64,
    samples: usize,
}

/// Starts an exporter, and counts its connections until it is at rest.
fn rest(front: &Front, flags: &[&str]) -> anyhow::Result<(Rest, usize)> {
    let mut most = 0;
    let cluster = ["--kubeconfig", front.kubeconfig()?];
    let exporter = Exporter::start(&[&cluster[..], flags].concat(), |process| {
        most = most.max(process.connections_to(front.address)?);
        Ok(())
    })?;
    thread::sleep(REST);
    most = most.max(exporter.process.connections_to(front.address)?);
    let resident = exporter.process.resident()?.now;
    let samples = samples(&client::body(exporter.main, "/metrics", "")?);
    Ok((Rest { resident, complete: exporter.complete.as_secs_f64(), samples }, most))
}

/// The number of samples of an exposition.
pub(super) fn samples(text: &[u8]) -> usize {
    text.split(|&b| b == b'\n').filter(|line| !line.is_empty() && line[0] != b'#').count()
}

/// The names of all namespaces.
fn names(cluster: &Cluster) -> anyhow::Result<Vec<String>> {
    let list: serde_json::Value =
        serde_json::from_slice(&client::body(cluster.address, "/api/v1/namespaces", "")?)?;
    let items = list["items"].as_array().context("a list without items")?;
    let names = items.iter().map(|item| item["metadata"]["name"].as_str().map(str::to_owned));
    names.collect::<Option<_>>().context("a namespace without a name")
}
