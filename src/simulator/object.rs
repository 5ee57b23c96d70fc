//! One stored object: its protobuf bytes, and what can be read from them without decoding the rest.

use serde_json::{Value, json};

use super::codec::{self, CodecError, Object};
use super::keys::key;
use super::kinds::Kind;

/// The number of `metadata` in every kind.
const METADATA: u32 = 1;

/// An object as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stored {
    key: Box<str>,
    namespace_length: usize,
    /// Its resourceVersion.
    pub(super) version: u64,
    /// The whole object in protobuf, without the envelope.
    pub(super) bytes: Box<[u8]>,
}

impl Stored {
    /// Encodes an object and stamps it with a resourceVersion.
    pub(super) fn new(kind: &Kind, mut object: Object, version: u64) -> Result<Self, CodecError> {
        object.remove("apiVersion");
        object.remove("kind");
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        metadata["resourceVersion"] = Value::String(version.to_string());
        let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text("namespace"), text("name"));
        let mut bytes = Vec::with_capacity(10_000);
        codec::encode(kind.message(), &object, &mut bytes)?;
        Ok(Self {
            key: key(&namespace, &name).into(),
            namespace_length: namespace.len(),
            version,
            bytes: bytes.as_slice().into(),
        })
    }

    /// The same metadata followed by bytes that no decoder accepts.
    pub(super) fn corrupted(&self, kind: &Kind, version: u64) -> Result<Self, CodecError> {
        let metadata = self.metadata_json();
        let mut stored = Self::new(kind, Object::from_iter([("metadata".to_owned(), metadata)]), version)?;
        // A spec that claims to be longer than what is left.
        stored.bytes = [&stored.bytes, &b"\x12\xff\x7f\x0a"[..]].concat().into();
        Ok(stored)
    }

    /// The place among its kind: `namespace/name`, or the name alone for kinds without namespaces.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The namespace; empty for kinds without namespaces.
    pub(super) fn namespace(&self) -> &str {
        &self.key[..self.namespace_length]
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        if self.namespace_length == 0 { &self.key } else { &self.key[self.namespace_length + 1..] }
    }

    /// The bytes of `metadata`.
    pub(super) fn metadata(&self) -> &[u8] {
        codec::find(METADATA, &self.bytes).unwrap_or_default()
    }

    /// The text at a path of field numbers; empty when it is absent.
    pub(super) fn text(&self, path: &[u32]) -> &str {
        let found = path.iter().try_fold(&*self.bytes, |bytes, &number| codec::find(number, bytes));
        found.and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The object as JSON, without `apiVersion` and `kind`.
    pub(super) fn decode(&self, kind: &Kind) -> Result<Object, CodecError> {
        codec::decode(kind.message(), &self.bytes)
    }

    /// The object as JSON, without `apiVersion` and `kind`; a corrupt one with a spec of the wrong type.
    pub(super) fn to_json(&self, kind: &Kind) -> Object {
        self.decode(kind).unwrap_or_else(|_| {
            let mut object = Object::new();
            object.insert("metadata".to_owned(), self.metadata_json());
            object.insert("spec".to_owned(), json!("corrupt"));
            object
        })
    }

    /// `metadata` as JSON.
    pub(super) fn metadata_json(&self) -> Value {
        codec::decode(super::schema::Message::named("ObjectMeta"), self.metadata())
            .map_or_else(|_| json!({"namespace": self.namespace(), "name": self.name()}), Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod() -> Stored {
        let object = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"namespace": "shop", "name": "web-1"},
            "spec": {"nodeName": "node-1"},
        });
        let Value::Object(object) = object else { unreachable!() };
        Stored::new(Kind::plural("pods").unwrap(), object, 7).unwrap()
    }

    #[test]
    fn names_and_texts_are_read_from_the_bytes() {
        let pod = pod();
        assert_eq!((pod.key(), pod.namespace(), pod.name()), ("shop/web-1", "shop", "web-1"));
        assert_eq!(pod.text(&[2, 10]), "node-1");
        assert_eq!(pod.text(&[3, 1]), "");
        assert_eq!(pod.metadata_json()["resourceVersion"], "7");
    }

    #[test]
    fn a_corrupt_object_keeps_its_name_and_cannot_be_decoded() {
        let pods = Kind::plural("pods").unwrap();
        let corrupt = pod().corrupted(pods, 8).unwrap();
        assert!(corrupt.decode(pods).is_err());
        assert_eq!(corrupt.to_json(pods)["metadata"]["name"], "web-1");
    }
}
