//! Volumes, claims, classes and attachments.

use super::{
    dice::{Dice, loose_conditions, thin, with},
    metadata::{metadata, name, namespaced},
    volumes,
};
use serde_json::{Map, Value, json};

const MODES: [&str; 3] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"];

fn access_modes(dice: &mut Dice) -> Value {
    match dice.below(6) {
        0 => json!(["ReadWriteOncePod"]),
        1 => json!(["ReadWriteOnce", "ReadWriteOnce"]),
        2 => json!(MODES),
        _ => json!([dice.pick(&MODES)]),
    }
}

pub(super) fn volume(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let source = volumes::persistent(dice);
    let local = source.get("local").is_some();
    let recycled =
        source.get("nfs").is_some() || source.get("hostPath").is_some_and(|path| path["path"] != "/");
    let claim = json!({ "namespace": dice.pick(&["default", "odd-0"]), "name": dice.host(), "uid": dice.uid(), "kind": "PersistentVolumeClaim" });
    let policies: &[&str] = if recycled { &["Retain", "Delete", "Recycle"] } else { &["Retain", "Delete"] };
    let optional = json!({
        "persistentVolumeReclaimPolicy": dice.pick(policies),
        "storageClassName": dice.pick(&["", "standard", "a.b-c"]),
        "mountOptions": [dice.text(), "ro"],
        "volumeMode": dice.pick(&["Filesystem", "Block"]),
        "claimRef": claim,
        "volumeAttributesClassName": "gold",
    });
    let mut spec = with(thin(optional, dice), source);
    if spec.get("csi").is_none() {
        spec.as_object_mut().unwrap().remove("volumeAttributesClassName");
    }
    if name.len() > 30
        && let Some(iscsi) = spec.pointer_mut("/iscsi").and_then(Value::as_object_mut)
    {
        // Both names together must not be too long.
        iscsi.remove("initiatorName");
    }
    if local || dice.percent(20) {
        let terms = json!([{ "matchExpressions": [{ "key": "kubernetes.io/hostname", "operator": "In", "values": ["a"] }] }]);
        spec["nodeAffinity"] = json!({ "required": { "nodeSelectorTerms": terms } });
    }
    spec["accessModes"] = access_modes(dice);
    spec["capacity"] = json!({ "storage": dice.pick(&["1", "1Gi", "1.5Gi", "0.1Ti", "7Ei", "1e12", "100m", "1n", "9223372036854775807"]) });
    let status = json!({
        "phase": dice.pick(&["Pending", "Available", "Bound", "Released", "Failed", "", "Odd"]),
        "message": dice.text(),
        "reason": dice.text(),
        "lastPhaseTransitionTime": dice.past(),
    });
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata(&name, dice),
        "spec": spec,
    });
    if dice.percent(85) {
        object["status"] = thin(status, dice);
    }
    object
}

pub(super) fn claim(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let source = json!({ "kind": "PersistentVolumeClaim", "name": "source" });
    let optional = json!({
        "storageClassName": dice.pick(&["", "standard", "a.b-c"]),
        "volumeMode": dice.pick(&["Filesystem", "Block"]),
        "volumeName": dice.host(),
        "selector": { "matchLabels": { "a": "b" } },
        "dataSource": source,
        "volumeAttributesClassName": "gold",
    });
    let requests = json!({ "requests": { "storage": dice.pick(&["1", "1Gi", "0.1Ti", "7Ei", "1e12", "1500M", "100m"]) } });
    let required = json!({ "accessModes": access_modes(dice), "resources": requests });
    let types = [
        "Resizing",
        "FileSystemResizePending",
        "ControllerResizeError",
        "NodeResizeError",
        "ModifyVolumeError",
    ];
    let status = json!({
        "phase": dice.pick(&["Pending", "Bound", "Lost", "", "Odd"]),
        "accessModes": access_modes(dice),
        "capacity": { "storage": dice.positive() },
        "conditions": loose_conditions(&types, dice),
        "allocatedResources": { "storage": dice.positive() },
        "currentVolumeAttributesClassName": "silver",
    });
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": namespaced(&name, dice),
        "spec": with(thin(optional, dice), required),
    });
    if dice.percent(85) {
        object["status"] = thin(status, dice);
    }
    object
}

pub(super) fn class(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let values = json!({ "type": dice.text(), "csi.storage.k8s.io/fstype": "ext4", "é": dice.text() });
    let terms = json!([{ "matchLabelExpressions": [{ "key": "zone", "values": ["a", "b"] }] }]);
    let optional = json!({
        "parameters": thin(values, dice),
        "reclaimPolicy": dice.pick(&["Delete", "Retain"]),
        "mountOptions": [dice.text(), dice.text()],
        "allowVolumeExpansion": dice.coin(),
        "volumeBindingMode": dice.pick(&["Immediate", "WaitForFirstConsumer"]),
        "allowedTopologies": terms,
    });
    let provisioner = dice.pick(&["kubernetes.io/no-provisioner", "ebs.csi.aws.com", "example.com/a-b_c.d"]);
    let object = json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": metadata(&name, dice),
        "provisioner": provisioner,
    });
    with(thin(optional, dice), object)
}

pub(super) fn attachment(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let source = if dice.percent(70) {
        json!({ "persistentVolumeName": dice.host() })
    } else {
        let csi = json!({ "driver": "a.example.com", "volumeHandle": dice.some_text() });
        json!({ "inlineVolumeSpec": { "csi": csi, "accessModes": ["ReadWriteOnce"] } })
    };
    let pairs = ["devicePath", "a.b", "a_b", "camelCase", "", "with space", "é"];
    let pairs: Map<String, Value> =
        dice.some_of(&pairs).into_iter().map(|key| (key.to_owned(), json!(dice.text()))).collect();
    let error = json!({ "time": dice.time(), "message": dice.text(), "errorCode": 13 });
    let status = json!({
        "attachmentMetadata": pairs,
        "attachError": error,
        "detachError": thin(error, dice),
    });
    let mut object = json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "VolumeAttachment",
        "metadata": metadata(&name, dice),
        "spec": { "attacher": dice.pick(&["a.example.com", "odd"]), "nodeName": dice.host(), "source": source },
    });
    if dice.percent(80) {
        object["status"] = with(thin(status, dice), json!({ "attached": dice.coin() }));
    }
    object
}
