//! The table: a row for each figure, columns for sizes, limits, growth and the straightforward build.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

/// The size that growth is counted from, and to.
const GROWTH: (usize, usize) = (1_000, 5_000);

/// All figures so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<Row>,
    sizes: Vec<usize>,
}

#[derive(Debug)]
struct Row {
    figure: &'static str,
    unit: Unit,
    /// By the number of nodes.
    cells: BTreeMap<usize, Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    ours: Option<f64>,
    limit: Option<f64>,
    straightforward: Option<f64>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// The exporter.
    Ours,
    /// What it is compared to.
    Straightforward,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Megabytes,
    Seconds,
    Milliseconds,
    Cores,
    Times,
    GigabytesPerSecond,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Megabytes => "MB",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Cores => "cores",
            Self::Times => "times",
            Self::GigabytesPerSecond => "GB/s",
        }
    }

    fn digits(self) -> usize {
        match self {
            Self::Megabytes => 0,
            Self::Times | Self::GigabytesPerSecond => 2,
            Self::Seconds | Self::Milliseconds | Self::Cores => 3,
        }
    }

    fn is_met(self, measured: f64, limit: f64) -> bool {
        if self == Self::GigabytesPerSecond { measured >= limit } else { measured <= limit }
    }
}

impl Report {
    /// What was measured of a build. The limit is for ours.
    pub(super) fn row(
        &mut self,
        build: Build,
        nodes: usize,
        figure: &'static str,
        unit: Unit,
        value: f64,
        limit: Option<f64>,
    ) {
        let cell = self.cell(nodes, figure, unit);
        let (who, beside) = match build {
            Build::Ours => {
                (cell.ours, cell.limit) = (Some(value), limit);
                let verdict = |limit| if unit.is_met(value, limit) { "ok" } else { "missed" };
                let beside = limit.map(|limit| format!(", limit {limit}: {}", verdict(limit)));
                ("", beside.unwrap_or_default())
            }
            Build::Straightforward => {
                cell.straightforward = Some(value);
                ("straightforward, ", String::new())
            }
        };
        let (digits, unit) = (unit.digits(), unit.name());
        // Measuring takes minutes: what is known is shown.
        eprintln!("{nodes} nodes, {who}{figure}: {value:.digits$} {unit}{beside}");
    }

    fn cell(&mut self, nodes: usize, figure: &'static str, unit: Unit) -> &mut Cell {
        if !self.sizes.contains(&nodes) {
            self.sizes.push(nodes);
        }
        let row = self.rows.iter().position(|row| row.figure == figure).unwrap_or_else(|| {
            self.rows.push(Row { figure, unit, cells: BTreeMap::new() });
            self.rows.len() - 1
        });
        self.rows[row].cells.entry(nodes).or_default()
    }

    /// Prints the table and writes it as JSON.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        println!("\n{}", self.table());
        let file = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let file = file.join("cluster.json");
        fs::write(&file, serde_json::to_vec_pretty(&self.json())?)?;
        println!("The same as JSON: {}", file.display());
        Ok(())
    }

    fn table(&self) -> String {
        let mut heading = vec!["figure".to_owned()];
        for nodes in &self.sizes {
            heading.push(format!("{nodes} nodes"));
            heading.push("limit".to_owned());
            heading.push("straightforward".to_owned());
        }
        heading.push("grows with nodes to the power of".to_owned());
        let mut lines = vec![heading];
        for row in &self.rows {
            let show = |value: Option<f64>| {
                value
                    .map_or_else(String::new, |value| format!("{value:.digits$}", digits = row.unit.digits()))
            };
            let mut line = vec![format!("{}, {}", row.figure, row.unit.name())];
            for nodes in &self.sizes {
                let cell = row.cells.get(nodes);
                let (ours, limit) = cell.map_or((None, None), |cell| (cell.ours, cell.limit));
                line.push(show(ours));
                line.push(match (ours, limit) {
                    (Some(ours), Some(limit)) if row.unit.is_met(ours, limit) => format!("{limit} ok"),
                    (_, Some(limit)) => format!("{limit} MISSED"),
                    _ => String::new(),
                });
                line.push(show(cell.and_then(|cell| cell.straightforward)));
            }
            line.push(row.growth().map_or_else(String::new, |exponent| format!("{exponent:.2}")));
            lines.push(line);
        }
        let widths: Vec<usize> = (0..lines[0].len())
            .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
            .collect();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        lines.insert(1, rule);
        let line = |cells: &Vec<String>| {
            let cells = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
            format!("|{}\n", cells.collect::<String>())
        };
        lines.iter().map(line).collect()
    }

    fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().flat_map(|row| {
            row.cells.iter().map(|(nodes, cell)| {
                serde_json::json!({
                    "figure": row.figure,
                    "unit": row.unit.name(),
                    "nodes": nodes,
                    "measured": cell.ours,
                    "limit": cell.limit,
                    "straightforward": cell.straightforward,
                })
            })
        });
        rows.collect()
    }
}

impl Row {
    /// The exponent with which the figure grows.
    fn growth(&self) -> Option<f64> {
        let at = |nodes: usize| self.cells.get(&nodes)?.ours.filter(|value| *value > 0.0);
        let (small, large) = (at(GROWTH.0)?, at(GROWTH.1)?);
        Some((large / small).ln() / (GROWTH.1 as f64 / GROWTH.0 as f64).ln())
    }
}
