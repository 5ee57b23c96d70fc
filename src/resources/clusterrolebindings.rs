//! `ClusterRoleBindings`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, RoleRef},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<ClusterRoleBinding>;

crate::wire! {
    /// `rbac.v1.ClusterRoleBinding`, reduced.
    pub struct ClusterRoleBinding {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// The role that the subjects get.
        role_ref: RoleRef = 3,
    }
}
crate::local_object!(ClusterRoleBinding);

impl Resource for ClusterRoleBinding {
    const NAMES: Names = Names {
        kind: "ClusterRoleBinding",
        plural: "clusterrolebindings",
        group: "rbac.authorization.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("clusterrolebinding")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ClusterRoleBinding> = &[
    &Family::annotations("kube_clusterrolebinding_annotations"),
    &Family::labels("kube_clusterrolebinding_labels"),
    &Family::gauge("kube_clusterrolebinding_info", "Role that the ClusterRoleBinding grants.")
        .labels(["roleref_kind", "roleref_name"])
        .samples(|binding, out| out.one([&binding.role_ref.kind, &binding.role_ref.name])),
    &Family::created("kube_clusterrolebinding_created"),
    &Family::resource_version("kube_clusterrolebinding_metadata_resource_version"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ClusterRoleBinding, "clusterrolebindings");
}
