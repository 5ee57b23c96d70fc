//! Volumes that are backed by claims.

use super::{Family, Pod};
use crate::{
    exposition::Samples,
    wire::{Atom, Context, Decode, DecodeError, Field, Shared},
};
use serde::{Deserialize, Deserializer};
use std::{borrow::Cow, ops::Deref};

const LABELS: [&str; 3] = ["volume", "persistentvolumeclaim", "ephemeral"];

pub(super) const CLAIM_INFO: Family<3> = Family::gauge(
    "kube_pod_spec_volumes_persistentvolumeclaims_info",
    "Volumes of the pod that are backed by a claim, its own (ephemeral) or another.",
)
.stable()
.labels(LABELS)
.samples(|pod, out| claims(pod, out, |_| true));

pub(super) const CLAIM_READ_ONLY: Family<3> = Family::gauge(
    "kube_pod_spec_volumes_persistentvolumeclaims_readonly",
    "Whether the pod may only read a volume that is backed by a claim.",
)
.stable()
.labels(LABELS)
.samples(|pod, out| {
    claims(pod, out, |volume| {
        volume.source.persistent_volume_claim.as_ref().is_some_and(|claim| claim.read_only)
    });
});

fn claims(pod: &Pod, out: &mut Samples<'_, 3>, value: impl Fn(&Volume) -> bool) {
    for volume in &*pod.spec.volumes {
        let (claim, ephemeral) = match &volume.source.persistent_volume_claim {
            Some(claim) => (Cow::Borrowed(&*claim.claim_name), "false"),
            None => (Cow::Owned(format!("{}-{}", pod.metadata.name, &*volume.name)), "true"),
        };
        out.push([&volume.name, &claim, ephemeral], value(volume));
    }
}

crate::wire! {
    /// `v1.Volume`, reduced.
    pub struct Volume {
        /// Unique in the pod.
        name: Atom = 1,
        /// What the volume is backed by; its fields are the volume's own in JSON.
        #[serde(flatten)]
        source: VolumeSource = 2,
    }

    /// `v1.VolumeSource`, reduced.
    pub struct VolumeSource {
        /// A claim that exists by itself.
        persistent_volume_claim: Option<ClaimSource> = 10,
        /// A claim made for the pod, named after pod and volume.
        ephemeral: Option<EphemeralSource> = 29,
    }

    /// `v1.PersistentVolumeClaimVolumeSource`.
    pub struct ClaimSource {
        /// The claim's name.
        claim_name: Atom = 1,
        /// True where the pod can't write.
        read_only: bool = 2,
    }

    /// `v1.EphemeralVolumeSource`, of which only the presence counts.
    pub struct EphemeralSource {}
}
crate::pooled!(Volume);

/// The volumes that are backed by claims. All others are dropped while a pod is decoded: nobody
/// asks for them, and the one with the pod's token has a name of its own in every pod, so that no
/// two pods could share the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ClaimVolumes(Shared<Volume>);

impl Deref for ClaimVolumes {
    type Target = [Volume];

    fn deref(&self) -> &[Volume] {
        &self.0
    }
}

impl Decode for ClaimVolumes {
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        if has_claim(field)? { self.0.merge(field, context) } else { Ok(()) }
    }

    fn seal(&mut self) {
        self.0.seal();
    }
}

/// Whether a volume in protobuf has a source that [`VolumeSource`] knows.
fn has_claim(volume: Field<'_>) -> Result<bool, DecodeError> {
    let mut fields = volume.fields()?;
    while let Some((number, value)) = fields.next()? {
        if number == 2 {
            let mut sources = value.fields()?;
            while let Some((number, _)) = sources.next()? {
                if matches!(number, 10 | 29) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

impl<'de> Deserialize<'de> for ClaimVolumes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut volumes = Vec::<Volume>::deserialize(from)?;
        volumes.retain(|volume| volume.source != VolumeSource::default());
        Ok(Self(Shared::new(volumes)))
    }
}
