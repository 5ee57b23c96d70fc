//! Cells and what stands above them.

/// A value in a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing is known, or there is nothing.
    None,
    /// A text.
    Text(String),
    /// Some texts.
    Texts(Vec<String>),
    /// A number in the column's unit.
    Number(f64),
    /// Numbers by names, such as amounts of resources in their base units.
    Numbers(Vec<(String, f64)>),
}

/// What a number is, or that a column has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A text, or several.
    Text,
    /// How many there are.
    Count,
    /// Processor cores.
    Cores,
    /// Bytes.
    Bytes,
    /// Seconds since 1970.
    Time,
    /// Seconds.
    Seconds,
    /// Numbers by names.
    Numbers,
    /// As the row's column `unit` says: `core`, `byte` or `integer`.
    OfRow,
}

/// When a column is a part of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Always.
    First,
    /// While there is room.
    Second,
    /// While there is much room.
    Third,
    /// Where all that can be read is asked for.
    Wide,
    /// Never: it is for programs.
    Never,
}

/// What a column is.
#[derive(Debug, Clone, Copy)]
pub struct Heading {
    /// As programs know it: the key in JSON, and what is sorted by.
    pub name: &'static str,
    /// As people see it.
    pub title: &'static str,
    /// What its numbers are.
    pub unit: Unit,
    /// When it is a part of tables.
    pub rank: Rank,
    /// The column that holds the whole of which this is a part.
    pub of: Option<&'static str>,
    /// What it says, a sentence.
    pub help: &'static str,
}

/// A column of rows of a type.
pub(super) struct Column<R> {
    pub(super) heading: Heading,
    pub(super) cell: fn(&R) -> Cell,
}

impl<R> Column<R> {
    pub(super) const fn new(
        name: &'static str,
        title: &'static str,
        unit: Unit,
        rank: Rank,
        help: &'static str,
        cell: fn(&R) -> Cell,
    ) -> Self {
        Self { heading: Heading { name, title, unit, rank, of: None, help }, cell }
    }

    /// A part of what another column holds.
    pub(super) const fn of(mut self, whole: &'static str) -> Self {
        self.heading.of = Some(whole);
        self
    }
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }

    pub(super) fn texts(texts: Vec<String>) -> Self {
        if texts.is_empty() { Self::None } else { Self::Texts(texts) }
    }

    pub(super) fn count(number: impl TryInto<u32>) -> Self {
        number.try_into().map_or(Self::None, |number| Self::Number(f64::from(number)))
    }

    pub(super) fn number(number: Option<f64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }

    /// The number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The order of cells in a column: by numbers, by texts; nothing comes first.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Texts(a), Self::Texts(b)) => a.cmp(b),
            (Self::Numbers(a), Self::Numbers(b)) => a.len().cmp(&b.len()),
            (a, b) => a.place().cmp(&b.place()),
        }
    }

    fn place(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
            Self::Texts(_) => 3,
            Self::Numbers(_) => 4,
        }
    }
}
