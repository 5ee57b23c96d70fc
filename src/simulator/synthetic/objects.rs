//! Objects in the making.

use jiff::Timestamp;
use serde_json::Value;

use super::super::kinds::Kind;
use super::super::object::Stored;
use super::dice::Dice;
use super::{other_objects, storage, with_managed_fields};

/// Objects with the kind they are of, and the versions they get.
#[derive(Debug)]
pub(super) struct Objects {
    version: u64,
    made: Vec<(&'static str, Stored)>,
}

impl Objects {
    /// No objects yet; the first one gets the version after this one.
    pub(super) fn after(version: u64) -> Self {
        Self { version, made: Vec::new() }
    }

    /// Adds an object as it is.
    pub(super) fn put(&mut self, plural: &'static str, object: Value) {
        let Value::Object(object) = object else { unreachable!("generators make objects") };
        self.version += 1;
        let stored = Stored::new(kind(plural), object, self.version).expect("generators follow the schema");
        self.made.push((plural, stored));
    }

    /// Adds an object with the fields of who wrote what.
    pub(super) fn write(&mut self, plural: &'static str, object: Value) {
        let created = object["metadata"]["creationTimestamp"].as_str().and_then(|text| text.parse().ok());
        let created = created.map_or(0, Timestamp::as_second);
        let api_version = kind(plural).group.to_string();
        let writer = "kube-controller-manager";
        self.put(plural, with_managed_fields(object, &api_version, writer, created, created + 60));
    }

    /// Adds the volume that a claim is bound to, if it is, and the volume's attachment to a node that needs it.
    pub(super) fn put_volume(
        &mut self,
        dice: &mut Dice,
        claim: &Value,
        zone: usize,
        node: Option<usize>,
        created: i64,
    ) {
        let Some(volume) = storage::volume(claim, zone, created) else { return };
        if let (Some(node), Some(name)) = (node, volume["metadata"]["name"].as_str()) {
            let node = other_objects::node_name(node);
            self.write("volumeattachments", storage::attachment(dice, name, &node, created));
        }
        self.write("persistentvolumes", volume);
    }

    /// All of them.
    pub(super) fn into_inner(self) -> Vec<(&'static str, Stored)> {
        self.made
    }
}

/// A kind by its plural name.
pub(super) fn kind(plural: &str) -> &'static Kind {
    Kind::plural(plural).expect("generators name kinds that are served")
}
