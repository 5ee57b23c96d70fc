//! Who wrote which fields: a good part of what real objects weigh, and what nobody here reads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::dice::time;

/// What a controller sets of the metadata of the objects it makes.
const CONTROLLED: [&str; 4] = ["annotations", "generateName", "labels", "ownerReferences"];

/// The entries of the controller that created an object and of what writes its status.
///
/// The field sets are handed over as text, which is what protobuf carries.
pub(in super::super) fn managed_fields(
    object: &Value,
    api_version: &str,
    writer: &str,
    created: i64,
    updated: i64,
) -> Value {
    let mut spec = String::from("{");
    // `spec`, or `data`, `rules` and the like of kinds without it.
    let written = object.as_object().into_iter().flatten().filter(|(name, _)| *name != "status");
    for (index, (name, value)) in written.enumerate() {
        put_separator(index == 0, &mut spec);
        put_text("f:", name, &mut spec);
        spec.push(':');
        if name == "metadata" {
            let metadata = value.as_object().into_iter().flatten();
            put_named(metadata.filter(|(name, _)| CONTROLLED.contains(&name.as_str())), &mut spec);
        } else {
            put_fields(value, &mut spec);
        }
    }
    spec.push('}');
    let mut entries = vec![json!({
        "manager": "kube-controller-manager",
        "operation": "Update",
        "apiVersion": api_version,
        "time": time(created),
        "fieldsType": "FieldsV1",
        "fieldsV1": spec,
    })];
    if let Some(status) = object.get("status") {
        let mut fields = String::from(r#"{"f:status":"#);
        put_fields(status, &mut fields);
        fields.push('}');
        entries.push(json!({
            "manager": writer,
            "operation": "Update",
            "apiVersion": api_version,
            "time": time(updated),
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
            "subresource": "status",
        }));
    }
    Value::Array(entries)
}

/// Writes the set of some fields of an object.
fn put_named<'a>(fields: impl Iterator<Item = (&'a String, &'a Value)>, out: &mut String) {
    out.push('{');
    for (index, (name, value)) in fields.enumerate() {
        put_separator(index == 0, out);
        put_text("f:", name, out);
        out.push(':');
        put_fields(value, out);
    }
    out.push('}');
}

/// Writes the set of fields of a value: objects by name, elements of lists by the key that tells them apart.
fn put_fields(value: &Value, out: &mut String) {
    if let Value::Object(fields) = value {
        return put_named(fields.iter(), out);
    }
    out.push('{');
    if let Value::Array(elements) = value {
        let mut keyed: Vec<_> =
            elements.iter().filter_map(|element| Some((key_of(element)?, element))).collect();
        keyed.sort_by_key(|(key, _)| *key);
        // A list whose elements have no key of their own is one field.
        if keyed.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            keyed.clear();
        }
        for (index, ((key, value), element)) in keyed.into_iter().enumerate() {
            put_separator(index == 0, out);
            // The key is JSON within a JSON string.
            write!(out, r#""k:{{\"{key}\":\"{value}\"}}":{{".":{{}}"#).expect("text is written to memory");
            for (name, value) in element.as_object().into_iter().flatten() {
                out.push(',');
                put_text("f:", name, out);
                out.push(':');
                put_fields(value, out);
            }
            out.push('}');
        }
    }
    out.push('}');
}

fn key_of(element: &Value) -> Option<(&'static str, &str)> {
    ["uid", "name", "ip", "type"].into_iter().find_map(|key| Some((key, element.get(key)?.as_str()?)))
}

fn put_separator(is_first: bool, out: &mut String) {
    if !is_first {
        out.push(',');
    }
}

fn put_text(prefix: &str, name: &str, out: &mut String) {
    out.push('"');
    out.push_str(prefix);
    // Names of fields, labels and annotations need no escapes.
    out.push_str(name);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_sets_are_json() {
        let object = json!({
            "metadata": {"name": "a", "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "main", "image": "x"}], "args": ["a", "b"]},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        });
        let entries = managed_fields(&object, "v1", "kubelet", 0, 60);
        let fields: Value = serde_json::from_str(entries[0]["fieldsV1"].as_str().unwrap()).unwrap();
        assert_eq!(fields["f:metadata"]["f:labels"]["f:app"], json!({}));
        assert_eq!(fields["f:spec"]["f:containers"]["k:{\"name\":\"main\"}"]["f:image"], json!({}));
        let fields: Value = serde_json::from_str(entries[1]["fieldsV1"].as_str().unwrap()).unwrap();
        assert!(fields["f:status"]["f:conditions"]["k:{\"type\":\"Ready\"}"].is_object());
        assert_eq!(entries[1]["subresource"], "status");
    }
}
