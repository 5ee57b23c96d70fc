//! Answers for people, and for programs that don't read JSON.

mod amount;
mod columns;

use crate::{
    cli::TopFormat,
    config::Asking,
    top::{Cell, Group, Received},
};
use columns::Columns;
use std::{
    env,
    io::{self, IsTerminal as _, Write},
};
use terminal_size::{Height, Width, terminal_size};

/// Where a table is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// False for files and pipes.
    pub(super) is_one: bool,
    /// Columns; no limit where it is none.
    pub(super) width: usize,
    pub(super) height: u16,
    pub(super) colours: bool,
}

impl Terminal {
    /// What standard output is.
    pub(super) fn of_output() -> Self {
        let is_one = io::stdout().is_terminal();
        let (width, height) = match terminal_size() {
            Some((Width(width), Height(height))) if is_one => (usize::from(width), height),
            _ => (usize::MAX, u16::MAX),
        };
        let plain = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
            || env::var("TERM").is_ok_and(|term| term == "dumb");
        Self { is_one, width, height, colours: is_one && !plain }
    }
}

/// A table of the rows, as wide as fits.
pub(super) fn table(answer: &Received, asking: &Asking, terminal: &Terminal) -> String {
    if answer.rows.is_empty() {
        return String::new();
    }
    let wide = asking.format == TopFormat::Wide;
    let one_namespace = asking.query.namespaces.len() == 1;
    let width = if wide { usize::MAX } else { terminal.width };
    let columns = Columns::new(answer, wide, one_namespace, asking.query.problems, width);
    let mut text = String::new();
    if asking.titles {
        columns.write_titles(terminal.colours, &mut text);
    }
    for row in 0..answer.rows.len() {
        columns.write_row(row, terminal.colours, &mut text);
    }
    text
}

/// The same as the JSON, as YAML.
pub(super) fn yaml(answer: Received, group: Option<Group>, out: &mut impl Write) -> io::Result<()> {
    let mut json = Vec::new();
    answer.write(group, &mut json)?;
    let value: serde_json::Value = serde_json::from_slice(&json)?;
    let text = serde_saphyr::to_string(&value).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// All columns with numbers in base units, as RFC 4180 has them.
pub(super) fn csv(answer: &Received, titles: bool, out: &mut impl Write) -> io::Result<()> {
    if titles {
        let names: Vec<&str> = answer.headings.iter().map(|heading| heading.name).collect();
        writeln!(out, "{}\r", names.join(","))?;
    }
    for row in &answer.rows {
        let cells: Vec<String> = row.iter().map(field).collect();
        writeln!(out, "{}\r", cells.join(","))?;
    }
    Ok(())
}

fn field(cell: &Cell) -> String {
    let text = match cell {
        Cell::None => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Texts(texts) => texts.join(" "),
        Cell::Number(number) => number.to_string(),
        Cell::Numbers(numbers) => {
            let pairs: Vec<String> =
                numbers.iter().map(|(name, number)| format!("{name}={number}")).collect();
            pairs.join(" ")
        }
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests;
