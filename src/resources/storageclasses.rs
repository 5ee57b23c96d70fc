//! `StorageClasses`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<StorageClass>;

crate::wire! {
    /// `storage.v1.StorageClass`, reduced.
    pub struct StorageClass {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Who makes the volumes.
        provisioner: Atom = 2,
        /// `Delete` or `Retain`. The API refuses an empty one, so that it means none.
        reclaim_policy: Atom = 4,
        /// `Immediate` or `WaitForFirstConsumer`. The API refuses an empty one, so that it means none.
        volume_binding_mode: Atom = 7,
    }
}
crate::local_object!(StorageClass);

impl Resource for StorageClass {
    const NAMES: Names = Names {
        kind: "StorageClass",
        plural: "storageclasses",
        group: "storage.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("storageclass")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<StorageClass> = &[
    &Family::gauge("kube_storageclass_info", "Provisioner and policies of the StorageClass.")
        .stable()
        .labels(["provisioner", "reclaim_policy", "volume_binding_mode"])
        .samples(|class, out| {
            // As the API server would complete them.
            let reclaim = class.reclaim_policy.or("Delete");
            let binding = class.volume_binding_mode.or("Immediate");
            out.one([&class.provisioner, reclaim, binding]);
        }),
    &Family::created("kube_storageclass_created").stable(),
    &Family::annotations("kube_storageclass_annotations"),
    &Family::labels("kube_storageclass_labels").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::StorageClass, "storageclasses");
}
