//! Volumes that are backed by claims.

use super::{Family, Pod};
use crate::{
    exposition::Samples,
    wire::{Atom, Sift},
};
use std::borrow::Cow;

const LABELS: [&str; 3] = ["volume", "persistentvolumeclaim", "ephemeral"];

pub(super) const CLAIM_INFO: Family<3> = Family::gauge(
    "kube_pod_spec_volumes_persistentvolumeclaims_info",
    "Volumes of the pod that are backed by a claim, its own (ephemeral) or another.",
)
.stable()
.appears("for each volume that is backed by a claim")
.labels(LABELS)
.samples(|pod, out| claims(pod, out, |_| true));

pub(super) const CLAIM_READ_ONLY: Family<3> = Family::gauge(
    "kube_pod_spec_volumes_persistentvolumeclaims_readonly",
    "Whether the pod may only read a volume that is backed by a claim.",
)
.stable()
.appears("for each volume that is backed by a claim")
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
            None => (Cow::Owned(format!("{}-{}", pod.metadata.name, volume.name)), "true"),
        };
        out.push([&volume.name, &claim, ephemeral], value(volume));
    }
}

crate::wire! {
    /// `v1.Volume`, reduced.
    pub struct Volume {
        /// Unique in the pod.
        name: Box<str> = 1,
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

/// Nobody asks for volumes that are not backed by claims.
impl Sift for Volume {
    fn matters(&self) -> bool {
        self.source != VolumeSource::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        resources::pods::PodSpec,
        wire::{Context, decode},
    };

    /// A field of a text or a message, each shorter than 128 bytes.
    fn field(tag: &[u8], content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        [tag, &[u8::try_from(content.len()).expect("the field is short")], &content].concat()
    }

    #[test]
    fn both_codecs_keep_the_volumes_with_claims_only() {
        let volume = |name: &[u8], sources: &[&[u8]]| {
            field(&[1 << 3 | 2], &[&field(&[1 << 3 | 2], &[name]), &field(&[2 << 3 | 2], sources)])
        };
        let claim = field(&[10 << 3 | 2], &[&field(&[1 << 3 | 2], &[b"c"]), &[2 << 3, 1]]);
        let ephemeral = field(&[29 << 3 & 0x7f | 0x82, 1], &[]);
        let projected = field(&[26 << 3 & 0x7f | 0x82, 1], &[]);
        let bytes = [
            volume(b"kube-api-access-1", &[&projected]),
            volume(b"a", &[&claim]),
            volume(b"none", &[]),
            volume(b"b", &[&ephemeral]),
        ]
        .concat();
        let spec: PodSpec = decode(&bytes, &Context::default()).expect("the bytes are well-formed");
        let same: PodSpec = serde_json::from_value(serde_json::json!({"volumes": [
            {"name": "kube-api-access-1", "projected": {"sources": []}},
            {"name": "a", "persistentVolumeClaim": {"claimName": "c", "readOnly": true}},
            {"name": "none"},
            {"name": "b", "ephemeral": {"volumeClaimTemplate": {}}},
        ]}))
        .expect("the JSON is well-formed");
        assert_eq!(spec, same);
        let names: Vec<&str> = spec.volumes.iter().map(|volume| &*volume.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(spec.volumes.as_ptr(), same.volumes.as_ptr(), "equal lists are shared");
    }
}
