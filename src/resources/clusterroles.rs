//! `ClusterRoles`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<ClusterRole>;

crate::wire! {
    /// `rbac.v1.ClusterRole`, reduced.
    pub struct ClusterRole {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
    }
}
crate::local_object!(ClusterRole);

impl Resource for ClusterRole {
    const NAMES: Names = Names {
        kind: "ClusterRole",
        plural: "clusterroles",
        group: "rbac.authorization.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("clusterrole")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ClusterRole> = &[
    &Family::annotations("kube_clusterrole_annotations"),
    &Family::labels("kube_clusterrole_labels"),
    &Family::gauge("kube_clusterrole_info", "One sample for every ClusterRole.")
        .samples(|_, out| out.one([])),
    &Family::created("kube_clusterrole_created"),
    &Family::resource_version("kube_clusterrole_metadata_resource_version"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ClusterRole, "clusterroles");
}
