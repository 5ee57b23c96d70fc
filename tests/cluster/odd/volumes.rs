//! Volumes of pods and of persistent volumes, of all the sources that the API knows.

use super::dice::{Dice, one_of, thin, with};
use serde_json::{Value, json};

/// Sources that pods and persistent volumes have in common, in the form of a pod's.
fn common(dice: &mut Dice) -> Value {
    let secret = json!({ "name": dice.word() });
    json!({
        "awsElasticBlockStore": with(thin(json!({ "fsType": "ext4", "partition": 1, "readOnly": true }), dice), json!({ "volumeID": dice.some_text() })),
        "azureDisk": { "diskName": dice.some_text(), "diskURI": "https://blob/v.vhd" },
        "azureFile": { "secretName": dice.word(), "shareName": dice.some_text() },
        "cephfs": with(thin(json!({ "path": "/a", "user": dice.text(), "secretRef": secret }), dice), json!({ "monitors": ["10.0.0.1:6789", dice.some_text()] })),
        "cinder": { "volumeID": dice.some_text() },
        "fc": fibre_channel(dice),
        "flexVolume": { "driver": format!("example.com/{}", dice.word()), "options": { "a": dice.text() } },
        "flocker": { "datasetName": dice.word() },
        "gcePersistentDisk": with(thin(json!({ "fsType": "xfs", "partition": 255, "readOnly": true }), dice), json!({ "pdName": dice.some_text() })),
        "glusterfs": { "endpoints": dice.word(), "path": dice.some_text() },
        "hostPath": with(thin(json!({ "type": dice.pick(&["", "Directory", "File", "Socket", "BlockDevice"]) }), dice), json!({ "path": dice.some_text().replace("..", "") })),
        "iscsi": iscsi(dice),
        "nfs": with(thin(json!({ "readOnly": true }), dice), json!({ "server": dice.some_text(), "path": "/a \"b\" ü" })),
        "photonPersistentDisk": { "pdID": dice.some_text() },
        "portworxVolume": { "volumeID": dice.some_text() },
        "quobyte": { "registry": "10.0.0.1:7861", "volume": dice.word(), "tenant": dice.uid() },
        "rbd": { "monitors": [dice.some_text()], "image": dice.some_text() },
        "scaleIO": { "gateway": "https://g", "system": "s", "volumeName": dice.some_text(), "secretRef": secret },
        "storageos": { "volumeName": dice.word(), "volumeNamespace": dice.word() },
        "vsphereVolume": { "volumePath": dice.some_text() },
    })
}

/// The source of a persistent volume.
pub(super) fn persistent(dice: &mut Dice) -> Value {
    let mut sources = common(dice);
    let Some(fields) = sources.as_object_mut() else { unreachable!("it is an object") };
    fields.insert("csi".to_owned(), csi(dice));
    fields.insert(
        "local".to_owned(),
        with(
            thin(json!({ "fsType": dice.pick(&["", "ext4"]) }), dice),
            json!({ "path": dice.pick(&["/mnt/a", "mnt b", "/ü\"\\"]) }),
        ),
    );
    let source = match dice.below(3) {
        // Those that metrics tell of.
        0 => json!({ "csi": fields["csi"] }),
        _ => one_of(sources, dice),
    };
    in_persistent_form(source, dice)
}

/// Names of other objects come with a namespace here.
fn in_persistent_form(mut source: Value, dice: &mut Dice) -> Value {
    for (kind, parts) in source.as_object_mut().unwrap() {
        let reference = json!({ "name": dice.word(), "namespace": dice.word() });
        match kind.as_str() {
            "cephfs" | "scaleIO" if parts.get("secretRef").is_some() => parts["secretRef"] = reference,
            "azureFile" => parts["secretNamespace"] = json!(dice.word()),
            _ => {}
        }
    }
    source
}

fn fibre_channel(dice: &mut Dice) -> Value {
    let names: Vec<Value> = dice.list(1, |dice, _| json!(dice.some_text()));
    let parts = thin(json!({ "fsType": "ext4", "readOnly": true }), dice);
    if dice.coin() {
        let lun = dice.pick(&[0, 1, 255]);
        with(parts, json!({ "targetWWNs": names, "lun": lun }))
    } else {
        with(parts, json!({ "wwids": names }))
    }
}

fn iscsi(dice: &mut Dice) -> Value {
    let iqn = dice.pick(&[
        "iqn.2015-02.example.com:test",
        "eui.0123456789ABCDEF",
        "naa.62004567BA64678D0123456789ABCDEF",
    ]);
    let portal = dice.pick(&["10.0.0.1:3260", "ü \"p\"\n", "[fd00::1]"]);
    let optional = json!({
        "initiatorName": "iqn.2020-01.example.com:initiator",
        "portals": ["10.0.0.1:3260", dice.text()],
        "iscsiInterface": "default",
        "readOnly": true,
    });
    let lun = dice.pick(&[0, 1, 255]);
    with(thin(optional, dice), json!({ "targetPortal": portal, "iqn": iqn, "lun": lun }))
}

fn csi(dice: &mut Dice) -> Value {
    let driver = dice.pick(&["ebs.csi.aws.com", "odd", "a-b.c.example.com", "rbd.csi.ceph.com"]);
    let attributes = json!({
        "mounter": dice.text(),
        "mapOptions": dice.text(),
        "csi.storage.k8s.io/pv/name": dice.text(),
        "": dice.text(),
    });
    let optional = json!({
        "fsType": "ext4",
        "readOnly": true,
        "volumeAttributes": thin(attributes, dice),
        "nodeStageSecretRef": { "name": "a", "namespace": "b" },
    });
    with(thin(optional, dice), json!({ "driver": driver, "volumeHandle": dice.some_text() }))
}

/// The volumes of a pod; their names are `volume-<n>`. `claims` says whether it may have claims.
pub(super) fn of_pod(dice: &mut Dice) -> Value {
    let volumes = dice.list(0, |dice, index| {
        let source = match dice.below(4) {
            0 => one_of(common(dice), dice),
            _ => one_of(only_pods(dice), dice),
        };
        with(source, json!({ "name": format!("volume-{index}") }))
    });
    volumes.into()
}

fn only_pods(dice: &mut Dice) -> Value {
    // The same claim may be mounted twice.
    let claim = dice.pick(&["claim", "other.claim", "odd-1"]);
    let medium = dice.pick(&["", "Memory", "HugePages"]);
    json!({
        "configMap": with(thin(json!({ "defaultMode": 511, "optional": true, "items": [{ "key": "a", "path": "b" }] }), dice), json!({ "name": dice.host() })),
        "csi": { "driver": "inline.example.com", "volumeAttributes": { "a": dice.text() } },
        "downwardAPI": { "items": [{ "path": "a", "fieldRef": { "fieldPath": "metadata.labels" } }] },
        "emptyDir": thin(json!({ "medium": medium, "sizeLimit": dice.quantity() }), dice),
        "ephemeral": { "volumeClaimTemplate": claim_template(dice) },
        "gitRepo": { "repository": "https://example.com/a.git" },
        "image": { "reference": "example.com/image:1", "pullPolicy": "Always" },
        "persistentVolumeClaim": with(thin(json!({ "readOnly": dice.coin() }), dice), json!({ "claimName": claim })),
        "projected": { "sources": [{ "secret": { "name": "a" } }, { "configMap": { "name": "b", "optional": true } }] },
        "secret": with(thin(json!({ "optional": true }), dice), json!({ "secretName": dice.host() })),
    })
}

fn claim_template(dice: &mut Dice) -> Value {
    let size = dice.positive();
    json!({ "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } } } })
}
