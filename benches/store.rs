//! Changes to a store, and their publication: `cargo bench --bench store`.

mod sample;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kstate::{
    resources::pods::Pod,
    store::store,
    wire::{Context, decode},
};
use kube_runtime::watcher::Event;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn pod(bytes: &[u8]) -> Pod {
    decode(bytes, &Context::default()).expect("the simulator's pods are sound")
}

fn changes(criterion: &mut Criterion) {
    let pods = sample::pods();
    let (mut writer, _reader) = sample::stored(&pods);
    let mut group = criterion.benchmark_group("store");
    for size in [1, 10, 100] {
        group.throughput(Throughput::Elements(size as u64));
        // Far from each other, so that hardly two share a chunk.
        let mut next = (0..).map(|i| i * 7_919 % pods.len());
        let mut generation = 0;
        let mut changed = |at: usize| {
            let mut pod = pod(&pods[at]);
            generation += 1;
            pod.metadata.generation = generation;
            Event::Apply(pod)
        };
        group.bench_function(format!("{size} changed pods"), |bencher| {
            bencher.iter_batched(
                || next.by_ref().take(size).map(&mut changed).collect::<Vec<_>>(),
                |events| writer.apply(events),
                BatchSize::SmallInput,
            );
        });
    }
    group.throughput(Throughput::Elements(pods.len() as u64));
    group.bench_function("a first list", |bencher| {
        bencher.iter_batched(
            || pods.iter().map(|bytes| Event::InitApply(pod(bytes))).collect::<Vec<_>>(),
            |events| {
                let (mut writer, reader) = store();
                writer.apply([Event::Init].into_iter().chain(events).chain([Event::InitDone]));
                (writer, reader)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, changes);
criterion_main!(benches);
