//! A list as a table, taken apart while it arrives.

use super::{TABLE, TableError, documents::Values};
use crate::{
    watch::{
        encoding::{Item, Page},
        failure::Failure,
    },
    wire::{Cell, Column, Columns, ListMeta},
};
use serde::Deserialize;
use std::borrow::Cow;

/// One document, of which no more than one row is ever held.
#[derive(Debug)]
pub(in crate::watch) struct TablePage {
    values: Values,
    place: Place,
    /// Whether the document has said that it is a table.
    is_table: bool,
    columns: Columns,
    metadata: ListMeta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In front of the document.
    Start,
    /// Between two members.
    Members,
    /// Between a member's name and its value.
    Colon(Member),
    /// In front of a member's value.
    Value(Member),
    /// Between two rows.
    Rows,
    /// Behind the document.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Kind,
    Metadata,
    Columns,
    Rows,
    Other,
}

impl TablePage {
    /// A page whose rows have at most `limit` bytes.
    pub(in crate::watch) fn new(cell: Cell, limit: usize) -> Self {
        Self {
            values: Values::new(limit),
            place: Place::Start,
            is_table: false,
            columns: Columns::new(cell),
            metadata: ListMeta::default(),
        }
    }

    fn next_row(&mut self) -> Result<Option<Item<'_>>, TableError> {
        loop {
            let separator = matches!(self.place, Place::Members | Place::Rows).then_some(b',');
            let Some(byte) = self.values.peek(separator) else { return Ok(None) };
            self.place = match (self.place, byte) {
                (Place::Start, b'{') | (Place::Rows, b']') => self.pass_to(Place::Members),
                (Place::Members, b'}') => self.pass_to(Place::End),
                (Place::Members, b'"') => {
                    let Some(length) = self.values.length()? else { return Ok(None) };
                    Place::Colon(Member::named(self.values.take(length)))
                }
                (Place::Colon(member), b':') => self.pass_to(Place::Value(member)),
                (Place::Value(Member::Rows), b'[') if self.is_table => self.pass_to(Place::Rows),
                (Place::Value(Member::Rows), b'[') => return Err(TableError::Kind(String::new())),
                (Place::Value(member), _) => {
                    let Some(length) = self.values.length()? else { return Ok(None) };
                    self.member(member, length)?;
                    Place::Members
                }
                (Place::Rows, _) => {
                    let Some(length) = self.values.length()? else { return Ok(None) };
                    return Ok(Some(Item::Row(self.values.take(length), &self.columns)));
                }
                (Place::Start | Place::Members | Place::Colon(_) | Place::End, _) => {
                    return Err(TableError::Malformed);
                }
            };
        }
    }

    fn pass_to(&mut self, place: Place) -> Place {
        self.values.pass();
        place
    }

    /// Reads a member's value.
    fn member(&mut self, member: Member, length: usize) -> Result<(), TableError> {
        let value = self.values.take(length);
        match member {
            Member::Kind => {
                let kind: Cow<'_, str> = read(value)?;
                self.is_table = kind == TABLE;
                if !self.is_table {
                    return Err(TableError::Kind(kind.into_owned()));
                }
            }
            Member::Metadata => {
                self.metadata = serde_json::from_slice(value).map_err(TableError::Metadata)?;
            }
            Member::Columns => {
                self.columns.describe(&read::<Option<Vec<Column<'_>>>>(value)?.unwrap_or_default());
            }
            Member::Rows | Member::Other => {}
        }
        Ok(())
    }
}

impl Page for TablePage {
    fn push(&mut self, bytes: &[u8]) {
        self.values.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Item<'_>>, Failure> {
        Ok(self.next_row()?)
    }

    fn finish(self: Box<Self>) -> Option<ListMeta> {
        let whole = self.place == Place::End && self.is_table;
        (whole && !self.metadata.resource_version.is_empty()).then_some(self.metadata)
    }
}

impl Member {
    fn named(name: &[u8]) -> Self {
        match name {
            b"\"kind\"" => Self::Kind,
            b"\"metadata\"" => Self::Metadata,
            b"\"columnDefinitions\"" => Self::Columns,
            b"\"rows\"" => Self::Rows,
            _ => Self::Other,
        }
    }
}

fn read<'a, T: Deserialize<'a>>(value: &'a [u8]) -> Result<T, TableError> {
    serde_json::from_slice(value).map_err(|_| TableError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CELL: Cell = Cell { column: "Type", field: "type" };

    fn page(text: &[u8], cut: usize) -> Result<(Vec<String>, Option<ListMeta>), TableError> {
        let mut page = Box::new(TablePage::new(CELL, 200));
        let mut rows = Vec::new();
        for piece in text.chunks(cut) {
            page.push(piece);
            while let Some(Item::Row(row, columns)) = page.next_row()? {
                assert!(columns.are_known());
                rows.push(String::from_utf8_lossy(row).into_owned());
            }
        }
        Ok((rows, page.finish()))
    }

    fn table(rows: &str) -> String {
        format!(
            r#"{{ "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": {{"resourceVersion": "17", "continue": "next", "remainingItemCount": 5}},
            "columnDefinitions": [{{"name": "Name", "priority": 0}}, {{"name": "Type"}}], "rows":{rows} }}"#
        )
    }

    #[test]
    fn rows_come_one_by_one_however_the_document_is_cut() {
        let text = table(r#" [ {"cells":["a","]}"]}, {"cells":[]} ] "#);
        for cut in 1..text.len() {
            let (rows, metadata) = page(text.as_bytes(), cut).unwrap();
            assert_eq!(rows, [r#"{"cells":["a","]}"]}"#, r#"{"cells":[]}"#]);
            let metadata = metadata.unwrap();
            assert_eq!((&*metadata.resource_version, &*metadata.r#continue), ("17", "next"));
        }
        for end in 0..text.len() {
            assert!(page(&text.as_bytes()[..end], 4096).unwrap().1.is_none(), "cut at {end}");
        }
        assert!(page(table("null").as_bytes(), 7).unwrap().1.is_some());
    }

    #[test]
    fn what_is_no_table_is_left_at_once() {
        let secrets = br#"{"kind":"SecretList","items":[{"#;
        assert!(matches!(page(secrets, 1), Err(TableError::Kind(kind)) if kind == "SecretList"));
        let unnamed = br#"{"metadata":{"resourceVersion":"1"},"rows":["#;
        assert!(matches!(page(unnamed, 1), Err(TableError::Kind(_))));
        assert!(matches!(page(b"[]", 1), Err(TableError::Malformed)));
        let behind = table("[]") + "{}";
        assert!(matches!(page(behind.as_bytes(), 99), Err(TableError::Malformed)));
    }

    #[test]
    fn a_row_beyond_the_limit_is_an_error_before_it_has_arrived() {
        let text = table(&format!("[\"{}", "x".repeat(300)));
        assert!(matches!(page(text.as_bytes(), 10), Err(TableError::TooLong(200))));
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_no_panic(at in 0_usize..400, byte in any::<u8>()) {
            let mut text = table(r#"[{"cells":["a"]}]"#).into_bytes();
            let at = at % text.len();
            text[at] = byte;
            let mut page = TablePage::new(CELL, 200);
            page.push(&text);
            while let Ok(Some(_)) = page.next_row() {}
        }
    }
}
