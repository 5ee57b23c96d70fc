//! `PersistentVolumes`.

mod sources;

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Map, ObjectMeta, Quantity, Shared},
};
pub use sources::PersistentVolumeSource;

type Family<const N: usize = 0> = crate::exposition::Family<PersistentVolume, N>;

crate::wire! {
    /// `v1.PersistentVolume`, reduced.
    pub struct PersistentVolume {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the volume is.
        spec: PersistentVolumeSpec = 2,
        /// What the cluster observes.
        status: PersistentVolumeStatus = 3,
    }

    /// `v1.PersistentVolumeSpec`, reduced.
    pub struct PersistentVolumeSpec {
        /// How much fits in.
        capacity: Map<Atom, Quantity> = 1,
        /// What the volume is backed by; its fields are the specification's own in JSON.
        #[serde(flatten)]
        source: PersistentVolumeSource = 2,
        /// `ReadWriteOnce` and the like.
        access_modes: Shared<Atom> = 3,
        /// The claim that the volume is bound to.
        claim_ref: Option<ClaimReference> = 4,
        /// What becomes of the volume without its claim: `Retain`, `Delete` or `Recycle`.
        persistent_volume_reclaim_policy: Atom = 5,
        /// Empty where there is none.
        storage_class_name: Atom = 6,
        /// `Filesystem` or `Block`. The API refuses an empty one, so that it means none.
        volume_mode: Atom = 8,
    }

    /// `v1.ObjectReference`, reduced.
    pub struct ClaimReference {
        /// The claim's namespace.
        namespace: Atom = 2,
        /// The claim's name.
        name: Box<str> = 3,
    }

    /// `v1.PersistentVolumeStatus`, reduced.
    pub struct PersistentVolumeStatus {
        /// One of the five phases.
        phase: Atom = 1,
    }
}
crate::local_object!(PersistentVolume);

impl Resource for PersistentVolume {
    const NAMES: Names = Names {
        kind: "PersistentVolume",
        plural: "persistentvolumes",
        group: "",
        version: "v1",
        namespaced: false,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("persistentvolume")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<PersistentVolume> = &[
    &Family::gauge("kube_persistentvolume_claim_ref", "Claim that the PersistentVolume is bound to.")
        .stable()
        .labels(["name", "claim_namespace"])
        .appears("where a claim is named")
        .samples(|volume, out| {
            if let Some(claim) = &volume.spec.claim_ref {
                out.one([&claim.name, &claim.namespace]);
            }
        }),
    &Family::annotations("kube_persistentvolume_annotations"),
    &Family::labels("kube_persistentvolume_labels").stable(),
    &Family::gauge("kube_persistentvolume_status_phase", "Phase of the PersistentVolume.")
        .stable()
        .labels(["phase"])
        .appears("once the volume has a phase")
        .samples(|volume, out| {
            let phase = &*volume.status.phase;
            if !phase.is_empty() {
                out.state(&["Pending", "Available", "Bound", "Released", "Failed"], phase);
            }
        }),
    &sources::INFO,
    &Family::gauge("kube_persistentvolume_capacity_bytes", "Bytes that fit into the PersistentVolume.")
        .stable()
        .samples(|volume, out| {
            out.value(volume.spec.capacity.get("storage").copied().unwrap_or_default().value());
        }),
    &Family::created("kube_persistentvolume_created"),
    &Family::deletion_timestamp("kube_persistentvolume_deletion_timestamp"),
    &sources::CSI_ATTRIBUTES,
    &Family::gauge("kube_persistentvolume_volume_mode", "Volume mode of the PersistentVolume.")
        .labels(["volumemode"])
        .samples(|volume, out| out.one([volume.spec.volume_mode.or("Filesystem")])),
    &Family::gauge("kube_persistentvolume_access_mode", "Access modes that the PersistentVolume allows.")
        .labels(["access_mode"])
        .appears("for every access mode of the volume")
        .samples(|volume, out| {
            for mode in volume.spec.access_modes.iter() {
                out.one([mode]);
            }
        }),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::PersistentVolume, "persistentvolumes");
}
