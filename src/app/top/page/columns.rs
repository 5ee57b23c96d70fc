//! The columns of a table, and how they are made to fit.

use super::amount::{shown, unit_of};
use crate::top::{Cell, Heading, Rank, Received, Unit};
use std::fmt::Write as _;

/// Columns of text are cut no shorter than this.
const SHORTEST: usize = 12;
/// And columns of names no shorter than this, while there are others to be given up.
const RECOGNIZABLE: usize = 24;
/// What stands between two columns.
const GAP: usize = 2;

/// A share of a whole from which on it is marked.
const MUCH: f64 = 0.75;
const MOST: f64 = 0.9;

const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// The columns that are shown.
pub(super) struct Columns {
    columns: Vec<Column>,
}

struct Column {
    name: &'static str,
    title: &'static str,
    right: bool,
    /// Whether it tells a problem.
    reason: bool,
    rank: Rank,
    width: usize,
    cells: Vec<Shown>,
}

/// A cell as it is shown.
struct Shown {
    text: String,
    colour: Option<&'static str>,
}

impl Columns {
    /// Chooses and fits the columns of an answer.
    pub(super) fn new(
        answer: &Received,
        wide: bool,
        one_namespace: bool,
        problems: bool,
        width: usize,
    ) -> Self {
        let chosen = answer.headings.iter().enumerate().filter(|(at, heading)| {
            let rank = rank(heading, problems);
            let known = || answer.rows.iter().any(|row| row[*at] != Cell::None);
            let empty = rank > Rank::First || heading.name.ends_with("_used");
            rank <= if wide { Rank::Wide } else { Rank::Third }
                && !(one_namespace && heading.name == "namespace")
                && (!empty || known())
        });
        let columns = chosen.map(|(at, heading)| Column::new(answer, at, heading, problems)).collect();
        let mut columns = Self { columns };
        columns.prefer_usage();
        columns.fit(width);
        columns
    }

    /// Where it is known what is used, what was asked for matters less.
    fn prefer_usage(&mut self) {
        if self.columns.iter().any(|column| column.name.ends_with("_used")) {
            for column in self.columns.iter_mut().filter(|column| column.name.ends_with("_requests")) {
                column.rank = column.rank.max(Rank::Second);
            }
        }
    }

    fn width(&self) -> usize {
        self.columns.iter().map(|column| column.width + GAP).sum::<usize>().saturating_sub(GAP)
    }

    /// Leaves out columns that matter less, from the right, then shortens texts, the longest first and
    /// reasons last, and at the end leaves out whatever is beyond the edge.
    fn fit(&mut self, width: usize) {
        for rank in [Rank::Wide, Rank::Third, Rank::Second] {
            while self.width() > width {
                let Some(at) = self.columns.iter().rposition(|column| column.rank == rank) else { break };
                self.columns.remove(at);
            }
        }
        self.shorten(width, |column| if column.reason { usize::MAX } else { column.least() });
        self.shorten(width, Column::least);
        while self.width() > width
            && self.columns.len() > 3
            && self.columns.last().is_some_and(|last| last.right)
        {
            self.columns.pop();
        }
        self.shorten(width, |_| SHORTEST);
        while self.width() > width && self.columns.len() > 1 {
            self.columns.pop();
        }
    }

    /// Shortens texts, the longest first, none below what it is to have at least.
    fn shorten(&mut self, width: usize, least: impl Fn(&Column) -> usize) {
        while self.width() > width {
            let over = self.width() - width;
            let texts =
                self.columns.iter_mut().filter(|column| !column.right && column.width > least(column));
            let mut texts: Vec<&mut Column> = texts.collect();
            texts.sort_by_key(|column| std::cmp::Reverse(column.width));
            let next = texts.get(1).map_or(0, |column| column.width);
            let Some(longest) = texts.first_mut() else { break };
            let least = least(longest);
            // As short as the next one, or as it takes.
            let cut = over.min((longest.width - next.max(least)).max(1));
            longest.width = (longest.width - cut).max(least);
        }
    }

    pub(super) fn write_titles(&self, colours: bool, out: &mut String) {
        let titles = self.columns.iter().map(|column| (column, column.title, colours.then_some(BOLD)));
        line(titles, out);
    }

    pub(super) fn write_row(&self, row: usize, colours: bool, out: &mut String) {
        let cells = self.columns.iter().map(|column| {
            let cell = &column.cells[row];
            (column, &*cell.text, cell.colour.filter(|_| colours))
        });
        line(cells, out);
    }
}

/// When a column is shown: among problems, what is wrong with what.
fn rank(heading: &Heading, problems: bool) -> Rank {
    match (problems, heading.name) {
        (true, "severity" | "problem") => Rank::First,
        (true, "created" | "status" | "state") => Rank::Second,
        (true, _) if heading.rank == Rank::First && heading.unit != Unit::Text => Rank::Third,
        (true, _) if heading.rank != Rank::First => heading.rank.max(Rank::Wide),
        _ => heading.rank,
    }
}

impl Column {
    /// As many characters as it has to keep while there are others to be given up: what it is about is
    /// not told by the beginning of a name.
    fn least(&self) -> usize {
        if matches!(self.name, "name" | "pod" | "group") { RECOGNIZABLE } else { SHORTEST }
    }

    fn new(answer: &Received, at: usize, heading: &Heading, problems: bool) -> Self {
        let place = |name: &str| answer.headings.iter().position(|other| other.name == name);
        let whole = heading.of.and_then(place);
        let (severity, unit) = (place("severity"), place("unit"));
        let cells = answer.rows.iter().map(|row| {
            let unit = match (heading.unit, unit) {
                (Unit::OfRow, Some(unit)) => match &row[unit] {
                    Cell::Text(name) => unit_of(name),
                    _ => Unit::Count,
                },
                (unit, _) => unit,
            };
            let whole = whole.map(|whole| &row[whole]);
            let share = heading.unit != Unit::Count;
            let mut cell = Shown::new(&row[at], unit, whole, share, answer.time.seconds());
            // To promise more than there is isn't bad, and to use it all is only where it is used.
            if heading.name.ends_with("_limits") || heading.name.ends_with("_requests") {
                cell.colour = None;
            }
            if matches!(heading.name, "status" | "state" | "severity")
                || (problems && heading.name == "problem")
            {
                cell.colour = severity.and_then(|severity| of_severity(&row[severity]));
            }
            cell
        });
        let cells: Vec<Shown> = cells.collect();
        let widest = cells.iter().map(|cell| cell.text.chars().count()).max().unwrap_or_default();
        Self {
            name: heading.name,
            title: heading.title,
            right: heading.unit != Unit::Text,
            reason: problems && heading.name == "problem",
            rank: rank(heading, problems),
            width: widest.max(heading.title.len()),
            cells,
        }
    }
}

impl Shown {
    fn new(cell: &Cell, unit: Unit, whole: Option<&Cell>, share: bool, now: i64) -> Self {
        let plain = |text: String| Self { text, colour: None };
        match cell {
            Cell::None | Cell::Numbers(_) => plain("-".to_owned()),
            // What comes from the cluster must not steer the terminal.
            Cell::Text(text) => plain(text.replace(char::is_control, "?")),
            Cell::Texts(texts) => plain(texts.join(",").replace(char::is_control, "?")),
            Cell::Number(number) => {
                let text = shown(*number, unit, now);
                match whole.and_then(Cell::as_number) {
                    Some(whole) if !share => plain(format!("{text}/{whole}")),
                    Some(whole) if whole > 0.0 => {
                        let share = number / whole;
                        let colour = match share {
                            MOST.. => Some(RED),
                            MUCH.. => Some(YELLOW),
                            _ => None,
                        };
                        Self { text: format!("{text} ({:.0}%)", share * 100.0), colour }
                    }
                    _ => plain(text),
                }
            }
        }
    }
}

fn of_severity(cell: &Cell) -> Option<&'static str> {
    match cell {
        Cell::Text(severity) if severity == "critical" => Some(RED),
        Cell::Text(severity) if severity == "warning" => Some(YELLOW),
        _ => None,
    }
}

/// Appends a line of cells, each as wide as its column.
fn line<'a>(cells: impl Iterator<Item = (&'a Column, &'a str, Option<&'static str>)>, out: &mut String) {
    let begin = out.len();
    let mut pending = 0;
    for (column, text, colour) in cells {
        let long = text.chars().count();
        let cut: String;
        let (text, long) = if long > column.width {
            cut = text.chars().take(column.width - 1).chain(['…']).collect();
            (&*cut, column.width)
        } else {
            (text, long)
        };
        let pad = column.width - long;
        let _ = write!(out, "{:pending$}", "");
        if column.right {
            let _ = write!(out, "{:pad$}", "");
        }
        match colour {
            Some(colour) => {
                let _ = write!(out, "{colour}{text}{PLAIN}");
            }
            None => out.push_str(text),
        }
        pending = GAP + if column.right { 0 } else { pad };
    }
    debug_assert!(out.len() >= begin);
    out.push('\n');
}
