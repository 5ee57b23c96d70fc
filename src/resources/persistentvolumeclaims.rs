//! `PersistentVolumeClaims`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, conditions},
    wire::{Atom, Condition, Map, ObjectMeta, Quantity, Shared},
};

type Family = crate::exposition::Family<PersistentVolumeClaim>;

crate::wire! {
    /// `v1.PersistentVolumeClaim`, reduced.
    pub struct PersistentVolumeClaim {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: PersistentVolumeClaimSpec = 2,
        /// What the cluster gives.
        status: PersistentVolumeClaimStatus = 3,
    }

    /// `v1.PersistentVolumeClaimSpec`, reduced.
    pub struct PersistentVolumeClaimSpec {
        /// `ReadWriteOnce` and the like.
        access_modes: Shared<Atom> = 1,
        /// How much.
        resources: VolumeResourceRequirements = 2,
        /// The volume that the claim is bound to.
        volume_name: Box<str> = 3,
        /// Empty where there is none, which the API tells from an empty name and we need not.
        storage_class_name: Atom = 5,
        /// `Filesystem` or `Block`.
        volume_mode: Atom = 6,
    }

    /// `v1.VolumeResourceRequirements`, reduced.
    pub struct VolumeResourceRequirements {
        /// How much at least.
        requests: Map<Atom, Quantity> = 2,
    }

    /// `v1.PersistentVolumeClaimStatus`, reduced.
    pub struct PersistentVolumeClaimStatus {
        /// `Pending`, `Bound` or `Lost`.
        phase: Atom = 1,
        /// What holds up a change of size, as a rule.
        conditions: Shared<Condition> = 4,
    }
}
crate::local_object!(PersistentVolumeClaim);

/// How storage classes were named before there was a field for it.
const STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

impl Resource for PersistentVolumeClaim {
    const NAMES: Names = Names {
        kind: "PersistentVolumeClaim",
        plural: "persistentvolumeclaims",
        group: "",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("persistentvolumeclaim")];
    const FAMILIES: Families<Self> = FAMILIES;
    const ANNOTATIONS_READ: &'static [&'static str] = &[STORAGE_CLASS];
}

const FAMILIES: Families<PersistentVolumeClaim> = &[
    &Family::labels("kube_persistentvolumeclaim_labels").stable(),
    &Family::annotations("kube_persistentvolumeclaim_annotations"),
    &Family::gauge(
        "kube_persistentvolumeclaim_info",
        "Storage class, volume and volume mode of the PersistentVolumeClaim.",
    )
    .stable()
    .labels(["storageclass", "volumename", "volumemode"])
    .samples(|claim, out| {
        let spec = &claim.spec;
        out.one([storage_class(claim), &spec.volume_name, &spec.volume_mode]);
    }),
    &Family::gauge("kube_persistentvolumeclaim_status_phase", "Phase of the PersistentVolumeClaim.")
        .stable()
        .appears("with each of three phases, once the claim has one")
        .labels(["phase"])
        .samples(|claim, out| {
            let phase = &*claim.status.phase;
            if !phase.is_empty() {
                out.state(&["Lost", "Bound", "Pending"], phase);
            }
        }),
    &Family::gauge(
        "kube_persistentvolumeclaim_resource_requests_storage_bytes",
        "Bytes of storage that the PersistentVolumeClaim requests.",
    )
    .stable()
    .appears("where storage is requested")
    .samples(|claim, out| out.value(claim.spec.resources.requests.get("storage").map(|size| size.value()))),
    &Family::gauge(
        "kube_persistentvolumeclaim_access_mode",
        "Access modes that the PersistentVolumeClaim requests.",
    )
    .stable()
    .appears("for each access mode")
    .labels(["access_mode"])
    .samples(|claim, out| {
        for mode in claim.spec.access_modes.iter() {
            out.one([mode]);
        }
    }),
    &Family::gauge("kube_persistentvolumeclaim_status_condition", "Conditions of the PersistentVolumeClaim.")
        .appears("for each condition with each of three statuses")
        .labels(["condition", "status"])
        .samples(|claim, out| conditions(&claim.status.conditions, out)),
    &Family::created("kube_persistentvolumeclaim_created"),
    &Family::deletion_timestamp("kube_persistentvolumeclaim_deletion_timestamp"),
];

/// The annotation outranks the field, even where it is empty.
fn storage_class(claim: &PersistentVolumeClaim) -> &str {
    claim.metadata.annotations.get(STORAGE_CLASS).unwrap_or(&claim.spec.storage_class_name)
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::PersistentVolumeClaim, "persistentvolumeclaims");
}
