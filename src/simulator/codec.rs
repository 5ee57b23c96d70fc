//! Objects between JSON and protobuf, both ways, driven by the schema.

mod decode;
mod encode;
mod proto;

use serde_json::{Map, Value};

use super::schema::Message;

pub(super) use proto::{put_bytes, put_varint, varint_length};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why an object could not be converted.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// JSON holds a field that the message does not have.
    #[error("{message} has no field {field}")]
    UnknownField {
        /// The message.
        message: &'static str,
        /// The name in JSON.
        field: String,
    },
    /// A JSON value is of another type than the field.
    #[error("{message}.{field} cannot be {value}")]
    WrongType {
        /// The message.
        message: &'static str,
        /// The field.
        field: &'static str,
        /// The value, shortened.
        value: String,
    },
    /// The protobuf bytes end early or are not well-formed.
    #[error("the bytes of {message} are malformed")]
    Malformed {
        /// The message.
        message: &'static str,
    },
}

/// Appends the object as protobuf, fields in ascending order as the API server writes them.
///
/// `apiVersion` and `kind` of the outermost object are no fields of the message and must be taken out before.
/// A field that is `null` counts as absent; zero, false and empty text are written, as the API server does.
pub(super) fn encode(
    message: &'static Message,
    object: &Object,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    encode::message(message, object, out)
}

/// Reads protobuf bytes into a JSON object; fields that the schema does not know are skipped.
pub(super) fn decode(message: &'static Message, bytes: &[u8]) -> Result<Object, CodecError> {
    let mut object = Object::new();
    decode::message(message, bytes, &mut object)?;
    Ok(object)
}

/// The bytes of the first field with this number that is a message, text or bytes, without reading the rest.
pub(super) fn find(number: u32, bytes: &[u8]) -> Option<&[u8]> {
    each(number, bytes).next()
}

/// The bytes of all such fields, as far as the bytes are well-formed.
pub(super) fn each(number: u32, mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        while !bytes.is_empty() {
            match proto::take_field(&mut bytes)? {
                (found, proto::Wire::Bytes(content)) if found == number => return Some(content),
                _ => {}
            }
        }
        None
    })
}

/// The first field with this number that is a whole number.
pub(super) fn number(number: u32, mut bytes: &[u8]) -> Option<u64> {
    while !bytes.is_empty() {
        match proto::take_field(&mut bytes)? {
            (found, proto::Wire::Varint(value)) if found == number => return Some(value),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn both_ways(message: &str, value: Value) -> Vec<u8> {
        let message = Message::named(message);
        let Value::Object(object) = value else { panic!("not an object") };
        let mut bytes = Vec::new();
        encode(message, &object, &mut bytes).unwrap();
        assert_eq!(decode(message, &bytes).unwrap(), object);
        bytes
    }

    #[test]
    fn every_type_survives_both_ways() {
        both_ways(
            "Pod",
            json!({
                "metadata": {
                    "name": "web-1",
                    "generation": -3,
                    "creationTimestamp": "2026-08-20T10:11:12Z",
                    "labels": {"app": "web", "empty": ""},
                    "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "controller": true}],
                    "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}],
                    "finalizers": ["a", "b"],
                },
                "spec": {
                    "volumes": [
                        {"name": "data", "persistentVolumeClaim": {"claimName": "data-1", "readOnly": false}},
                        {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}},
                    ],
                    "containers": [{
                        "name": "main",
                        "resources": {"limits": {"cpu": "100m", "memory": "1Gi"}},
                        "livenessProbe": {"httpGet": {"path": "/livez", "port": "http"}, "periodSeconds": 10},
                        "readinessProbe": {"tcpSocket": {"port": 8080}},
                        "env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "secret", "key": "key"}}}],
                    }],
                    "overhead": {"cpu": "10m"},
                    "hostNetwork": true,
                },
                "status": {"phase": "Running", "startTime": "1970-01-01T00:00:00Z"},
            }),
        );
    }

    #[test]
    fn bytes_texts_and_microseconds_have_forms_of_their_own() {
        let bytes =
            both_ways("Secret", json!({"data": {"token": "c2VjcmV0", "empty": ""}, "type": "Opaque"}));
        assert!(bytes.ends_with(b"\x12\x0f\x0a\x05token\x12\x06secret\x1a\x06Opaque"));
        let extra = json!({"request": "cmVxdWVzdA==", "extra": {"scopes": ["read", "write"], "none": []}});
        both_ways("CertificateSigningRequestSpec", extra);
        let bytes = both_ways("LeaseSpec", json!({"renewTime": "2026-08-20T10:11:12.000345Z"}));
        assert_eq!(find(4, &bytes).unwrap(), b"\x08\xc0\xa5\x9b\xd4\x06\x10\xa8\x87\x15");
    }

    #[test]
    fn bytes_are_those_of_protocol_buffers() {
        let bytes = both_ways("OwnerReference", json!({"kind": "Job", "name": "a", "controller": true}));
        assert_eq!(bytes, b"\x0a\x03Job\x1a\x01a\x30\x01");
        let bytes = both_ways("HTTPGetAction", json!({"port": 8080}));
        assert_eq!(bytes, b"\x12\x05\x08\x00\x10\x90\x3f");
        let bytes = both_ways("HTTPGetAction", json!({"port": "http"}));
        assert_eq!(bytes, b"\x12\x08\x08\x01\x1a\x04http");
        let bytes = both_ways("ContainerStateTerminated", json!({"exitCode": -1}));
        assert_eq!(bytes, b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    }

    #[test]
    fn long_messages_have_long_lengths() {
        let text = "x".repeat(40_000);
        let bytes = both_ways("Pod", json!({"metadata": {"name": text}}));
        assert_eq!(bytes.len(), 40_000 + 4 + 4);
    }

    #[test]
    fn numbers_stand_for_quantities_as_in_yaml() {
        let Value::Object(object) = json!({"limits": {"cpu": 2}}) else { unreachable!() };
        let message = Message::named("ResourceRequirements");
        let mut bytes = Vec::new();
        encode(message, &object, &mut bytes).unwrap();
        assert_eq!(Value::Object(decode(message, &bytes).unwrap()), json!({"limits": {"cpu": "2"}}));
    }

    #[test]
    fn mistakes_name_message_and_field() {
        let message = Message::named("PodStatus");
        for (object, text) in [
            (json!({"phaze": "Running"}), "PodStatus has no field phaze"),
            (json!({"phase": 7}), "PodStatus.phase cannot be 7"),
            (json!({"startTime": "yesterday"}), "PodStatus.startTime cannot be \"yesterday\""),
            (json!({"conditions": [{"type": []}]}), "PodCondition.type cannot be []"),
        ] {
            let Value::Object(object) = object else { unreachable!() };
            let error = encode(message, &object, &mut Vec::new()).unwrap_err();
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn truncated_bytes_are_an_error() {
        let bytes = both_ways("Pod", json!({"metadata": {"name": "web", "labels": {"a": "b"}}}));
        let message = Message::named("Pod");
        for end in 1..bytes.len() {
            assert!(decode(message, &bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn one_field_is_found_without_the_rest() {
        let bytes = both_ways("Pod", json!({"metadata": {"name": "web"}, "spec": {"nodeName": "node-1"}}));
        assert_eq!(find(10, find(2, &bytes).unwrap()), Some(&b"node-1"[..]));
        assert_eq!(find(3, &bytes), None);
    }
}
