//! Every figure that the project holds itself to, beside its limit:
//!
//! ```text
//! cargo bench --bench figures              # all of them, in three minutes at most
//! cargo bench --bench figures -- store     # live heap per pod
//! cargo bench --bench figures -- speed     # decoding, rendering, following changes
//! cargo bench --bench figures -- process   # the exporter against the simulator
//! cargo bench --bench figures -- unique    # pods that have nothing in common
//! ```
//!
//! All of it is measured on 30,000 pods of 1,000 nodes and 3,000 objects of each other kind but
//! namespaces, which `kstate simulate` serves from a process of its own. Times are the best of
//! several runs, since anything else that runs on the machine only adds to them; what runs on one
//! thread is measured in its processor time. Memory is what jemalloc has handed out, and for
//! processes what the kernel says of them. MB and GB are powers of ten.

mod client;
mod cluster;
mod memory;
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
    let wanted = |group| groups.is_empty() || groups.contains(&group);
    let mut table = Table::default();
    eprintln!("The simulated cluster is being made.");
    let cluster = Cluster::start()?;
    if wanted("process") {
        serving::measure(&cluster, &mut table)?;
    }
    if wanted("store") || wanted("speed") || wanted("unique") {
        let list = cluster.pods()?;
        // It would take processor time from what follows.
        drop(cluster);
        let pods = list.each()?;
        let (mut writer, reader) = memory::measure(&pods, &mut table)?;
        if wanted("speed") {
            speed::decoding(&pods, &mut table)?;
            speed::rendering(&reader, &mut table)?;
            speed::changes(&pods, &mut writer, &mut table)?;
        }
        drop((writer, reader));
        if wanted("unique") {
            unique::measure(&pods, &mut table)?;
        }
    }
    table.print();
    Ok(())
}
