//! Answers as JSON, as `/api/v1/top/<view>` serves them.

use super::{Answer, Cell, Group, Heading, Unit, View, Wrong};
use crate::wire::Timestamp;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// An answer that can be shown, wherever it comes from.
#[derive(Debug)]
pub struct Received {
    /// What was asked about.
    pub view: View,
    /// When.
    pub time: Timestamp,
    /// What stands above the cells.
    pub headings: Vec<Heading>,
    /// Kinds that aren't held, without which something is missing.
    pub lacks: Vec<String>,
    /// What else someone should know who reads it, a sentence each.
    pub notes: Vec<String>,
    /// Rows that answer it in all.
    pub total: usize,
    /// The rows that were asked for.
    pub rows: Vec<Vec<Cell>>,
}

impl From<Answer> for Received {
    fn from(answer: Answer) -> Self {
        Self {
            view: answer.view,
            time: answer.time,
            lacks: answer.lacks.iter().map(|&kind| kind.to_owned()).collect(),
            notes: answer.notes.clone(),
            total: answer.total,
            rows: answer.rows().collect(),
            headings: answer.headings,
        }
    }
}

/// What is around the rows.
#[derive(Serialize, Deserialize)]
struct Head {
    view: String,
    /// Seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    total: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#continue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(flatten)]
    head: Head,
    items: Vec<Map<String, Value>>,
}

struct Item<'a>(&'a [Heading], Vec<Cell>);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (heading, cell) in self.0.iter().zip(&self.1) {
            match cell {
                Cell::None => {}
                Cell::Text(text) => map.serialize_entry(heading.name, text)?,
                Cell::Texts(texts) => map.serialize_entry(heading.name, texts)?,
                Cell::Number(number) => map.serialize_entry(heading.name, &Plain(*number))?,
                Cell::Numbers(numbers) => {
                    let numbers = numbers.iter().map(|(name, number)| (name, Plain(*number)));
                    map.serialize_entry(heading.name, &Pairs(numbers.collect()))?;
                }
            }
        }
        map.end()
    }
}

struct Pairs<'a>(Vec<(&'a String, Plain)>);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, number)| (name, number)))
    }
}

/// A number without a fraction where it has none.
struct Plain(f64);

impl Serialize for Plain {
    #[allow(clippy::cast_possible_truncation)] // it was looked at
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        #[allow(clippy::float_cmp)] // of whole numbers
        if whole as f64 == self.0 { to.serialize_i64(whole) } else { to.serialize_f64(self.0) }
    }
}

/// Writes what stands before the rows of an answer; without the time, equal answers have the same text.
///
/// # Errors
///
/// Those of the writer.
pub fn write_head(
    answer: &Answer,
    group: Option<Group>,
    timed: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let head = Head {
        view: answer.view.name().to_owned(),
        time: timed.then(|| answer.time.seconds()),
        lacks: answer.lacks.iter().map(|&kind| kind.to_owned()).collect(),
        notes: answer.notes.clone(),
        total: answer.total,
        r#continue: answer.next().map(|next| next.to_string()),
        by: group.map(|group| group.name().to_owned()),
    };
    head.write(out)
}

/// Writes the rows of an answer, one by one, and what stands behind them.
///
/// # Errors
///
/// Those of the writer.
pub fn write_rows(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    rows(&answer.headings, answer.rows(), out)
}

impl Received {
    /// Writes it as it was received.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write(self, group: Option<Group>, out: &mut impl Write) -> io::Result<()> {
        let Self { view, time, headings, lacks, notes, total, rows } = self;
        let by = group.map(|group| group.name().to_owned());
        let (view, time) = (view.name().to_owned(), Some(time.seconds()));
        Head { view, time, lacks, notes, total, r#continue: None, by }.write(out)?;
        self::rows(&headings, rows.into_iter(), out)
    }
}

impl Head {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let head = serde_json::to_string(self)?;
        write!(out, "{},\"items\":[", head.strip_suffix('}').unwrap_or(&head))
    }
}

fn rows(headings: &[Heading], rows: impl Iterator<Item = Vec<Cell>>, out: &mut impl Write) -> io::Result<()> {
    for (at, cells) in rows.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &Item(headings, cells))?;
    }
    out.write_all(b"\n]}\n")
}

/// Reads an answer. Keys that are not known are left out, and what is missing is nothing.
///
/// # Errors
///
/// In one line, where it is no answer.
pub fn read(text: &[u8]) -> Result<Received, Wrong> {
    let document: Document =
        serde_json::from_slice(text).map_err(|error| Wrong::new(format!("this is no answer: {error}")))?;
    let Head { view, time, lacks, notes, total, by, .. } = document.head;
    let view: View = view.parse()?;
    let headings = view.headings(by.map(|by| by.parse()).transpose()?);
    let row = |mut item: Map<String, Value>| {
        headings.iter().map(|heading| item.remove(heading.name).map_or(Cell::None, cell)).collect()
    };
    let rows = document.items.into_iter().map(row).collect();
    Ok(Received { view, time: Timestamp::new(time.unwrap_or_default()), headings, lacks, notes, total, rows })
}

fn cell(value: Value) -> Cell {
    match value {
        Value::String(text) => Cell::Text(text),
        Value::Number(number) => Cell::number(number.as_f64()),
        Value::Array(values) => {
            let texts = values.into_iter().filter_map(|value| Some(value.as_str()?.to_owned()));
            Cell::texts(texts.collect())
        }
        Value::Object(values) => Cell::Numbers(
            values.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect(),
        ),
        Value::Null | Value::Bool(_) => Cell::None,
    }
}

/// A JSON schema of the answers to questions about a view.
pub fn schema(view: View) -> Value {
    let headings = view.headings(None);
    let properties: Map<String, Value> =
        headings.iter().map(|heading| (heading.name.to_owned(), property(heading))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("The answer of /api/v1/top/{}", view.name()),
        "type": "object",
        "required": ["view", "time", "lacks", "total", "items"],
        "properties": {
            "view": {"const": view.name()},
            "time": {"type": "integer", "description": "When it was true, in seconds since 1970."},
            "lacks": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Kinds that the exporter doesn't read, without which something is missing.",
            },
            "notes": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What else someone should know who reads it, a sentence each.",
            },
            "total": {"type": "integer", "description": "Rows in all, also those that were not asked for."},
            "continue": {"type": "string", "description": "What the next page is asked for with."},
            "by": {"type": "string", "description": "What containers are counted by."},
            "items": {"type": "array", "items": {"type": "object", "properties": properties}},
        },
    })
}

fn property(heading: &Heading) -> Value {
    let unit = match heading.unit {
        Unit::Text | Unit::Numbers => "",
        Unit::Count | Unit::OfRow => " A number.",
        Unit::Cores => " In cores.",
        Unit::Bytes => " In bytes.",
        Unit::Time => " In seconds since 1970.",
        Unit::Seconds => " In seconds.",
    };
    let kind = match heading.unit {
        Unit::Text if TEXTS.contains(&heading.name) => json!({"type": "array", "items": {"type": "string"}}),
        Unit::Text => json!({"type": "string"}),
        Unit::Numbers => json!({"type": "object", "additionalProperties": {"type": "number"}}),
        _ => json!({"type": "number"}),
    };
    let mut property = kind;
    property["description"] = format!("{}{unit}", heading.help).into();
    property
}

/// Columns with several texts.
const TEXTS: &[&str] = &["roles", "conditions", "taints", "extended"];
