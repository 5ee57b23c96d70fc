//! What a kubelet answers at `/metrics/resource`.

use crate::{
    compare::{Line, Sample, SyntaxError, read_line},
    wire::Atom,
};
use hashbrown::HashMap;
use jiff::Timestamp;
use std::str::{Utf8Error, from_utf8};

/// Why an answer can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is no text.
    #[error("the answer is no text: {0}")]
    Text(#[source] Utf8Error),
    /// A line is not one of an exposition.
    #[error("line {line} of the answer: {error}")]
    Line {
        /// Its number, from one on.
        line: usize,
        /// What is wrong with it.
        #[source]
        error: SyntaxError,
    },
    /// A sample was taken at no point in time.
    #[error("line {0} of the answer: its timestamp is out of range")]
    Time(usize),
    /// A container's sample doesn't say which container's.
    #[error("line {0} of the answer: it doesn't name namespace, pod and container")]
    Unnamed(usize),
    /// There is not one sample of what is used.
    #[error("the answer doesn't say what the node or any container uses")]
    Nothing,
}

/// A measurement: all that counters and gauges said at one point in time. What was not there is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Point {
    /// When, in milliseconds since 1970.
    pub(super) at: i64,
    /// When the container was started, likewise.
    pub(super) start: i64,
    /// Nanoseconds of processor time since then.
    pub(super) cpu: u64,
    /// Bytes of the working set.
    pub(super) memory: u64,
    /// Bytes of swap.
    pub(super) swap: Option<u64>,
}

impl Point {
    /// Whether it says anything: what runs has used both.
    pub(super) fn is_complete(&self) -> bool {
        self.at != 0 && self.cpu != 0 && self.memory != 0
    }
}

/// A container's point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The hash of its pod.
    pub(super) pod: u64,
    /// Its name.
    pub(super) name: Atom,
    pub(super) point: Point,
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The node's own point.
    pub(super) node: Point,
    /// Each container once, in no order.
    pub(super) containers: Vec<Named>,
}

/// What is read of it.
#[derive(Clone, Copy)]
enum Series {
    Cpu,
    Memory,
    Swap,
    Start,
}

impl Answer {
    /// Reads an answer that came at `now`, when samples were taken that don't say.
    pub(super) fn read(
        text: &[u8],
        now: Timestamp,
        hash: impl Fn(&str, &str) -> u64,
    ) -> Result<Self, AnswerError> {
        let text = from_utf8(text).map_err(AnswerError::Text)?;
        let mut answer = Self::default();
        let mut places: HashMap<(u64, Atom), usize, foldhash::fast::RandomState> = HashMap::default();
        let mut empty = true;
        for (number, line) in (1..).zip(text.lines()) {
            // Two thirds of an answer are something else.
            let Some((of_node, _)) = known(line) else { continue };
            let read = read_line(line).map_err(|error| AnswerError::Line { line: number, error })?;
            let Line::Sample(sample) = read else { continue };
            let Some((_, series)) = known(sample.name).filter(|_| is_whole(sample.name)) else { continue };
            empty = false;
            let point = if of_node {
                &mut answer.node
            } else {
                let [namespace, pod, container] =
                    names(&sample.labels).ok_or(AnswerError::Unnamed(number))?;
                let (pod, name) = (hash(namespace, pod), Atom::new(container));
                let containers = &mut answer.containers;
                let place = *places.entry((pod, name.clone())).or_insert_with(|| {
                    containers.push(Named { pod, name, point: Point::default() });
                    containers.len() - 1
                });
                &mut containers[place].point
            };
            let at = time(&sample, now).ok_or(AnswerError::Time(number))?;
            point.take(series, sample.value, at);
        }
        if empty { Err(AnswerError::Nothing) } else { Ok(answer) }
    }
}

impl Point {
    /// Values that are no counts become the nearest one; rates are taken at the time of the counter.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn take(&mut self, series: Series, value: f64, at: i64) {
        match series {
            Series::Cpu => (self.cpu, self.at) = ((value * 1e9) as u64, at),
            Series::Memory => self.memory = value as u64,
            Series::Swap => self.swap = Some(value as u64),
            Series::Start => self.start = (value * 1e3) as i64,
        }
    }
}

/// The name of each series that is read.
const KNOWN: [(&str, bool, Series); 7] = [
    ("node_cpu_usage_seconds_total", true, Series::Cpu),
    ("node_memory_working_set_bytes", true, Series::Memory),
    ("node_swap_usage_bytes", true, Series::Swap),
    ("container_cpu_usage_seconds_total", false, Series::Cpu),
    ("container_memory_working_set_bytes", false, Series::Memory),
    ("container_swap_usage_bytes", false, Series::Swap),
    ("container_start_time_seconds", false, Series::Start),
];

/// What a line begins with: whether it is of the node, and which series it is.
fn known(line: &str) -> Option<(bool, Series)> {
    if !matches!(line.as_bytes().first()?, b'n' | b'c') {
        return None;
    }
    KNOWN.iter().find(|(name, ..)| line.starts_with(name)).map(|(_, of_node, series)| (*of_node, *series))
}

fn is_whole(name: &str) -> bool {
    KNOWN.iter().any(|(known, ..)| *known == name)
}

/// Namespace, pod and container. Names of them have no characters that are escaped.
fn names<'t>(labels: &[(&'t str, &'t str)]) -> Option<[&'t str; 3]> {
    let find = |name| labels.iter().find(|(label, _)| *label == name).map(|(_, value)| *value);
    Some([find("namespace")?, find("pod")?, find("container")?])
}

/// When a sample was taken, if that is a point in time.
#[allow(clippy::cast_possible_truncation)]
fn time(sample: &Sample<'_>, now: Timestamp) -> Option<i64> {
    let at = match sample.timestamp {
        "" => return Some(now.as_millisecond()),
        written => written.parse().ok().or_else(|| Some(written.parse::<f64>().ok()? as i64))?,
    };
    Timestamp::from_millisecond(at).is_ok().then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_000, 0);

    fn read(text: &str) -> Result<Answer, AnswerError> {
        Answer::read(text.as_bytes(), NOW, |namespace, pod| (namespace.len() * 100 + pod.len()) as u64)
    }

    #[test]
    fn a_kubelets_answer_is_read() {
        let answer = read(concat!(
            "# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time\n",
            "# TYPE container_cpu_usage_seconds_total counter\n",
            "container_cpu_usage_seconds_total{container=\"a\",namespace=\"ns\",pod=\"p\"} 4.710169 1395066363000\n",
            "container_cpu_usage_seconds_total{container=\"b\",namespace=\"ns\",pod=\"p\"} 1e-09\n",
            "container_memory_working_set_bytes{container=\"a\",namespace=\"ns\",pod=\"p\"} 1.2890112e+07 1395066362000\n",
            "container_start_time_seconds{container=\"a\",namespace=\"ns\",pod=\"p\"} 1.395066e+09\n",
            "container_swap_limit_bytes{container=\"a\",namespace=\"ns\",pod=\"p\"} 7\n",
            "container_swap_usage_bytes{container=\"a\",namespace=\"ns\",pod=\"p\"} 4096 1395066362000\n",
            "node_cpu_usage_seconds_total 357.35491 1395066363500\n",
            "node_memory_working_set_bytes 1.616273408e+09 1395066363500\n",
            "pod_cpu_usage_seconds_total{namespace=\"ns\",pod=\"p\"} 4.67812 1395066363000\n",
            "resource_scrape_error 0\n",
        ))
        .unwrap();
        let node =
            Point { at: 1_395_066_363_500, cpu: 357_354_910_000, memory: 1_616_273_408, ..Point::default() };
        assert_eq!(answer.node, node);
        let [a, b] = &*answer.containers else { panic!("{answer:?}") };
        assert_eq!((a.pod, &*a.name), (201, "a"));
        let (at, start) = (1_395_066_363_000, 1_395_066_000_000);
        let point = Point { at, start, cpu: 4_710_169_000, memory: 12_890_112, swap: Some(4096) };
        assert_eq!(a.point, point);
        // No memory, and no time of its own.
        assert_eq!(
            (b.point, b.point.is_complete()),
            (Point { at: 1_000_000, cpu: 1, ..Point::default() }, false)
        );
    }

    #[test]
    fn values_that_are_no_counts_are_no_measurements() {
        for value in ["NaN", "-1", "0"] {
            let answer =
                read(&format!("node_cpu_usage_seconds_total {value}\nnode_memory_working_set_bytes 1\n"));
            assert!(!answer.unwrap().node.is_complete(), "{value}");
        }
    }

    #[test]
    fn what_is_no_answer_gets_a_reason() {
        for (text, reason) in [
            ("", "the answer doesn't say what the node or any container uses"),
            ("<html>\n", "the answer doesn't say what the node or any container uses"),
            (
                "node_cpu_usage_seconds_totals 1\n",
                "the answer doesn't say what the node or any container uses",
            ),
            ("a 1\nnode_cpu_usage_seconds_total one\n", r#"line 2 of the answer: "one" is no value"#),
            ("node_cpu_usage_seconds_total{ 1\n", r#"line 1 of the answer: a label was expected at "1""#),
            ("node_cpu_usage_seconds_total 1 1e300\n", "line 1 of the answer: its timestamp is out of range"),
            (
                "container_cpu_usage_seconds_total{container=\"a\",pod=\"p\"} 1\n",
                "line 1 of the answer: it doesn't name namespace, pod and container",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), reason, "{text}");
        }
        assert!(Answer::read(b"\xff", NOW, |_, _| 0).unwrap_err().to_string().contains("is no text"));
    }
}
