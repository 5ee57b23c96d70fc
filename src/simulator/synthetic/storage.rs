//! Volumes, their classes, and where they are attached.

use serde_json::{Value, json};

use super::dice::Dice;
use super::plan::Plan;
use super::{DAY, blobs, metadata};

const DRIVER: &str = "disk.csi.example.com";

/// The volume that a claim is bound to; `None` while it is bound to none.
pub(super) fn volume(claim: &Value, zone: usize, created: i64) -> Option<Value> {
    let name = claim["spec"]["volumeName"].as_str()?;
    let (metadata, spec) = (&claim["metadata"], &claim["spec"]);
    let reference = json!({
        "kind": "PersistentVolumeClaim",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": "v1",
    });
    // The name holds the claim's UID, which makes that of the volume as good as random.
    let uid = name.strip_prefix("pvc-")?.chars().rev().map(|letter| if letter == '-' { '0' } else { letter });
    let digits: String = uid.collect();
    let uid = format!(
        "{}-{}-4{}-a{}-{}",
        &digits[..8],
        &digits[9..13],
        &digits[14..17],
        &digits[18..21],
        &digits[22..34]
    );
    let size = spec["resources"]["requests"]["storage"].as_str()?;
    let mut volume = described(name, &uid, size, zone, created);
    volume["metadata"]["annotations"]["volume.kubernetes.io/provisioner-deletion-secret-name"] = json!("");
    volume["spec"]["claimRef"] = reference;
    volume["status"] = json!({"phase": "Bound", "lastPhaseTransitionTime": super::time(created)});
    Some(volume)
}

/// A volume that nobody claims.
pub(super) fn free_volume(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "free volumes", number);
    let created = plan.now - dice.within(5..90) * DAY;
    let phase = dice.pick(&["Available", "Available", "Released"]);
    let (name, uid) = (free_volume_name(number), dice.uid());
    let mut volume = described(&name, &uid, "100Gi", number, created);
    volume["status"] = json!({"phase": phase, "lastPhaseTransitionTime": super::time(created)});
    volume
}

/// The name of a volume that nobody claims.
pub(super) fn free_volume_name(number: usize) -> String {
    format!("reserve-{number}")
}

fn described(name: &str, uid: &str, size: &str, zone: usize, created: i64) -> Value {
    let zone = format!("region-1{}", ["a", "b", "c"][zone % 3]);
    json!({
        "metadata": {
            "name": name,
            "uid": uid,
            "creationTimestamp": super::time(created),
            "annotations": {"pv.kubernetes.io/provisioned-by": DRIVER},
            "finalizers": ["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"],
        },
        "spec": {
            "capacity": {"storage": size},
            "csi": {
                "driver": DRIVER,
                "volumeHandle": format!("vol-{}", &uid[24..]),
                "fsType": "ext4",
                "volumeAttributes": {"storage.kubernetes.io/csiProvisionerIdentity": format!("1-{DRIVER}")},
            },
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": "fast",
            "volumeMode": "Filesystem",
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]},
            ]}]}},
        },
    })
}

/// A storage class.
pub(super) fn storage_class(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "storage classes", number);
    let name = blobs::name(&["fast", "standard", "archive"], number);
    let created = plan.now - dice.within(100..400) * DAY;
    let mut metadata = metadata(dice, "", &name, created);
    let disk = ["ssd", "balanced", "cold"][number % 3];
    if number == 0 {
        metadata["annotations"] = json!({"storageclass.kubernetes.io/is-default-class": "true"});
    }
    json!({
        "metadata": metadata,
        "provisioner": DRIVER,
        "parameters": {"type": disk, "csi.storage.k8s.io/fstype": "ext4"},
        "reclaimPolicy": if number % 3 == 2 { "Retain" } else { "Delete" },
        "allowVolumeExpansion": number % 3 != 2,
        "volumeBindingMode": if number % 3 == 2 { "Immediate" } else { "WaitForFirstConsumer" },
    })
}

/// A volume's attachment to a node.
pub(super) fn attachment(dice: &mut Dice, volume: &str, node: &str, created: i64) -> Value {
    let name = format!("csi-{}", dice.digest());
    let mut metadata = metadata(dice, "", &name, created);
    metadata["annotations"] = json!({"csi.alpha.kubernetes.io/node-id": node});
    metadata["finalizers"] = json!([format!("external-attacher/{}", DRIVER.replace('.', "-"))]);
    let mut attachment = json!({
        "metadata": metadata,
        "spec": {"attacher": DRIVER, "source": {"persistentVolumeName": volume}, "nodeName": node},
        "status": {"attached": true, "attachmentMetadata": {"devicePath": "/dev/vdb"}},
    });
    if dice.permille(10) {
        let message = "rpc error: code = DeadlineExceeded desc = context deadline exceeded";
        let error = json!({"time": super::time(created + 30), "message": message});
        attachment["status"] = json!({"attached": false, "attachError": error});
    }
    attachment
}
