//! Decoding, rendering and following changes, each on one thread.

use super::table::{Table, Times, Unit, thread_time};
use kstate::{
    exposition::Selection,
    resources::pods::Pod,
    scrape::{Block, KindSource, Part, Source as _, Unit as Work},
    store::{Reader, Writer},
    wire::{Context, DecodeError, Field, Fields, decode, envelope},
};
use kube_runtime::watcher::Event;
use std::{hint::black_box, sync::Arc, time::Instant};

/// How often everything is measured.
const ROUNDS: usize = 7;

/// Decodes pods whose texts and lists are known already, as those of an update are.
pub(super) fn decoding(pods: &[&[u8]], table: &mut Table) -> anyhow::Result<()> {
    let context = Context::default();
    let mut medians = Vec::new();
    for _ in 0..ROUNDS {
        let mut times = Vec::with_capacity(pods.len());
        for pod in pods {
            let start = Instant::now();
            let decoded: Pod = decode(black_box(pod), &context)?;
            times.push(start.elapsed());
            black_box(decoded);
        }
        medians.push(Times::new(times).median());
    }
    let size = pods.iter().map(|pod| pod.len()).sum::<usize>() as f64 / pods.len() as f64;
    let best = medians.into_iter().fold(f64::INFINITY, f64::min);
    let name = format!("decoding one pod of {size:.0} B from protobuf, median");
    table.at_most(&name, best * 1e6, 6.0, Unit::Microseconds);
    Ok(())
}

/// Renders everything unit by unit, as a scrape does, into one buffer.
pub(super) fn rendering(pods: &Reader<Pod>, table: &mut Table) -> anyhow::Result<()> {
    let selection = Arc::new(Selection::default());
    let parts = vec![Part { objects: pods.clone(), excused: Arc::default() }];
    let source = KindSource::new(parts, selection, |family| !family.description().opt_in);
    let block = source.snapshot().ok_or_else(|| anyhow::anyhow!("the store was not filled"))?;
    let mut buffer = Vec::new();
    let (samples, bytes) = render(&block, &mut buffer);
    let times = Times::new((0..ROUNDS).map(|_| {
        let start = thread_time();
        black_box(render(&block, &mut buffer));
        thread_time().saturating_sub(start)
    }));
    let best = times.best();
    table.at_most("rendering one sample, one thread", best * 1e9 / samples as f64, 60.0, Unit::Nanoseconds);
    table.at_least("rendering, one thread", bytes as f64 / best / 1e9, 3.0, "GB/s");
    table.note(
        "… all pods",
        format!("{samples} samples, {:.1} MB, {}", bytes as f64 / 1e6, times.milliseconds()),
    );
    Ok(())
}

fn render(block: &Arc<dyn Block>, buffer: &mut Vec<u8>) -> (usize, usize) {
    Work::divide(block).fold((0, 0), |(samples, bytes), unit| {
        buffer.clear();
        let more = unit.render(buffer);
        (samples + more, bytes + buffer.len())
    })
}

/// Takes changed pods from the frames of a watch to a published snapshot.
pub(super) fn changes(pods: &[&[u8]], writer: &mut Writer<Pod>, table: &mut Table) -> anyhow::Result<()> {
    // In turns, so that each is a change.
    let reasons: [&[u8]; 2] = [b"", b"Evicted"];
    let frames = reasons.map(|reason| {
        let at = scattered(pods.len(), 10_000);
        at.map(|at| frame(pods[at], reason)).collect::<Vec<_>>()
    });
    for size in [1, 10, 100] {
        let best = (0..ROUNDS).map(|round| follow(&frames[round % 2], size, writer));
        let best = best.collect::<anyhow::Result<Vec<_>>>()?.into_iter().fold(f64::INFINITY, f64::min);
        let name = format!("one changed pod, frame to published snapshot, {size} at a time");
        if size < 10 {
            table.note(&name, Unit::Microseconds.show(best * 1e6));
        } else {
            table.at_most(&name, best * 1e6, 15.0, Unit::Microseconds);
        }
    }
    let same = (0..ROUNDS).map(|_| follow(&frames[0], 10, writer));
    let best = same.collect::<anyhow::Result<Vec<_>>>()?.into_iter().fold(f64::INFINITY, f64::min);
    let name = "… of which nothing that is served has changed, 10 at a time";
    table.note(name, Unit::Microseconds.show(best * 1e6));
    Ok(())
}

/// The processor time in seconds that a frame takes.
fn follow(frames: &[Vec<u8>], size: usize, writer: &mut Writer<Pod>) -> anyhow::Result<f64> {
    let start = thread_time();
    for batch in frames.chunks(size) {
        let events: Result<Vec<_>, _> = batch.iter().map(|frame| applied(frame)).collect();
        writer.apply(events?);
    }
    Ok(thread_time().saturating_sub(start).as_secs_f64() / frames.len() as f64)
}

/// Positions all over a list, none of them twice in short order.
pub(super) fn scattered(length: usize, count: usize) -> impl Iterator<Item = usize> {
    const STRIDE: usize = 7_919; // a prime that divides no such length
    (0..count).map(move |i| i * STRIDE % length)
}

/// What an informer makes of a frame.
fn applied(frame: &[u8]) -> Result<Event<Pod>, DecodeError> {
    let mut object = &[][..];
    let mut fields = Fields(frame);
    while let Some((number, field)) = fields.next()? {
        if number == 2 {
            let mut raw = field.fields()?;
            while let Some((1, Field::Bytes(bytes))) = raw.next()? {
                object = bytes;
            }
        }
    }
    decode(envelope(object)?.1, &Context::default()).map(Event::Apply)
}

/// A watch's frame that says that a pod was changed, and why it is in its phase.
fn frame(pod: &[u8], reason: &[u8]) -> Vec<u8> {
    let version = [message(1, &message(6, b"999999999")), message(3, &message(4, reason))].concat();
    let type_meta = [message(1, b"v1"), message(2, b"Pod")].concat();
    let unknown = [message(1, &type_meta), message(2, &[pod, &version].concat())].concat();
    let object = [&b"k8s\0"[..], &unknown].concat();
    [message(1, b"MODIFIED"), message(2, &message(1, &object))].concat()
}

/// A field of protobuf with a length.
#[allow(clippy::cast_possible_truncation)] // seven bits at a time
pub(super) fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        field.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend_from_slice(bytes);
    field
}
