//! Pods that have nothing in common, all of whose labels are shown: the worst case for a store that
//! holds equal things once.

use super::{
    client,
    local::Local,
    memory,
    speed::message,
    table::{Table, Times, Unit},
};
use kstate::{
    exposition::{Keys, Selection},
    resource::Resource as _,
    resources::pods::Pod,
    wire::sweep,
};
use std::{sync::Arc, time::Instant};

/// How often everything is scraped.
const SCRAPES: usize = 5;

/// Measures the store and the scrape.
pub(super) fn measure(pods: &[&[u8]], table: &mut Table) -> anyhow::Result<()> {
    let selection = Arc::new(Selection { labels: Keys::all(), ..Selection::default() });
    let context = Pod::context(&selection, &Keys::default());
    let pods: Vec<Vec<u8>> = pods.iter().enumerate().map(|(at, pod)| unlike_any_other(pod, at)).collect();
    sweep();
    let before = memory::allocated()?;
    let (_writer, objects) = memory::fill(pods.iter().map(Vec::as_slice), &context)?;
    sweep();
    let held = (memory::allocated()? - before) / pods.len() as f64;
    table.note("all label sets unique and shown: live heap per pod", Unit::Bytes.show(held));

    let local = Local::serve(objects, selection)?;
    let size = client::body(local.address, "/metrics", "")?.len() as f64 / 1e6;
    let mut times = Vec::new();
    for _ in 0..SCRAPES {
        let start = Instant::now();
        client::discard(local.address, "/metrics", "")?;
        times.push(start.elapsed());
    }
    let times = Times::new(times);
    table.note(
        "all label sets unique and shown: scrape of the pods over loopback",
        format!("{size:.0} MB, {:.3} s, {}", times.best(), times.milliseconds()),
    );
    Ok(())
}

/// The pod with one more label and one more toleration, neither of which any other pod has.
fn unlike_any_other(pod: &[u8], at: usize) -> Vec<u8> {
    let own = format!("own-{at}");
    let label = message(11, &[message(1, b"example.com/own"), message(2, own.as_bytes())].concat());
    let toleration = [&[0xb2, 0x01][..], &message(0, &message(1, own.as_bytes()))[1..]].concat();
    // Fields that come once more are merged with those that were there.
    [pod, &message(1, &label), &message(2, &toleration)].concat()
}
