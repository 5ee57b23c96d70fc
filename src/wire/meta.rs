//! What all objects of the API have in common.

use super::{
    atom::Atom,
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    json::deserialize_from_text,
    labels::{Annotations, Labels},
    shared::Shared,
    timestamp::Timestamp,
    uid::Uid,
};
use std::convert::Infallible;

crate::wire! {
    /// `metav1.ObjectMeta`, reduced.
    pub struct ObjectMeta {
        /// Unique among the objects of a kind in a namespace.
        name: Box<str> = 1,
        /// Empty for objects of the whole cluster.
        namespace: Atom = 3,
        /// Unique in the history of the cluster.
        uid: Uid = 5,
        /// Which state of the object this is.
        resource_version: ResourceVersion = 6,
        /// Which state of the specification this is.
        generation: i64 = 7,
        /// Zero where the server has not set it.
        creation_timestamp: Timestamp = 8,
        /// When the object is to be gone, once its deletion was asked for.
        deletion_timestamp: Option<Timestamp> = 9,
        /// As far as somebody reads them.
        labels: Labels = 11,
        /// As far as somebody reads them.
        annotations: Annotations = 12,
        /// The objects that this one goes with.
        owner_references: Shared<OwnerReference> = 13,
        ;
        /// What other objects say of it.
        relations: Relations,
    }

    /// `metav1.OwnerReference`, reduced.
    pub struct OwnerReference {
        /// The owner's kind, such as `ReplicaSet`.
        kind: Atom = 1,
        /// The owner's name.
        name: Atom = 3,
        /// The owner's UID.
        uid: Uid = 4,
        /// The owner's group and version, such as `apps/v1`.
        api_version: Atom = 5,
        /// True for the one owner that manages the object.
        controller: Option<bool> = 6,
    }

    /// `metav1.ListMeta`, reduced.
    pub struct ListMeta {
        /// The state of the cluster that the list shows.
        resource_version: Box<str> = 2,
        /// Where the next page starts; empty on the last one.
        r#continue: Box<str> = 3,
        /// The share that the list is, where the server places objects on shards.
        shard_info: Option<ShardInfo> = 5,
    }

    /// `metav1.ShardInfo`.
    pub struct ShardInfo {
        /// What was asked for.
        selector: Box<str> = 1,
    }

    /// A condition of nearly any kind of object. They number these fields alike but not the time and
    /// the reason, so kinds that read those declare their own, as do `CertificateSigningRequest`s,
    /// whose status is another field.
    pub struct Condition {
        /// What the condition speaks of, such as `Ready`.
        r#type: Atom = 1,
        /// `True`, `False` or `Unknown`.
        status: Atom = 2,
    }
}

crate::pooled!(Condition, OwnerReference, Workload);

/// What other objects say of an object. It is worked out when the object is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Relations {
    /// Labels that all of its samples have, by their names.
    pub labels: Shared<(Atom, Atom)>,
    /// Who runs it: one, or none where nobody asks.
    pub workload: Shared<Workload>,
}

/// Who runs an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Workload {
    /// The kind of what was deployed, such as `Deployment`.
    pub kind: Atom,
    /// Its name.
    pub name: Atom,
    /// The kind of the last owner of the chain, such as an operator's resource.
    pub top_kind: Atom,
    /// Its name.
    pub top_name: Atom,
}

impl ObjectMeta {
    /// The owner that manages the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }

    /// Drops the labels and annotations that nobody reads.
    pub fn retain(&mut self, context: &Context) {
        self.labels.retain(&context.labels);
        self.annotations.retain(&context.annotations);
    }
}

/// An object with metadata.
pub trait LocalObject {
    /// The object's metadata.
    fn metadata(&self) -> &ObjectMeta;

    /// The object's metadata, to be changed.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;

    /// Bytes that the object holds, without what it shares with others.
    fn heap_size(&self) -> usize;
}

/// A resource version as a number, which Kubernetes' own servers always give. Anything else is
/// taken for unknown and never equals another version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ResourceVersion(u64);

impl ResourceVersion {
    fn parse(text: &str) -> Self {
        Self(text.parse().unwrap_or(0))
    }

    /// The number, where it is known.
    pub fn number(self) -> Option<u64> {
        (self.0 != 0).then_some(self.0)
    }

    /// True where both are known and the same.
    pub fn is(self, other: Self) -> bool {
        self.0 != 0 && self.0 == other.0
    }
}

impl Decode for ResourceVersion {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        *self = Self::parse(field.text()?);
        Ok(())
    }
}

deserialize_from_text!(ResourceVersion, "a resource version", |text| {
    Ok::<_, Infallible>(ResourceVersion::parse(text))
});
