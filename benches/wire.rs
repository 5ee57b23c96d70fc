//! Decoding of pods: `cargo bench --bench wire`.

mod sample;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kstate::{
    resources::pods::Pod,
    wire::{Context, decode},
};
use std::hint::black_box;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn decoding(criterion: &mut Criterion) {
    let pods = sample::pods();
    // What pods have in common is known, as it is when an update comes.
    let _held = sample::stored(&pods);
    let bytes = pods.iter().map(Vec::len).sum::<usize>() / pods.len();
    let mut group = criterion.benchmark_group("wire");
    group.throughput(Throughput::Bytes(bytes as u64));
    for (name, context) in
        [("a pod", Context::default()), ("a pod with all labels and annotations", Context::all())]
    {
        let mut pods = pods.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter_with_large_drop(|| {
                let pod = pods.next().map(Vec::as_slice).unwrap_or_default();
                decode::<Pod>(black_box(pod), &context)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
