//! Roles.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<Role>;

crate::wire! {
    /// `rbac.v1.Role`, reduced.
    pub struct Role {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
    }
}
crate::local_object!(Role);

impl Resource for Role {
    const NAMES: Names = Names {
        kind: "Role",
        plural: "roles",
        group: "rbac.authorization.k8s.io",
        version: "v1",
        namespaced: true,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("role")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Role> = &[
    &Family::annotations("kube_role_annotations"),
    &Family::labels("kube_role_labels"),
    &Family::gauge("kube_role_info", "One sample for every Role.").samples(|_, out| out.one([])),
    &Family::created("kube_role_created"),
    &Family::resource_version("kube_role_metadata_resource_version"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Role, "roles");
}
