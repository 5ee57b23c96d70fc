//! Tables, as `kubectl get` shows them.

use serde_json::{Value, json};

mod cells;
mod columns;

pub(super) use columns::*;

/// A column after the name.
#[derive(Debug)]
pub(super) struct Column {
    title: &'static str,
    /// The type that the definition of the column names.
    kind: &'static str,
    /// Whether only wide tables show the column.
    is_wide: bool,
    cell: Cell,
}

/// What a cell says. Places are JSON pointers into the object.
#[derive(Debug)]
enum Cell {
    /// The text at a place, or another one when there is none.
    Text(&'static str, &'static str),
    /// The number at a place, or zero.
    Number(&'static str),
    /// Whether what is at a place is true.
    Boolean(&'static str),
    /// How many elements or entries are at a place.
    Length(&'static str),
    /// Something made of several fields.
    Made(fn(&Value) -> Value),
}

impl Column {
    const fn new(title: &'static str, kind: &'static str, cell: Cell) -> Self {
        Self { title, kind, is_wide: false, cell }
    }

    /// Only for wide tables.
    const fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    /// With values that the definition calls text though they are none, as the server has some.
    const fn called_text(mut self) -> Self {
        self.kind = "string";
        self
    }

    fn cell(&self, object: &Value) -> Value {
        let at = |place: &str| object.pointer(place);
        match &self.cell {
            Cell::Text(place, other) => json!(at(place).and_then(Value::as_str).unwrap_or(other)),
            Cell::Number(place) => json!(at(place).and_then(Value::as_i64).unwrap_or_default()),
            Cell::Boolean(place) => json!(at(place).and_then(Value::as_bool).unwrap_or_default()),
            Cell::Length(place) => json!(at(place).map_or(0, cells::length)),
            Cell::Made(make) => make(object),
        }
    }
}

/// The definitions of a kind's columns.
pub(super) fn definitions(columns: &[Column]) -> Value {
    let name = json!({"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0});
    let others = columns.iter().map(|column| {
        json!({
            "name": column.title,
            "type": column.kind,
            "format": "",
            "description": "",
            "priority": i32::from(column.is_wide),
        })
    });
    std::iter::once(name).chain(others).collect()
}

/// The cells of one object.
pub(super) fn cells(columns: &[Column], object: &Value) -> Vec<Value> {
    std::iter::once(cells::name(object)).chain(columns.iter().map(|column| column.cell(object))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_shown_as_kubectl_shows_it() {
        let pod = json!({
            "metadata": {"name": "web-1", "creationTimestamp": "2020-01-01T00:00:00Z"},
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
            "status": {
                "phase": "Running",
                "podIP": "10.0.0.1",
                "containerStatuses": [
                    {"name": "a", "ready": true, "restartCount": 1, "state": {"running": {}}},
                    {"name": "b", "ready": false, "restartCount": 2,
                     "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
                ],
            },
        });
        let cells = cells(PODS, &pod);
        assert_eq!(cells[..4], [json!("web-1"), json!("1/2"), json!("CrashLoopBackOff"), json!("3")]);
        assert!(cells[4].as_str().unwrap().ends_with('d'));
        assert_eq!(cells[5..7], [json!("10.0.0.1"), json!("<none>")]);
        assert_eq!(definitions(PODS).as_array().unwrap().len(), cells.len());
    }

    #[test]
    fn a_default_class_is_marked_and_counts_are_numbers() {
        let annotations = json!({"storageclass.kubernetes.io/is-default-class": "true"});
        let class = json!({"metadata": {"name": "fast", "annotations": annotations}, "provisioner": "csi"});
        let shown = cells(STORAGE_CLASSES, &class);
        let expected =
            [json!("fast (default)"), json!("csi"), json!("Delete"), json!("Immediate"), json!(false)];
        assert_eq!(shown[..5], expected);
        let secret = json!({"metadata": {"name": "s"}, "type": "Opaque", "data": {"a": "", "b": ""}});
        assert_eq!(cells(SECRETS, &secret)[..3], [json!("s"), json!("Opaque"), json!(2)]);
        assert_eq!(definitions(SECRETS)[2]["type"], "string");
    }
}
