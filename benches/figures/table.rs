//! The table that is printed: figures beside their limits.

use std::time::Duration;

/// Figures in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    measured: String,
    limit: String,
    verdict: &'static str,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Bytes,
    Megabytes,
    Nanoseconds,
    Microseconds,
    Seconds,
}

impl Unit {
    /// A value with its unit.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Bytes => format!("{value:.0} B"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Nanoseconds => format!("{value:.1} ns"),
            Self::Microseconds => format!("{value:.2} µs"),
            Self::Seconds => format!("{value:.3} s"),
        }
    }
}

impl Table {
    /// A figure that must not exceed its limit.
    pub(super) fn at_most(&mut self, name: &str, measured: f64, limit: f64, unit: Unit) {
        let limit_text = format!("at most {}", unit.show(limit));
        self.judged(name, unit.show(measured), limit_text, measured <= limit);
    }

    /// A speed that must be reached.
    pub(super) fn at_least(&mut self, name: &str, measured: f64, limit: f64, unit: &str) {
        self.judged(
            name,
            format!("{measured:.2} {unit}"),
            format!("at least {limit} {unit}"),
            measured >= limit,
        );
    }

    /// A figure that is judged against another one.
    pub(super) fn judged(&mut self, name: &str, measured: String, limit: String, met: bool) {
        self.row(name, measured, limit, if met { "ok" } else { "missed" });
    }

    /// A figure without a limit.
    pub(super) fn note(&mut self, name: &str, measured: impl Into<String>) {
        self.row(name, measured.into(), String::new(), "");
    }

    fn row(&mut self, name: &str, measured: String, limit: String, verdict: &'static str) {
        let row = Row { name: name.to_owned(), measured, limit, verdict };
        // Measuring takes minutes: what is known is shown.
        eprintln!("{}: {} {}", row.name, row.measured, row.verdict);
        self.rows.push(row);
    }

    /// Prints all of it, in Markdown.
    pub(super) fn print(&self) {
        let width = |cell: fn(&Row) -> &str, heading: &str| {
            let cells = self.rows.iter().map(|row| cell(row).chars().count());
            cells.chain([heading.len()]).max().unwrap_or_default()
        };
        let (a, b) = (width(|row| &row.name, "figure"), width(|row| &row.measured, "measured"));
        let c = width(|row| &row.limit, "limit");
        println!("\n| {:a$} | {:b$} | {:c$} |        |", "figure", "measured", "limit");
        println!("| {:-<a$} | {:-<b$} | {:-<c$} | ------ |", "", "", "");
        for Row { name, measured, limit, verdict } in &self.rows {
            println!("| {name:a$} | {measured:b$} | {limit:c$} | {verdict:6} |");
        }
    }
}

/// The processor time that this thread has taken. What runs on one thread is measured in it, so
/// that whatever else the machine does counts for little.
pub(super) fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The same work, timed several times.
#[derive(Debug)]
pub(super) struct Times(Vec<f64>);

impl Times {
    /// Times in seconds.
    pub(super) fn new(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64()).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The least disturbed.
    pub(super) fn best(&self) -> f64 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The one in the middle.
    pub(super) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// All of them, in milliseconds.
    pub(super) fn milliseconds(&self) -> String {
        let times: Vec<String> = self.0.iter().map(|time| format!("{:.0}", time * 1e3)).collect();
        times.join(", ") + " ms"
    }
}
