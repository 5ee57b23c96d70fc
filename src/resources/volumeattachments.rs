//! `VolumeAttachments`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Map, ObjectMeta},
};

type Family = crate::exposition::Family<VolumeAttachment>;

crate::wire! {
    /// `storage.v1.VolumeAttachment`, reduced.
    pub struct VolumeAttachment {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: VolumeAttachmentSpec = 2,
        /// What the attacher says.
        status: VolumeAttachmentStatus = 3,
    }

    /// `storage.v1.VolumeAttachmentSpec`, reduced.
    pub struct VolumeAttachmentSpec {
        /// Who attaches the volume.
        attacher: Atom = 1,
        /// The volume.
        source: VolumeAttachmentSource = 2,
        /// Where the volume is attached.
        node_name: Atom = 3,
    }

    /// `storage.v1.VolumeAttachmentSource`, reduced.
    pub struct VolumeAttachmentSource {
        /// None where the volume is described inline.
        persistent_volume_name: Option<Box<str>> = 1,
    }

    /// `storage.v1.VolumeAttachmentStatus`, reduced.
    pub struct VolumeAttachmentStatus {
        /// True once the volume is attached.
        attached: bool = 1,
        /// What the attacher tells those who mount the volume.
        attachment_metadata: Map<Atom, Box<str>> = 2,
    }
}
crate::local_object!(VolumeAttachment);

impl Resource for VolumeAttachment {
    const NAMES: Names = Names {
        kind: "VolumeAttachment",
        plural: "volumeattachments",
        group: "storage.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("volumeattachment")];
    const FAMILIES: Families<Self> = FAMILIES;
    const LABELS_READ: &'static [&'static str] = &["*"];
}

const FAMILIES: Families<VolumeAttachment> = &[
    &Family::gauge("kube_volumeattachment_labels", "Labels of the VolumeAttachment, whatever is selected.")
        .label_prefix("label_")
        .samples(|attachment, out| out.pairs(attachment.metadata.labels.iter())),
    &Family::gauge("kube_volumeattachment_info", "Attacher and node of the VolumeAttachment.")
        .labels(["attacher", "node"])
        .samples(|attachment, out| out.one([&attachment.spec.attacher, &attachment.spec.node_name])),
    &Family::created("kube_volumeattachment_created"),
    &Family::gauge(
        "kube_volumeattachment_spec_source_persistentvolume",
        "PersistentVolume that shall be attached.",
    )
    .labels(["volumename"])
    .appears("where the volume is a PersistentVolume")
    .samples(|attachment, out| {
        if let Some(name) = &attachment.spec.source.persistent_volume_name {
            out.one([name]);
        }
    }),
    &Family::gauge("kube_volumeattachment_status_attached", "Whether the volume is attached.")
        .samples(|attachment, out| out.value(attachment.status.attached)),
    &Family::gauge(
        "kube_volumeattachment_status_attachment_metadata",
        "What the attacher tells those who mount the volume.",
    )
    .label_prefix("metadata_")
    .samples(|attachment, out| {
        let metadata = &attachment.status.attachment_metadata;
        out.pairs(metadata.iter().map(|(key, value)| (&**key, &**value)));
    }),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::VolumeAttachment, "volumeattachments");
}
