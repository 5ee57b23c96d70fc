//! Nodes and namespaces: where pods run and live.

use super::{
    dice::{Dice, loose_conditions, one_of, thin, with},
    metadata::{metadata, name},
};
use serde_json::{Value, json};

pub(super) fn namespace(index: usize, dice: &mut Dice) -> Value {
    let metadata = metadata(&format!("odd-{index}"), dice);
    let deleted = metadata.get("deletionTimestamp").is_some();
    let types =
        ["NamespaceDeletionDiscoveryFailure", "NamespaceContentRemaining", "NamespaceFinalizersRemaining"];
    let conditions = json!({ "conditions": loose_conditions(&types, dice) });
    let phase = json!({ "phase": if deleted { "Terminating" } else { "Active" } });
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata,
        "spec": thin(json!({ "finalizers": ["kubernetes", "example.com/own"] }), dice),
    });
    if dice.percent(70) {
        object["status"] = with(thin(conditions, dice), phase);
    }
    object
}

pub(super) fn node(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let networks = match dice.below(4) {
        0 => json!({ "podCIDR": "10.3.0.0/24", "podCIDRs": ["10.3.0.0/24", "fd00:3::/64"] }),
        1 => json!({ "podCIDR": "fd00:4::/64" }),
        2 => json!({ "podCIDRs": ["10.5.0.0/16"], "podCIDR": "10.5.0.0/16" }),
        _ => json!({}),
    };
    let optional = json!({
        "providerID": dice.text(),
        "unschedulable": dice.coin(),
        "taints": taints(dice),
    });
    let mut metadata = metadata(&name, dice);
    for role in dice.some_of(&["control-plane", "worker", "Odd_role.1"]) {
        metadata["labels"][format!("node-role.kubernetes.io/{role}")] = json!(dice.pick(&["", "true"]));
    }
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": with(thin(optional, dice), networks),
    });
    if dice.percent(85) {
        object["status"] = status(dice);
    }
    object
}

fn taints(dice: &mut Dice) -> Value {
    let mut taints = Vec::new();
    for effect in dice.some_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"]) {
        for key in dice.some_of(&["a", "node.kubernetes.io/not-ready", "example.com/Odd_1"]) {
            let optional = json!({ "value": dice.pick(&["", "b", "A.b-c_D"]), "timeAdded": dice.time() });
            taints.push(with(thin(optional, dice), json!({ "key": key, "effect": effect })));
        }
    }
    taints.into()
}

fn status(dice: &mut Dice) -> Value {
    let types =
        ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "Odd \"one\"\n", ""];
    let info = json!({
        "machineID": dice.text(),
        "systemUUID": dice.text(),
        "bootID": dice.text(),
        "kernelVersion": dice.text(),
        "osImage": dice.text(),
        "containerRuntimeVersion": "containerd://2.1.0",
        "kubeletVersion": dice.text(),
        "kubeProxyVersion": dice.text(),
        "operatingSystem": "linux",
        "architecture": dice.text(),
    });
    // Absent ones are empty for the server.
    let info = thin(info, dice);
    let empty = json!({
        "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "", "osImage": "",
        "containerRuntimeVersion": "", "kubeletVersion": "", "kubeProxyVersion": "", "operatingSystem": "",
        "architecture": "",
    });
    let optional = json!({
        "capacity": resources(dice),
        "allocatable": resources(dice),
        "phase": dice.pick(&["", "Pending", "Running", "Terminated", "Odd"]),
        "conditions": loose_conditions(&types, dice),
        "addresses": addresses(dice),
        "nodeInfo": with(empty, info),
        "images": dice.list(0, |dice, _| json!({ "names": [dice.text()], "sizeBytes": dice.number() })),
        "volumesInUse": dice.list(0, |dice, _| dice.some_text()),
        "daemonEndpoints": { "kubeletEndpoint": { "Port": dice.pick(&[0, 10_250]) } },
    });
    thin(optional, dice)
}

fn resources(dice: &mut Dice) -> Value {
    let mut resources = thin(
        json!({
            "cpu": dice.quantity(),
            "memory": dice.quantity(),
            "ephemeral-storage": dice.quantity(),
            "pods": dice.whole(),
            "hugepages-2Mi": dice.whole(),
            "example.com/Odd_1.x": dice.whole(),
            "example.com/a.b": dice.whole(),
            "example.com/a-b": dice.whole(),
            "nvidia.com/gpu": dice.whole(),
            "attachable-volumes-csi-ebs.csi.aws.com": dice.whole(),
        }),
        dice,
    );
    if dice.percent(10) {
        resources["example.com/very-long-name-of-a-resource-that-is-still-legal-0123456789"] = json!("1");
    }
    resources
}

fn addresses(dice: &mut Dice) -> Value {
    let addresses = dice.list(0, |dice, _| {
        let kind = dice.pick(&["InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS", "Odd"]);
        // Of one type there may be several, of which some say the same.
        let address =
            one_of(json!({ "0": "10.0.0.1", "1": dice.ipv4(), "2": dice.ipv6(), "3": dice.text() }), dice);
        let address = address.as_object().unwrap().values().next().unwrap().clone();
        json!({ "type": kind, "address": address })
    });
    let mut different: Vec<Value> = Vec::new();
    for address in addresses {
        if !different.contains(&address) {
            different.push(address);
        }
    }
    different.into()
}
