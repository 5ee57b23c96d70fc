//! Every figure that the project holds itself to, beside its limit:
//!
//! ```text
//! cargo bench --bench figures               # all of them, in three minutes at most
//! cargo bench --bench figures -- store      # live heap per pod
//! cargo bench --bench figures -- speed      # decoding, rendering, following changes
//! cargo bench --bench figures -- gzip       # scrapes with gzip, cold and after changes
//! cargo bench --bench figures -- process    # the exporter against the simulator
//! cargo bench --bench figures -- unique     # pods that have nothing in common
//! cargo bench --bench figures -- kinds      # live heap per object of each kind
//! cargo bench --bench figures -- namespaces # reading 200 namespaces one by one
//! ```
//!
//! All of it is measured on 30,000 pods of 1,000 nodes and 3,000 objects of each other kind but
//! namespaces, which `kstate simulate` serves from a process of its own. Times are the best of
//! several runs, since anything else that runs on the machine only adds to them; what runs on one
//! thread is measured in its processor time. Memory is what jemalloc has handed out, and for
//! processes what the kernel says of them. MB and GB are powers of ten.

mod client;
mod cluster;
#[allow(dead_code)] // the other benchmark asks for more
mod exporter;
mod front;
mod gzip;
mod kinds;
mod local;
mod memory;
mod namespaces;
#[allow(dead_code)]
mod process;
mod serving;
mod speed;
mod table;
mod unique;

use cluster::Cluster;
use table::Table;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` only wants to know that it builds.
        return Ok(());
    }
    let groups: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |group: &str| groups.is_empty() || groups.contains(&group);
    let mut table = Table::default();
    eprintln!("Simulated clusters are made first, each of which takes some seconds.");
    if ["process", "store", "speed", "gzip", "unique"].into_iter().any(wanted) {
        of_pods(wanted, &mut table)?;
    }
    if wanted("kinds") {
        kinds::measure(&mut table)?;
    }
    if wanted("namespaces") {
        namespaces::measure(&mut table)?;
    }
    table.print();
    Ok(())
}

/// The figures that are of the large cluster or of its pods alone.
fn of_pods(wanted: impl Fn(&str) -> bool, table: &mut Table) -> anyhow::Result<()> {
    let cluster = Cluster::start()?;
    if wanted("process") {
        serving::measure(&cluster, table)?;
    }
    if ["store", "speed", "gzip", "unique"].into_iter().any(&wanted) {
        let list = cluster.pods()?;
        // It would take processor time from what follows.
        drop(cluster);
        let pods = list.each()?;
        let (mut writer, reader) = memory::measure(&pods, table)?;
        if wanted("speed") {
            speed::decoding(&pods, table)?;
            speed::rendering(&reader, table)?;
            speed::changes(&pods, &mut writer, table)?;
        }
        if wanted("gzip") {
            gzip::measure(&reader, &mut writer, table)?;
        }
        drop((writer, reader));
        if wanted("unique") {
            unique::measure(&pods, table)?;
        }
    }
    Ok(())
}
