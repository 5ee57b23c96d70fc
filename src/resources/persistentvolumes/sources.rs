//! What a volume is backed by.

use super::{Family, PersistentVolume};
use crate::{
    exposition::Samples,
    wire::{Atom, Pick, Picked},
};

pub(super) const INFO: Family<20> = Family::gauge(
    "kube_persistentvolume_info",
    "Storage class and reclaim policy of the PersistentVolume, and what it is backed by.",
)
.stable()
.labels([
    "storageclass",
    "gce_persistent_disk_name",
    "ebs_volume_id",
    "azure_disk_name",
    "fc_wwids",
    "fc_lun",
    "fc_target_wwns",
    "iscsi_target_portal",
    "iscsi_iqn",
    "iscsi_lun",
    "iscsi_initiator_name",
    "nfs_server",
    "nfs_path",
    "csi_driver",
    "csi_volume_handle",
    "local_path",
    "local_fs",
    "host_path",
    "host_path_type",
    "reclaim_policy",
])
.samples(info);

pub(super) const CSI_ATTRIBUTES: Family<2> = Family::gauge(
    "kube_persistentvolume_csi_attributes",
    "Attributes of the PersistentVolume that its CSI driver reads.",
)
.opt_in()
.labels(["csi_mounter", "csi_map_options"])
.appears("where the volume belongs to a CSI driver")
.samples(|volume, out| {
    if let Some(csi) = &volume.spec.source.csi {
        out.one([csi.volume_attributes.get("mounter"), csi.volume_attributes.get("mapOptions")]);
    }
});

/// The API allows a volume one source; of several the first in this order is shown.
fn info(volume: &PersistentVolume, out: &mut Samples<'_, 20>) {
    // The labels between the storage class and the reclaim policy.
    let mut show = |at: usize, texts: &[&str]| {
        let mut labels = [""; 20];
        labels[0] = &volume.spec.storage_class_name;
        labels[19] = &volume.spec.persistent_volume_reclaim_policy;
        for (label, text) in labels[1..19].iter_mut().skip(at).zip(texts) {
            *label = text;
        }
        out.one(labels);
    };
    let source = &volume.spec.source;
    if let Some(disk) = &source.gce_persistent_disk {
        show(0, &[&disk.pd_name]);
    } else if let Some(store) = &source.aws_elastic_block_store {
        show(1, &[&store.volume_id]);
    } else if let Some(disk) = &source.azure_disk {
        show(2, &[&disk.disk_name]);
    } else if let Some(fc) = &source.fc {
        let lun = fc.lun.map(|lun| lun.to_string()).unwrap_or_default();
        show(3, &[&fc.wwids.join(","), &lun, &fc.target_wwns.join(",")]);
    } else if let Some(iscsi) = &source.iscsi {
        let lun = iscsi.lun.to_string();
        show(6, &[&iscsi.target_portal, &iscsi.iqn, &lun, &iscsi.initiator_name]);
    } else if let Some(nfs) = &source.nfs {
        show(10, &[&nfs.server, &nfs.path]);
    } else if let Some(csi) = &source.csi {
        show(12, &[&csi.driver, &csi.volume_handle]);
    } else if let Some(local) = &source.local {
        show(14, &[&local.path, &local.fs_type]);
    } else if let Some(host) = &source.host_path {
        show(16, &[&host.path, &host.r#type]);
    } else {
        show(0, &[]);
    }
}

crate::wire! {
    /// `v1.PersistentVolumeSource`, reduced to what is shown.
    pub struct PersistentVolumeSource {
        /// A disk of Google's cloud.
        gce_persistent_disk: Option<Box<GcePersistentDisk>> = 1,
        /// A disk of Amazon's cloud.
        aws_elastic_block_store: Option<Box<AwsElasticBlockStore>> = 2,
        /// A folder of the node.
        host_path: Option<Box<HostPath>> = 3,
        /// A share of an NFS server.
        nfs: Option<Box<Nfs>> = 5,
        /// A disk that is reached through iSCSI.
        iscsi: Option<Box<Iscsi>> = 7,
        /// A disk that is reached through Fibre Channel.
        fc: Option<Box<FibreChannel>> = 10,
        /// A disk of Microsoft's cloud.
        azure_disk: Option<Box<AzureDisk>> = 16,
        /// A disk or folder of one node.
        local: Option<Box<Local>> = 20,
        /// What a driver makes of it.
        csi: Option<Box<Csi>> = 22,
    }

    /// `v1.GCEPersistentDiskVolumeSource`, reduced.
    pub struct GcePersistentDisk {
        /// The disk's name.
        pd_name: Box<str> = 1,
    }

    /// `v1.AWSElasticBlockStoreVolumeSource`, reduced.
    pub struct AwsElasticBlockStore {
        /// The disk's name.
        #[serde(rename = "volumeID")]
        volume_id: Box<str> = 1,
    }

    /// `v1.AzureDiskVolumeSource`, reduced.
    pub struct AzureDisk {
        /// The disk's name.
        disk_name: Box<str> = 1,
    }

    /// `v1.FCVolumeSource`, reduced.
    pub struct FibreChannel {
        /// Names of the ports at which the disk can be reached.
        #[serde(rename = "targetWWNs")]
        target_wwns: Vec<Box<str>> = 1,
        /// The disk's number behind those ports.
        lun: Option<i32> = 2,
        /// The disk's own names.
        wwids: Vec<Box<str>> = 5,
    }

    /// `v1.ISCSIPersistentVolumeSource`, reduced.
    pub struct Iscsi {
        /// Address and port.
        target_portal: Box<str> = 1,
        /// The target's name.
        iqn: Box<str> = 2,
        /// The disk's number in the target.
        lun: i32 = 3,
        /// The name under which nodes come.
        initiator_name: Box<str> = 12,
    }

    /// `v1.NFSVolumeSource`, reduced.
    pub struct Nfs {
        /// An address or a name.
        server: Atom = 1,
        /// Where the share is.
        path: Box<str> = 2,
    }

    /// `v1.CSIPersistentVolumeSource`, reduced.
    pub struct Csi {
        /// The driver's name.
        driver: Atom = 1,
        /// The driver's name for the volume.
        volume_handle: Box<str> = 2,
        /// What the driver reads beside.
        volume_attributes: Picked<Attributes> = 5,
    }

    /// `v1.LocalVolumeSource`.
    pub struct Local {
        /// Where the disk or folder is.
        path: Box<str> = 1,
        /// Such as `ext4`.
        fs_type: Atom = 2,
    }

    /// `v1.HostPathVolumeSource`.
    pub struct HostPath {
        /// Where the folder is.
        path: Box<str> = 1,
        /// Such as `DirectoryOrCreate`.
        r#type: Atom = 2,
    }
}

/// The attributes of a driver's volume that a family shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes;

impl Pick for Attributes {
    const KEYS: &'static [&'static str] = &["mounter", "mapOptions"];
}
