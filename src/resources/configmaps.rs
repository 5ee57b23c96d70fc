//! Config maps, of which nothing but the metadata is read.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{ObjectMeta, Representation},
};

type Family = crate::exposition::Family<ConfigMap>;

crate::wire! {
    /// `v1.ConfigMap` as its `metav1.PartialObjectMetadata`.
    pub struct ConfigMap {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
    }
}
crate::local_object!(ConfigMap);

impl Resource for ConfigMap {
    const NAMES: Names =
        Names { kind: "ConfigMap", plural: "configmaps", group: "", version: "v1", namespaced: true };
    const REPRESENTATION: Representation = Representation::Metadata;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("configmap")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ConfigMap> = &[
    &Family::annotations("kube_configmap_annotations"),
    &Family::labels("kube_configmap_labels").stable(),
    &Family::gauge("kube_configmap_info", "One sample for every ConfigMap.")
        .stable()
        .samples(|_, out| out.one([])),
    &Family::created("kube_configmap_created").stable(),
    &Family::resource_version("kube_configmap_metadata_resource_version"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ConfigMap, "configmaps");
}
