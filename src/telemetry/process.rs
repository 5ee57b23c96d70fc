//! The process as the operating system and the allocator see it.

use super::kinds::encode_value;
use crate::wire::Atom;
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::MetricType};
use std::fmt;

/// Reads the process' figures when it is scraped; what can't be read is left out.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let interned = Atom::count() as f64;
        let rows = operating_system().into_iter().flatten().chain(allocator()).chain([(
            MetricType::Gauge,
            "kstate_interned_texts",
            "Distinct texts held once for all objects.",
            interned,
        )]);
        for (metric_type, name, help, value) in rows {
            let metric = encoder.encode_descriptor(name, help, None, metric_type)?;
            encode_value(metric_type, value, metric)?;
        }
        Ok(())
    }
}

/// Type, name, help and value.
type Row = (MetricType, &'static str, &'static str, f64);

fn operating_system() -> Option<impl Iterator<Item = Row>> {
    use MetricType::{Counter, Gauge};
    let me = procfs::process::Process::myself().ok()?;
    let stat = me.stat().ok()?;
    let ticks = procfs::ticks_per_second() as f64;
    let cpu = (stat.utime + stat.stime) as f64 / ticks;
    let started = procfs::boot_time_secs().ok()? as f64 + stat.starttime as f64 / ticks;
    let open = me.fd_count().ok()? as f64;
    let most = match me.limits().ok()?.max_open_files.soft_limit {
        procfs::process::LimitValue::Value(most) => most as f64,
        procfs::process::LimitValue::Unlimited => f64::INFINITY,
    };
    let most_memory = match me.limits().ok()?.max_address_space.soft_limit {
        procfs::process::LimitValue::Value(most) => most as f64,
        // As in Go, where it is the largest number that the kernel could name.
        procfs::process::LimitValue::Unlimited => u64::MAX as f64,
    };
    let resident = (stat.rss * procfs::page_size()) as f64;
    Some(
        [
            (Gauge, "process_resident_memory_bytes", "Resident memory.", resident),
            (Gauge, "process_virtual_memory_bytes", "Virtual memory.", stat.vsize as f64),
            (
                Gauge,
                "process_virtual_memory_max_bytes",
                "The most virtual memory that there may be.",
                most_memory,
            ),
            (Gauge, "process_open_fds", "Open file descriptors.", open),
            (Gauge, "process_max_fds", "The most file descriptors that may be open.", most),
            (Gauge, "process_start_time_seconds", "When the process started.", started),
            (Counter, "process_cpu_seconds", "User and system time of the process.", cpu),
        ]
        .into_iter()
        .chain(network().into_iter().flatten()),
    )
}

/// Bytes over the network, of all processes that share it with this one, as those of a pod do.
fn network() -> Option<[Row; 2]> {
    let statistics = std::fs::read_to_string("/proc/self/net/netstat").ok()?;
    let mut lines = statistics.lines().filter_map(|line| line.strip_prefix("IpExt: "));
    let (names, values) = (lines.next()?.split(' '), lines.next()?.split(' '));
    let figures: Vec<(&str, &str)> = names.zip(values).collect();
    let bytes = |name| figures.iter().find(|(known, _)| *known == name)?.1.parse::<f64>().ok();
    let counter = MetricType::Counter;
    Some([
        (counter, "process_network_receive_bytes", "Bytes received over the network.", bytes("InOctets")?),
        (counter, "process_network_transmit_bytes", "Bytes sent over the network.", bytes("OutOctets")?),
    ])
}

/// What jemalloc counts; nothing where another allocator is in use.
fn allocator() -> impl Iterator<Item = Row> {
    use tikv_jemalloc_ctl::{epoch, stats};
    let allocated = epoch::advance().ok().and_then(|_| stats::allocated::read().ok());
    let resident = stats::resident::read().ok();
    [
        ("kstate_memory_allocated_bytes", "Bytes in live allocations.", allocated),
        ("kstate_memory_resident_bytes", "Bytes that the allocator keeps resident.", resident),
    ]
    .into_iter()
    .filter_map(|(name, help, bytes)| {
        Some((MetricType::Gauge, name, help, bytes.filter(|&bytes| bytes > 0)? as f64))
    })
}
