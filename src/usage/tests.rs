//! What readers see of what kubelets answered.

use super::*;
use std::fmt::Write as _;

const TERMS: Terms = Terms { resolution: Duration::from_secs(15), depth: 15, span: Duration::from_mins(15) };
const MINUTE: Duration = Duration::from_mins(1);
const MIB: u64 = 1 << 20;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// A point of a container: pod, container, seconds of processor time, and MiB.
type Container<'a> = (&'a str, &'a str, f64, u64);

/// An answer in which all has been running since 1970 and is measured at some second.
fn answer(seconds: i64, node: f64, containers: &[Container<'_>]) -> String {
    let ms = seconds * 1000;
    let mut text = format!("node_cpu_usage_seconds_total {node} {ms}\n");
    writeln!(text, "node_memory_working_set_bytes {} {ms}", 100 * MIB).unwrap();
    for (pod, container, cpu, memory) in containers {
        let labels = format!("{{container=\"{container}\",namespace=\"ns\",pod=\"{pod}\"}}");
        writeln!(text, "container_cpu_usage_seconds_total{labels} {cpu} {ms}").unwrap();
        writeln!(text, "container_memory_working_set_bytes{labels} {} {ms}", memory * MIB).unwrap();
    }
    text
}

fn record(usage: &Usage, seconds: i64, node: f64, containers: &[Container<'_>]) {
    usage.record("n", answer(seconds, node, containers).as_bytes(), at(seconds)).unwrap();
}

#[test]
fn rates_are_there_after_two_answers() {
    let usage = Usage::new(TERMS);
    record(&usage, 10_000, 100.0, &[("p", "b", 10.0, 3), ("p", "a", 20.0, 5), ("q", "a", 1.0, 7)]);
    assert_eq!((usage.node("n"), usage.pod("n", "ns", "p"), usage.count()), (None, None, (0, 0)));
    record(&usage, 10_015, 115.0, &[("p", "b", 13.0, 4), ("p", "a", 20.0, 5), ("q", "a", 2.5, 8)]);

    let (timestamp, window) = (at(10_015), Duration::from_secs(15));
    let measured = |cpu, memory| Measured { timestamp, window, cpu, memory: memory * MIB, swap: None };
    assert_eq!(usage.node("n"), Some(measured(1_000_000_000, 100)));
    let containers = vec![(Atom::new("a"), measured(0, 5)), (Atom::new("b"), measured(200_000_000, 4))];
    assert_eq!(usage.pod("n", "ns", "p"), Some(PodUsage { timestamp, window, containers }));
    assert_eq!(usage.pod("n", "ns", "q").unwrap().containers[0].1, measured(100_000_000, 8));
    assert_eq!(usage.count(), (1, 3));
    // Nothing is said of what isn't there, nor by other nodes.
    assert_eq!((usage.pod("n", "other", "p"), usage.pod("n", "ns", "r")), (None, None));
    assert_eq!((usage.pod("m", "ns", "p"), usage.node("m")), (None, None));
}

#[test]
fn a_pod_is_shown_whole_or_not_at_all() {
    let usage = Usage::new(TERMS);
    record(&usage, 10_000, 1.0, &[("p", "a", 1.0, 1)]);
    record(&usage, 10_015, 1.0, &[("p", "a", 2.0, 1), ("p", "new", 1.0, 1)]);
    assert_eq!(usage.pod("n", "ns", "p"), None);
    record(&usage, 10_030, 1.0, &[("p", "a", 3.0, 1), ("p", "new", 2.0, 1)]);
    assert_eq!(usage.pod("n", "ns", "p").unwrap().containers.len(), 2);
    // One without memory.
    record(&usage, 10_045, 1.0, &[("p", "a", 4.0, 1), ("p", "new", 3.0, 0)]);
    assert_eq!(usage.pod("n", "ns", "p"), None);
    // One that has ended is none of its containers, but is remembered for a while.
    record(&usage, 10_060, 1.0, &[("p", "a", 5.0, 1)]);
    assert_eq!(usage.pod("n", "ns", "p").unwrap().containers.len(), 1);
    assert!(usage.container_history("n", "ns", "p", "new", MINUTE, at(10_060)).is_some());
}

#[test]
fn time_and_window_are_those_of_the_oldest_measurement() {
    let usage = Usage::new(TERMS);
    for (second, old, new) in [(10_000, 9_995, 9_998), (10_015, 10_005, 10_013)] {
        let mut text = String::new();
        for (container, taken) in [("a", new), ("b", old)] {
            let labels = format!("{{container=\"{container}\",namespace=\"ns\",pod=\"p\"}}");
            writeln!(text, "container_cpu_usage_seconds_total{labels} {second} {taken}000").unwrap();
            writeln!(text, "container_memory_working_set_bytes{labels} 1 {taken}000").unwrap();
        }
        usage.record("n", text.as_bytes(), at(second)).unwrap();
    }
    let pod = usage.pod("n", "ns", "p").unwrap();
    assert_eq!((pod.timestamp, pod.window), (at(10_005), Duration::from_secs(10)));
    assert_eq!(pod.containers[0].1.timestamp, at(10_013));
    // There was nothing of the node itself.
    assert_eq!(usage.node("n"), None);
}

#[test]
fn what_a_silent_kubelet_said_is_history() {
    let usage = Usage::new(TERMS);
    record(&usage, 10_000, 1.0, &[("p", "a", 1.0, 1)]);
    record(&usage, 10_015, 2.0, &[("p", "a", 2.0, 1)]);
    usage.record("n", b"nonsense", at(10_030)).unwrap_err();
    usage.mark_silent(at(10_075));
    assert!(usage.node("n").is_some());
    usage.mark_silent(at(10_076));
    assert_eq!((usage.node("n"), usage.pod("n", "ns", "p"), usage.count()), (None, None, (0, 0)));
    assert!(usage.node_history("n", MINUTE * 2, at(10_076)).is_some());
    // After so long the old point is none to go on from.
    record(&usage, 10_090, 9.0, &[("p", "a", 9.0, 1)]);
    assert_eq!(usage.node("n"), None);
    record(&usage, 10_105, 10.5, &[("p", "a", 12.0, 1)]);
    assert_eq!(usage.node("n").unwrap().cpu, 100_000_000);

    usage.retain(|name| name != "n");
    assert!(usage.node("n").is_none() && usage.node_history("n", MINUTE, at(10_105)).is_none());
}

#[test]
fn history_is_kept_in_steps_for_a_span() {
    let usage = Usage::new(TERMS);
    // In the minute m the container uses m tenths of a core and, in the middle, m + 100 MiB.
    let start = 60_000;
    let mut cpu = 1.0;
    for round in 0..=20 * 4 {
        let (minute, quarter) = (round / 4, round % 4);
        let memory = if quarter == 2 { 100 + minute } else { 50 };
        record(&usage, start + round * 15, 1.0, &[("p", "a", cpu, u64::try_from(memory).unwrap())]);
        cpu += 15.0 * minute as f64 / 10.0;
    }
    // It is the beginning of the minute 20.
    let now = at(start + 20 * 60);
    let history = |span| usage.container_history("n", "ns", "p", "a", span, now).unwrap();
    // All that there is are the minute that has begun and 14 before it.
    let whole = history(Duration::from_hours(1));
    assert_eq!(whole.samples, 15);
    let near = |value: u64, want: u64| assert!(value.abs_diff(want) * 100 <= want * 5, "{value}, not {want}");
    near(whole.cpu.minimum, 600_000_000);
    near(whole.cpu.maximum, 1_900_000_000);
    near(whole.cpu.p50, 1_300_000_000);
    near(whole.cpu.mean, 1_300_000_000);
    assert_eq!((whole.memory.minimum, whole.memory.maximum), (50 * MIB, 119 * MIB));
    assert_eq!((whole.memory.p50, whole.memory.p99), (112 * MIB, 119 * MIB));
    let minutes = history(MINUTE * 3);
    assert_eq!((minutes.samples, minutes.memory.maximum, minutes.memory.p50), (4, 119 * MIB, 117 * MIB));

    // After a silence, what has been overtaken is gone.
    let late = start + 30 * 60;
    record(&usage, late, 1.0, &[("p", "a", cpu, 1)]);
    let seen = usage.container_history("n", "ns", "p", "a", Duration::from_hours(1), at(late)).unwrap();
    assert_eq!((seen.samples, seen.memory.maximum), (5, 119 * MIB));
    assert!(usage.container_history("n", "ns", "p", "a", MINUTE, at(late)).is_none());
}

#[test]
fn containers_that_fail_again_and_again_keep_their_history() {
    let usage = Usage::new(TERMS);
    record(&usage, 10_000, 1.0, &[("p", "a", 1.0, 9), ("q", "a", 1.0, 1)]);
    record(&usage, 10_015, 2.0, &[("p", "a", 2.0, 9), ("q", "a", 1.0, 1)]);
    let history = |seconds| usage.container_history("n", "ns", "p", "a", MINUTE * 15, at(seconds));
    for round in 2..40 {
        record(&usage, 10_000 + round * 15, 3.0, &[("q", "a", 1.0, 1)]);
    }
    assert_eq!(usage.pod("n", "ns", "p"), None);
    assert_eq!(history(10_585).unwrap().memory.maximum, 9 * MIB);
    // It runs again, and what it did before it ended is no point to go on from.
    record(&usage, 10_600, 3.0, &[("p", "a", 1.5, 1), ("q", "a", 1.0, 1)]);
    assert_eq!(usage.pod("n", "ns", "p"), None);
    record(&usage, 10_615, 3.0, &[("p", "a", 3.0, 1), ("q", "a", 1.0, 1)]);
    assert_eq!(usage.pod("n", "ns", "p").unwrap().containers[0].1.cpu, 100_000_000);
    assert_eq!(history(10_615).unwrap().memory.maximum, 9 * MIB);
    // What stays away is forgotten.
    for round in 42..90 {
        record(&usage, 10_000 + round * 15, 3.0, &[("q", "a", 1.0, 1)]);
    }
    assert!(usage.container_history("n", "ns", "p", "a", MINUTE * 60, at(11_335)).is_none());
}

#[test]
fn not_everything_that_is_gone_is_remembered() {
    let usage = Usage::new(TERMS);
    let names: Vec<String> = (0..2_000).map(|pod| format!("p{pod}")).collect();
    let containers = |range: std::ops::Range<usize>| -> Vec<Container<'_>> {
        names[range].iter().map(|name| (name.as_str(), "a", 1.0, 1)).collect()
    };
    record(&usage, 10_000, 1.0, &containers(0..1_000));
    record(&usage, 10_015, 1.0, &containers(0..1_000));
    record(&usage, 10_030, 1.0, &containers(1_000..2_000));
    let history = |pod: &str| usage.container_history("n", "ns", pod, "a", MINUTE, at(10_030));
    let kept = names[..1_000].iter().filter(|name| history(name).is_some()).count();
    assert_eq!(kept, 256);
}

#[test]
fn other_terms_keep_what_they_can() {
    let usage = Usage::new(TERMS);
    record(&usage, 10_000, 1.0, &[]);
    record(&usage, 10_015, 2.5, &[]);
    usage.set_terms(Terms { depth: 30, span: MINUTE * 15, ..TERMS });
    record(&usage, 10_030, 4.0, &[]);
    // The rate goes on, the history begins anew.
    assert_eq!(usage.node("n").unwrap().cpu, 100_000_000);
    assert_eq!(usage.node_history("n", MINUTE * 15, at(10_030)).unwrap().samples, 1);
}

#[test]
fn a_clock_that_is_put_back_loses_no_more_than_it_must() {
    let usage = Usage::new(TERMS);
    let say = |clock, second, cpu| usage.record("n", answer(second, cpu, &[]).as_bytes(), at(clock)).unwrap();
    say(60_000, 60_000, 1.0);
    say(60_065, 60_015, 2.0);
    say(60_030, 60_030, 3.0);
    assert_eq!(usage.node_history("n", MINUTE, at(60_065)).unwrap().samples, 1);
    say(10_000, 60_045, 4.0);
    assert_eq!(usage.node_history("n", MINUTE, at(10_000)).unwrap().samples, 1);
    assert!(usage.node_history("n", MINUTE, at(60_065)).is_none());
}
