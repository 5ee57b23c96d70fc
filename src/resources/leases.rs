//! Leases.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta, Timestamp},
};

type Family = crate::exposition::Family<Lease>;

crate::wire! {
    /// `coordination.v1.Lease`, reduced.
    pub struct Lease {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Who holds it.
        spec: LeaseSpec = 2,
    }

    /// `coordination.v1.LeaseSpec`, reduced.
    pub struct LeaseSpec {
        /// Who holds the Lease: a node, or a process that was elected. Empty where nobody does,
        /// which the API tells from an empty name and we need not.
        holder_identity: Atom = 1,
        /// When the holder last said so.
        renew_time: Option<Timestamp> = 4,
    }
}
crate::local_object!(Lease);

impl Resource for Lease {
    const NAMES: Names = Names {
        kind: "Lease",
        plural: "leases",
        group: "coordination.k8s.io",
        version: "v1",
        namespaced: true,
    };
    // The namespace stands among the families' own labels, behind the owner.
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("lease")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Lease> = &[
    &Family::gauge("kube_lease_owner", "Owners of the Lease and who holds it.")
        .appears("for each owner, and once where there is none")
        .labels(["owner_kind", "owner_name", "namespace", "lease_holder"])
        .samples(|lease, out| {
            let (meta, holder) = (&lease.metadata, &*lease.spec.holder_identity);
            for owner in meta.owner_references.iter() {
                out.one([&owner.kind, &owner.name, &meta.namespace, holder]);
            }
            if meta.owner_references.is_empty() {
                out.one(["", "", &meta.namespace, holder]);
            }
        }),
    &Family::gauge("kube_lease_renew_time", "Unix timestamp at which the Lease was last renewed.")
        .appears("where spec.renewTime is set")
        .labels(["namespace"])
        .samples(|lease, out| out.push([&lease.metadata.namespace], lease.spec.renew_time)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Lease, "leases");
}
