//! What the store holds.

use super::table::{Table, Unit, thread_time};
use kstate::{
    resource::Resource as _,
    resources::pods::Pod,
    store::{Reader, Writer, store},
    wire::{Context, DecodeError, LocalObject as _, decode, sweep},
};
use kube_runtime::watcher::Event;

/// As many pods as are decoded before the store takes them.
const BATCH: usize = 256;

/// Fills a store with pods and counts what it takes.
pub(super) fn measure(pods: &[&[u8]], table: &mut Table) -> anyhow::Result<(Writer<Pod>, Reader<Pod>)> {
    let count = pods.len() as f64;
    let before = allocated()?;
    let start = thread_time();
    let (writer, reader) = fill(pods.iter().copied(), &Context::default())?;
    let filled = thread_time().saturating_sub(start).as_secs_f64();
    sweep();
    let held = allocated()? - before;
    table.at_most("live heap per pod in the store", held / count, 1400.0, Unit::Bytes);
    if let Some(snapshot) = reader.snapshot() {
        let own: usize = snapshot.iter().map(|pod| pod.heap_size()).sum();
        table.note(
            "… of which its own",
            format!("{:.0} B, {} B of them inline", own as f64 / count, size_of::<Pod>()),
        );
        for chunk in &snapshot.chunks {
            chunk.identities(Pod::write_identity);
        }
        let identities = allocated()? - before - held;
        table.note("… identity labels rendered for scrapes, besides", Unit::Bytes.show(identities / count));
    }
    table.note(
        "decoding and storing all pods for the first time, one thread",
        format!("{filled:.3} s, {:.2} µs a pod", filled / count * 1e6),
    );
    Ok((writer, reader))
}

/// A store that holds these pods.
pub(super) fn fill<'p>(
    mut pods: impl Iterator<Item = &'p [u8]>,
    context: &Context,
) -> Result<(Writer<Pod>, Reader<Pod>), DecodeError> {
    let (writer, reader) = store();
    let mut writer = writer.without_versions();
    writer.apply([Event::Init]);
    loop {
        let batch = pods.by_ref().take(BATCH).map(|pod| decode(pod, context).map(Event::InitApply));
        let batch: Vec<_> = batch.collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        writer.apply(batch);
    }
    writer.apply([Event::InitDone]);
    Ok((writer, reader))
}

/// Bytes that the process has allocated and not freed, in the sizes that the allocator rounds to.
pub(super) fn allocated() -> anyhow::Result<f64> {
    let error = |error| anyhow::anyhow!("reading jemalloc's statistics: {error}");
    // The statistics are taken at this moment.
    tikv_jemalloc_ctl::epoch::advance().map_err(error)?;
    Ok(tikv_jemalloc_ctl::stats::allocated::read().map_err(error)? as f64)
}
