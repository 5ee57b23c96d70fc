//! What it takes to remember usage.

use jiff::{SignedDuration, Timestamp};
use kstate::usage::{Terms, Usage};
use std::{fmt::Write as _, time::Duration};
use tikv_jemalloc_ctl::thread::{allocatedp, deallocatedp};

/// The most that may be held of a container, in bytes, all that is held of its node included.
const LIMIT: u64 = 200;

/// Bytes that this thread has allocated and not given back, in the allocator's own sizes.
fn held() -> u64 {
    allocatedp::read().unwrap().get() - deallocatedp::read().unwrap().get()
}

fn answer(node: usize, pods: usize, at: Timestamp) -> String {
    let ms = at.as_millisecond();
    let spent = at.as_second() as f64 / 7.0;
    let mut text =
        format!("node_cpu_usage_seconds_total {spent} {ms}\nnode_memory_working_set_bytes 4000000 {ms}\n");
    for pod in 0..pods {
        let labels = format!("{{container=\"app\",namespace=\"shop\",pod=\"web-{node}-{pod}\"}}");
        writeln!(text, "container_cpu_usage_seconds_total{labels} {spent} {ms}").unwrap();
        writeln!(text, "container_memory_working_set_bytes{labels} 123456789 {ms}").unwrap();
        writeln!(text, "container_swap_usage_bytes{labels} 0 {ms}").unwrap();
        writeln!(text, "container_start_time_seconds{labels} 1").unwrap();
    }
    text
}

#[test]
fn a_container_takes_at_most_200_bytes() {
    // As by default.
    let terms = Terms { resolution: Duration::from_secs(15), depth: 15, span: Duration::from_mins(15) };
    for (nodes, pods) in [(1000, 30), (100, 110), (100, 12)] {
        let start = Timestamp::from_second(1_700_000_000).unwrap();
        let mut now = start;
        let before = held();
        let usage = Usage::new(terms);
        // Each ring is full.
        for _ in 0..16 {
            for node in 0..nodes {
                usage.record(&format!("node-{node}"), answer(node, pods, now).as_bytes(), now).unwrap();
            }
            now += SignedDuration::from_secs(60);
        }
        let per_container = (held() - before) / (nodes * pods) as u64;
        println!("{nodes} nodes of {pods} containers: {per_container} bytes for each");
        assert!(per_container <= LIMIT, "{per_container} bytes for each of {pods} containers of a node");
        assert_eq!(usage.count(), (nodes, nodes * pods));
        let history = usage.container_history("node-7", "shop", "web-7-3", "app", terms.span, now).unwrap();
        assert_eq!(history.samples, 15);
        drop(usage);
        assert!(held().abs_diff(before) < 100_000, "what was held is given back");
    }
}
