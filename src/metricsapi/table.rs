//! Objects as rows of a table, for `kubectl get`.

use super::{
    media::Included,
    object::{Metadata, Metrics, Object},
    path::{Kind, Version},
    text,
};
use serde::Serialize;

/// A table as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Table<'m> {
    kind: &'static str,
    api_version: String,
    metadata: Nothing,
    column_definitions: [Column; 4],
    rows: Vec<Row<'m>>,
}

#[derive(Debug, Serialize)]
struct Nothing {}

#[derive(Debug, Serialize)]
struct Column {
    name: &'static str,
    r#type: &'static str,
    format: &'static str,
    description: &'static str,
    priority: i32,
}

#[derive(Debug, Serialize)]
struct Row<'m> {
    cells: [String; 4],
    object: Shown<'m>,
}

/// What there is of a row's object.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Shown<'m> {
    Nothing,
    #[serde(rename_all = "camelCase")]
    Metadata {
        kind: &'static str,
        api_version: String,
        metadata: Metadata<'m>,
    },
    Object(Box<Object<'m>>),
}

const fn column(name: &'static str, format: &'static str, description: &'static str) -> Column {
    Column { name, r#type: "string", format, description, priority: 0 }
}

impl<'m> Table<'m> {
    /// Rows of metrics of a version and kind, in a table of the version `of_table`.
    pub(super) fn new(
        of_table: &str,
        included: Included,
        version: Version,
        kind: Kind,
        metrics: &'m [Metrics<'_>],
        now: &'m str,
    ) -> Self {
        let api_version = format!("meta.k8s.io/{of_table}");
        let row = |metrics: &'m Metrics<'_>| {
            let (cpu, memory) = metrics.total();
            let object = match included {
                Included::Nothing => Shown::Nothing,
                Included::Metadata => Shown::Metadata {
                    kind: "PartialObjectMetadata",
                    api_version: api_version.clone(),
                    metadata: Metadata::new(metrics, now),
                },
                Included::Object => Shown::Object(Box::new(Object::alone(version, kind, metrics, now))),
            };
            let name = metrics.metadata.name.to_string();
            Row { cells: [name, text::cpu(cpu), text::bytes(memory), text::duration(metrics.window)], object }
        };
        Self {
            kind: "Table",
            metadata: Nothing {},
            column_definitions: [
                column("Name", "name", "Name of the resource"),
                column("cpu", "quantity", ""),
                column("memory", "quantity", ""),
                column("Window", "duration", ""),
            ],
            rows: metrics.iter().map(row).collect(),
            api_version,
        }
    }
}
