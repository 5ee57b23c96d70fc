//! What a kind of Kubernetes object must say of itself to be served.
//!
//! Rendering is a pure function of one object: nothing here or in [`resources`](crate::resources)
//! can fail, wait, log, read a clock or know the configuration.

mod admission;
mod amounts;
mod common;
mod conditions;
#[cfg(test)]
pub(crate) mod golden;
mod rbac;
mod schedule;

pub use admission::{ParamKind, ParamRef, Webhook, webhook_services};
pub use amounts::{Amount, Unit, amounts};
pub use conditions::{STATUSES, conditions, status};
pub use rbac::RoleRef;
pub use schedule::{Schedule, set_local_zone};

use crate::{
    exposition::{Families, Identity, Keys, Selection, write_identity},
    wire::{Context, Decode, LocalObject, Representation},
};
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// How the API calls a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names {
    /// As in an object's `kind`, such as `Pod`.
    pub kind: &'static str,
    /// As in a path, such as `pods`.
    pub plural: &'static str,
    /// Empty for the core group.
    pub group: &'static str,
    /// The version that is read.
    pub version: &'static str,
    /// True where objects live in namespaces.
    pub namespaced: bool,
}

impl Names {
    /// Group and version as in an object's `apiVersion`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// A kind of object: its lean form, its names in the API and its metric families.
pub trait Resource:
    LocalObject + Decode + DeserializeOwned + Debug + Clone + PartialEq + Send + Sync + 'static
{
    /// How the API calls it.
    const NAMES: Names;

    /// False for kinds that are served on request only.
    const DEFAULT: bool = true;

    /// What the API server sends of an object.
    const REPRESENTATION: Representation = Representation::Object;

    /// The labels that all families have in front.
    const IDENTITY: &'static [Identity<Self>];

    /// The families in the order of their exposition.
    const FAMILIES: Families<Self>;

    /// Keys of labels that families read whatever the user selects.
    const LABELS_READ: &'static [&'static str] = &[];

    /// Keys of annotations that families read whatever the user selects.
    const ANNOTATIONS_READ: &'static [&'static str] = &[];

    /// The key of an annotation that may hold what must not be seen. Only its whole name selects it.
    const ANNOTATION_WITHHELD: Option<&'static str> = None;

    /// Whether a family shows the resource version, so that each new one is a change.
    fn shows_version() -> bool {
        Self::FAMILIES.iter().any(|family| family.description().name.ends_with("_metadata_resource_version"))
    }

    /// The name of the node that an object is on; `None` for kinds whose objects are on no node.
    fn node(&self) -> Option<&str> {
        None
    }

    /// Appends the labels that all samples of an object have in front: its identity, and what other
    /// objects say of it.
    fn write_identity(&self, out: &mut Vec<u8>) {
        let labels = &self.metadata().relations.labels;
        let others = labels.iter().map(|(name, value)| (&**name, &**value));
        write_identity(Self::IDENTITY, self, others, out);
    }

    /// What must be kept of an object's labels and annotations to render it with a selection, and the
    /// labels of these keys.
    fn context(selection: &Selection, labels: &Keys) -> Context {
        let labels = labels.union(&selection.labels);
        let labels = labels.union(&Keys::new(Self::LABELS_READ.iter().copied()));
        let annotations = selection.annotations.union(&Keys::new(Self::ANNOTATIONS_READ.iter().copied()));
        let annotations = match Self::ANNOTATION_WITHHELD {
            Some(key) => annotations.withholding(key),
            None => annotations,
        };
        Context { labels, annotations }
    }
}

/// Gives an object with a field `metadata` its [`LocalObject`].
#[macro_export]
macro_rules! local_object {
    ($type:ty) => {
        impl $crate::wire::LocalObject for $type {
            fn metadata(&self) -> &$crate::wire::ObjectMeta {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut $crate::wire::ObjectMeta {
                &mut self.metadata
            }

            fn heap_size(&self) -> usize {
                size_of::<Self>() + $crate::wire::Decode::heap_size(self)
            }
        }
    };
}
