//! `ResourceQuotas`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Map, ObjectMeta, Quantity},
};

type Family = crate::exposition::Family<ResourceQuota>;

crate::wire! {
    /// `v1.ResourceQuota`, reduced.
    pub struct ResourceQuota {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the controller enforces and observes.
        status: ResourceQuotaStatus = 3,
    }

    /// `v1.ResourceQuotaStatus`.
    pub struct ResourceQuotaStatus {
        /// The limits in force.
        hard: Map<Atom, Quantity> = 1,
        /// How much of them is used.
        used: Map<Atom, Quantity> = 2,
    }
}
crate::local_object!(ResourceQuota);

impl Resource for ResourceQuota {
    const NAMES: Names =
        Names { kind: "ResourceQuota", plural: "resourcequotas", group: "", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("resourcequota")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ResourceQuota> = &[
    &Family::created("kube_resourcequota_created").stable(),
    &Family::gauge("kube_resourcequota", "Limits of the namespace in force, and how much of each is used.")
        .stable()
        .appears("for each resource of status.hard and status.used")
        .labels(["resource", "type"])
        .samples(|quota, out| {
            for (amounts, r#type) in [(&quota.status.hard, "hard"), (&quota.status.used, "used")] {
                for (resource, amount) in amounts.iter() {
                    out.push([resource, r#type], amount.milli());
                }
            }
        }),
    &Family::annotations("kube_resourcequota_annotations"),
    &Family::labels("kube_resourcequota_labels").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ResourceQuota, "resourcequotas");
}
