//! What kubelets say that nodes and containers use: made up, but for ever the same of the same container.

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::time::{Duration, Instant};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::cluster::Cluster;
use super::codec::{each, find, number};
use super::keys::{Keys, key};
use super::kinds::Kind;
use super::object::Stored;

/// Objects are looked at again after so long, if any has changed.
const STALE: Duration = Duration::from_millis(500);

/// Cores that a node takes for itself.
const SYSTEM_CORES: f64 = 0.15;
/// Bytes that a node takes for itself.
const SYSTEM_BYTES: f64 = 9e8;

/// Seconds for which a node has been running when it is first asked.
const UPTIME: f64 = 1e6;

/// All kubelets of the cluster.
#[derive(Debug)]
pub(super) struct Kubelets {
    cluster: Arc<Cluster>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Running containers by their nodes.
    nodes: HashMap<String, Vec<Container>>,
    /// Of which state of the cluster, and since when.
    of: Option<(u64, Instant)>,
    /// The point at which each node was last asked, in seconds, and its core-seconds by then.
    spent: HashMap<String, (f64, f64)>,
}

#[derive(Debug)]
struct Container {
    labels: Box<str>,
    /// In Unix seconds.
    start: f64,
    /// Cores on average.
    cores: f64,
    /// Bytes on average.
    bytes: f64,
    /// Decides how it differs from others.
    dice: u64,
}

impl Kubelets {
    pub(super) fn new(cluster: Arc<Cluster>) -> Self {
        Self { cluster, state: Mutex::default() }
    }

    /// What the kubelet of a node answers at `/metrics/resource`; `None` where there is no such node.
    pub(super) fn answer(&self, node: &str) -> Option<String> {
        self.cluster.get(Kind::plural("nodes")?, &key("", node))?;
        let mut state = self.state.lock();
        state.look_at(&self.cluster);
        let now = Timestamp::now().as_millisecond() as f64 / 1e3;
        Some(state.tell(node, now))
    }
}

impl State {
    fn look_at(&mut self, cluster: &Cluster) {
        let version = cluster.version();
        if self.of.is_some_and(|(of, since)| of == version || since.elapsed() < STALE) {
            return;
        }
        let Some(pods) = Kind::plural("pods") else { return };
        self.nodes.clear();
        for pod in cluster.snapshot(pods, &Keys::of(None)).objects {
            let node = pod.text(&[2, 10]);
            if !node.is_empty() {
                self.nodes.entry_ref(node).or_default().extend(containers(&pod));
            }
        }
        self.of = Some((version, Instant::now()));
    }

    fn tell(&mut self, node: &str, now: f64) -> String {
        let containers = self.nodes.get(node).map(Vec::as_slice).unwrap_or_default();
        let points: Vec<Point> = containers.iter().map(|container| container.point(now)).collect();
        let cores = SYSTEM_CORES + points.iter().map(|point| point.cores).sum::<f64>();
        let bytes = SYSTEM_BYTES + points.iter().map(|point| point.bytes).sum::<f64>();
        let spent = self.spent.entry_ref(node).or_insert((now, cores * UPTIME));
        *spent = (now, spent.1 + cores * (now - spent.0).max(0.0));
        let node = Point { at: now, core_seconds: spent.1, cores, bytes };

        let mut text = String::with_capacity(1024 + points.len() * 1024);
        let series: [(&str, &str, Value); 3] = [
            ("cpu_usage_seconds_total", "counter", |point| point.core_seconds),
            ("memory_working_set_bytes", "gauge", |point| point.bytes.floor()),
            ("swap_usage_bytes", "gauge", |_| 0.0),
        ];
        for (name, kind, value) in series {
            let _ = writeln!(text, "# HELP container_{name} [STABLE]\n# TYPE container_{name} {kind}");
            for (container, point) in containers.iter().zip(&points) {
                let (labels, value, at) = (&container.labels, value(point), point.at * 1e3);
                let _ = writeln!(text, "container_{name}{{{labels}}} {value} {at:.0}");
            }
        }
        text.push_str(
            "# HELP container_start_time_seconds [STABLE]\n# TYPE container_start_time_seconds gauge\n",
        );
        for Container { labels, start, .. } in containers {
            let _ = writeln!(text, "container_start_time_seconds{{{labels}}} {start}");
        }
        for (name, kind, value) in series {
            let (value, at) = (value(&node), node.at * 1e3);
            let _ = writeln!(
                text,
                "# HELP node_{name} [STABLE]\n# TYPE node_{name} {kind}\nnode_{name} {value} {at:.0}"
            );
        }
        text.push_str("# HELP resource_scrape_error [STABLE]\n# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n");
        text
    }
}

/// What a series says of a point.
type Value = fn(&Point) -> f64;

/// What is used at a point in time.
#[derive(Debug)]
struct Point {
    /// In Unix seconds.
    at: f64,
    core_seconds: f64,
    cores: f64,
    bytes: f64,
}

impl Container {
    /// Usage swings about its mean in some minutes. It is measured a little before it is asked for.
    fn point(&self, now: f64) -> Point {
        let share = |at: u32| share(self.dice, at);
        let at = now - share(0);
        let (period, swing) = (120.0 + 600.0 * share(16), 0.5 * share(32));
        let turn = std::f64::consts::TAU / period;
        let age = (at - self.start).max(0.0);
        let (sin, cos) = (turn * age).sin_cos();
        Point {
            at,
            core_seconds: self.cores * (age + swing / turn * (1.0 - cos)),
            cores: self.cores * (1.0 + swing * sin),
            bytes: (self.bytes * (1.0 + 0.3 * swing * sin) / 4096.0).floor() * 4096.0,
        }
    }
}

/// The containers of a pod that run, by its status.
fn containers(pod: &Stored) -> impl Iterator<Item = Container> {
    let (spec, status) = (find(2, &pod.bytes).unwrap_or_default(), find(3, &pod.bytes).unwrap_or_default());
    // Init containers that go on are among the former.
    let statuses = each(10, status).chain(each(8, status));
    statuses.filter_map(move |status| {
        let name = text(find(1, status)?)?;
        let start = number(1, find(1, find(2, find(2, status)?)?)?)?;
        let declared = each(2, spec).chain(each(20, spec)).find(|it| find(1, it) == Some(name.as_bytes()));
        let requests = declared.and_then(|container| find(8, container)).unwrap_or_default();
        let request = |resource: &str| {
            let entry = each(2, requests).find(|entry| find(1, entry) == Some(resource.as_bytes()))?;
            amount(text(find(1, find(2, entry)?)?)?)
        };
        let (namespace, pod) = (pod.namespace(), pod.name());
        let dice = hash(&(namespace, pod, name));
        let share = share(dice, 48);
        Some(Container {
            labels: format!("container=\"{name}\",namespace=\"{namespace}\",pod=\"{pod}\"").into(),
            start: start as f64,
            cores: request("cpu").unwrap_or(0.02) * (0.1 + 0.7 * share),
            bytes: request("memory").unwrap_or(3e7) * (0.4 + 0.5 * share),
            dice,
        })
    })
}

/// A share of one by sixteen bits of the dice.
fn share(dice: u64, at: u32) -> f64 {
    let bits = (dice >> at & 0xffff) as f64;
    bits / f64::from(u16::MAX)
}

fn hash(value: &impl Hash) -> u64 {
    FixedState::default().hash_one(value)
}

fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// The number that a quantity stands for.
fn amount(quantity: &str) -> Option<f64> {
    const SUFFIXES: [(&str, f64); 8] = [
        ("m", 1e-3),
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("", 1.0),
    ];
    let (digits, factor) =
        SUFFIXES.iter().find_map(|(it, factor)| Some((quantity.strip_suffix(it)?, factor)))?;
    Some(digits.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_only_grow_at_the_rate_that_is_meant() {
        let dice = hash(&"any");
        let container = Container { labels: "".into(), start: 1e9, cores: 0.2, bytes: 1e8, dice };
        let mut before = container.point(1e9 + 100.0);
        for second in 101..2_000 {
            let point = container.point(1e9 + f64::from(second));
            let rate = point.core_seconds - before.core_seconds;
            assert!((0.1..=0.3).contains(&rate), "{rate} after {second} s");
            assert!((rate - f64::midpoint(point.cores, before.cores)).abs() < 1e-3, "{rate}");
            assert!((8e7..1.2e8).contains(&point.bytes) && point.at > before.at);
            before = point;
        }
    }

    #[test]
    fn quantities_are_numbers() {
        for (text, want) in
            [("250m", Some(0.25)), ("64Mi", Some(67_108_864.0)), ("2", Some(2.0)), ("x", None)]
        {
            assert_eq!(amount(text), want, "{text}");
        }
    }
}
