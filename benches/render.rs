//! Rendering of pods and of single values: `cargo bench --bench render`.

mod sample;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kstate::{
    exposition::{Selection, write_escaped, write_number},
    scrape::{KindSource, Part, Source as _, Unit},
};
use std::{hint::black_box, sync::Arc};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn pods(criterion: &mut Criterion) {
    let (_writer, objects) = sample::stored(&sample::pods());
    let part = Part { objects, excused: Arc::default() };
    let source =
        KindSource::new(vec![part], Arc::new(Selection::default()), |family| !family.description().opt_in);
    let block = source.snapshot().expect("the store was filled");
    let mut buffer = Vec::new();
    let mut all = || {
        Unit::divide(&block).fold(0, |samples, unit| {
            buffer.clear();
            samples + black_box(unit.render(&mut buffer))
        })
    };
    let mut group = criterion.benchmark_group("render");
    group.throughput(Throughput::Elements(all() as u64));
    group.bench_function("samples of pods", |bencher| bencher.iter(&mut all));
    group.finish();
}

fn values(criterion: &mut Criterion) {
    let mut out = Vec::with_capacity(1 << 10);
    for (name, number) in
        [("a flag", 1.0), ("a count", 4_711.0), ("a time", 1_700_000_123.0), ("a fraction", 0.25)]
    {
        criterion.bench_function(&format!("number: {name}"), |bencher| {
            bencher.iter(|| {
                out.clear();
                write_number(&mut out, black_box(number));
            });
        });
    }
    for (name, text) in
        [("plain", "registry.example.com/shop/web:1.2.3"), ("escaped", "a \"quoted\" \\ text")]
    {
        criterion.bench_function(&format!("label value: {name}"), |bencher| {
            bencher.iter(|| {
                out.clear();
                write_escaped(&mut out, black_box(text));
            });
        });
    }
}

criterion_group!(benches, pods, values);
criterion_main!(benches);
