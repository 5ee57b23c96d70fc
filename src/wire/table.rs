//! Objects as rows of a table (`metav1.Table`), in JSON.

use super::{
    decode::{Context, Decode, DecodeError, decode_json},
    meta::LocalObject,
    representation::Cell,
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Where in the rows of a table the one cell is that is read.
#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    cell: Cell,
    /// `None` where there is no such column, or none was described yet.
    at: Option<usize>,
}

/// The description of a column (`metav1.TableColumnDefinition`), reduced.
#[derive(Debug, Clone, Deserialize)]
pub struct Column<'a> {
    /// Such as `Type`.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// `metav1.TableRow`, reduced.
#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    cells: Vec<&'a RawValue>,
    #[serde(borrow)]
    object: PartialObject<'a>,
}

/// `metav1.PartialObjectMetadata`.
#[derive(Deserialize)]
struct PartialObject<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
}

impl Columns {
    /// Columns that are not described yet.
    pub fn new(cell: Cell) -> Self {
        Self { cell, at: None }
    }

    /// Takes the description of the columns, in the order of the cells.
    pub fn describe(&mut self, columns: &[Column<'_>]) {
        self.at = columns.iter().position(|column| column.name == self.cell.column);
    }

    /// Whether there is the column that is read.
    pub fn are_known(&self) -> bool {
        self.at.is_some()
    }

    /// The object of a row: one of which only the metadata and the field in the cell are known.
    pub fn object<K: DeserializeOwned + Decode + LocalObject>(
        &self,
        row: &[u8],
        context: &Context,
    ) -> Result<K, DecodeError> {
        let row: Row<'_> = serde_json::from_slice(row).map_err(DecodeError::Json)?;
        let cell = self.at.and_then(|at| row.cells.get(at)).ok_or_else(|| {
            let missing = format!("the row has no cell of the column {:?}", self.cell.column);
            DecodeError::Json(serde_json::Error::custom(missing))
        })?;
        let object = format!("{{\"metadata\":{},\"{}\":{cell}}}", row.object.metadata, self.cell.field);
        decode_json(object.as_bytes(), context)
    }
}
