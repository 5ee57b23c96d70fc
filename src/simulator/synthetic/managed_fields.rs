//! Who wrote which fields: a good part of what real objects weigh, and what nobody here reads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::dice::time;

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
    let mut spec = String::from(r#"{"f:metadata":"#);
    let mut metadata = object["metadata"].clone();
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.retain(|name, _| {
            matches!(name.as_str(), "annotations" | "labels" | "ownerReferences" | "generateName")
        });
    }
    put_fields(&metadata, &mut spec);
    spec.push_str(r#","f:spec":"#);
    put_fields(&object["spec"], &mut spec);
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

/// Writes the set of fields of a value: objects by name, elements of lists by the key that tells them apart.
fn put_fields(value: &Value, out: &mut String) {
    out.push('{');
    match value {
        Value::Object(fields) => {
            for (index, (name, value)) in fields.iter().enumerate() {
                put_separator(index == 0, out);
                put_text("f:", name, out);
                out.push(':');
                put_fields(value, out);
            }
        }
        Value::Array(elements) if elements.iter().any(|element| key_of(element).is_some()) => {
            for (index, element) in elements.iter().enumerate() {
                let Some((key, value)) = key_of(element) else { continue };
                put_separator(index == 0, out);
                // The key is JSON within a JSON string.
                write!(out, r#""k:{{\"{key}\":\"{value}\"}}":{{".":{{}}"#)
                    .expect("text is written to memory");
                for name in element.as_object().into_iter().flat_map(|element| element.keys()) {
                    out.push(',');
                    put_text("f:", name, out);
                    out.push_str(":{}");
                }
                out.push('}');
            }
        }
        _ => {}
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
