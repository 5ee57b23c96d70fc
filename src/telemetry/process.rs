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
        let gauges = operating_system().into_iter().flatten().chain(allocator()).chain([(
            "kstate_interned_texts",
            "Distinct texts held once for all objects",
            Atom::count() as f64,
        )]);
        for (name, help, value) in gauges {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            encode_value(MetricType::Gauge, value, metric)?;
        }
        if let Some(seconds) = cpu_seconds() {
            let help = "User and system time of the process";
            let metric = encoder.encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?;
            encode_value(MetricType::Counter, seconds, metric)?;
        }
        Ok(())
    }
}

type Gauge = (&'static str, &'static str, f64);

fn operating_system() -> Option<impl Iterator<Item = Gauge>> {
    let me = procfs::process::Process::myself().ok()?;
    let stat = me.stat().ok()?;
    let started =
        procfs::boot_time_secs().ok()? as f64 + stat.starttime as f64 / procfs::ticks_per_second() as f64;
    let open = me.fd_count().ok()? as f64;
    let most = match me.limits().ok()?.max_open_files.soft_limit {
        procfs::process::LimitValue::Value(most) => most as f64,
        procfs::process::LimitValue::Unlimited => f64::INFINITY,
    };
    Some(
        [
            ("process_resident_memory_bytes", "Resident memory", (stat.rss * procfs::page_size()) as f64),
            ("process_virtual_memory_bytes", "Virtual memory", stat.vsize as f64),
            ("process_open_fds", "Open file descriptors", open),
            ("process_max_fds", "The most file descriptors that may be open", most),
            ("process_start_time_seconds", "When the process started", started),
        ]
        .into_iter(),
    )
}

fn cpu_seconds() -> Option<f64> {
    let stat = procfs::process::Process::myself().ok()?.stat().ok()?;
    Some((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
}

/// What jemalloc counts; nothing where another allocator is in use.
fn allocator() -> impl Iterator<Item = Gauge> {
    use tikv_jemalloc_ctl::{epoch, stats};
    let allocated = epoch::advance().ok().and_then(|_| stats::allocated::read().ok());
    let resident = stats::resident::read().ok();
    [
        ("kstate_memory_allocated_bytes", "Bytes in live allocations", allocated),
        ("kstate_memory_resident_bytes", "Bytes that the allocator keeps resident", resident),
    ]
    .into_iter()
    .filter_map(|(name, help, bytes)| Some((name, help, bytes.filter(|&bytes| bytes > 0)? as f64)))
}
