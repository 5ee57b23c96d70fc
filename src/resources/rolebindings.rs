//! `RoleBindings`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, RoleRef},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<RoleBinding>;

crate::wire! {
    /// `rbac.v1.RoleBinding`, reduced.
    pub struct RoleBinding {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// The role that the subjects get.
        role_ref: RoleRef = 3,
    }
}
crate::local_object!(RoleBinding);

impl Resource for RoleBinding {
    const NAMES: Names = Names {
        kind: "RoleBinding",
        plural: "rolebindings",
        group: "rbac.authorization.k8s.io",
        version: "v1",
        namespaced: true,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("rolebinding")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<RoleBinding> = &[
    &Family::annotations("kube_rolebinding_annotations"),
    &Family::labels("kube_rolebinding_labels"),
    &Family::gauge("kube_rolebinding_info", "Role that the RoleBinding grants.")
        .labels(["roleref_kind", "roleref_name"])
        .samples(|binding, out| out.one([&binding.role_ref.kind, &binding.role_ref.name])),
    &Family::created("kube_rolebinding_created"),
    &Family::resource_version("kube_rolebinding_metadata_resource_version"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::RoleBinding, "rolebindings");
}
