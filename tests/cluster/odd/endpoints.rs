//! Where services lead: endpoints and their slices.

use super::{
    dice::{Dice, thin, with},
    metadata::{name, namespaced},
};
use serde_json::{Value, json};

pub(super) fn endpoints(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let mut object = json!({ "apiVersion": "v1", "kind": "Endpoints", "metadata": namespaced(&name, dice) });
    if dice.percent(90) {
        object["subsets"] = dice.list(0, |dice, _| subset(dice)).into();
    }
    object
}

fn subset(dice: &mut Dice) -> Value {
    let addresses = json!({
        "addresses": dice.list(1, |dice, _| address(dice)),
        "notReadyAddresses": dice.list(1, |dice, _| address(dice)),
    });
    let addresses = thin(addresses, dice);
    // One of the two lists must be there.
    let addresses = if addresses == json!({}) { json!({ "addresses": [address(dice)] }) } else { addresses };
    let one = dice.coin();
    let ports = dice.list(0, |dice, index| {
        let optional = json!({
            "protocol": dice.pick(&["TCP", "UDP", "SCTP"]),
            "appProtocol": "example.com/Odd",
        });
        // The same number may have several names.
        let port = json!({ "port": dice.pick(&[1, 80, 65_535]), "name": format!("p{index}") });
        with(thin(optional, dice), port)
    });
    let ports = if one { json!([{ "port": 80 }]) } else { json!(ports) };
    with(thin(json!({ "ports": ports }), dice), addresses)
}

fn address(dice: &mut Dice) -> Value {
    let optional = json!({
        "hostname": dice.word(),
        "nodeName": dice.host(),
        "targetRef": target(dice),
    });
    // Few enough that some are in several lists.
    let ip = match dice.below(3) {
        0 => "10.9.0.1".to_owned(),
        1 => dice.ipv6(),
        _ => dice.ipv4(),
    };
    with(thin(optional, dice), json!({ "ip": ip }))
}

fn target(dice: &mut Dice) -> Value {
    let parts = json!({
        "kind": dice.pick(&["Pod", "Node", "ödd \"kind\""]),
        "name": dice.text(),
        "namespace": dice.text(),
        "uid": dice.uid(),
        "fieldPath": "spec.containers{x}",
    });
    thin(parts, dice)
}

pub(super) fn slice(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let family = dice.pick(&["IPv4", "IPv4", "IPv6", "FQDN"]);
    let endpoints: Vec<Value> = dice.list(0, |dice, _| endpoint(family, dice));
    let mut object = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": namespaced(&name, dice),
        "addressType": family,
        "endpoints": if dice.percent(90) { json!(endpoints) } else { Value::Null },
    });
    if dice.percent(80) {
        let ports = dice.list(0, |dice, index| {
            let name = if index == 0 && dice.coin() { String::new() } else { format!("p{index}") };
            let optional = json!({
                "port": dice.pick(&[1, 80, 65_535]),
                "protocol": dice.pick(&["TCP", "UDP", "SCTP"]),
                "appProtocol": "kubernetes.io/h2c",
            });
            with(thin(optional, dice), json!({ "name": name }))
        });
        object["ports"] = ports.into();
    }
    object
}

fn endpoint(family: &str, dice: &mut Dice) -> Value {
    let addresses = dice.list(1, |dice, index| match family {
        "IPv4" => format!("10.8.{index}.{}", 1 + dice.below(9)),
        "IPv6" => format!("fd00:8:1:1:1:1:{:x}:{:x}", 1 + index, 1 + dice.below(9)),
        _ => format!("h{index}.example.com"),
    });
    let conditions = json!({ "ready": dice.coin(), "serving": dice.coin(), "terminating": dice.coin() });
    let zones = dice.some_of(&["a", "b", "europe-west1-b"]);
    let zones: Vec<Value> = zones.into_iter().map(|name| json!({ "name": name })).collect();
    let hints = json!({ "forZones": zones, "forNodes": [{ "name": "odd-1" }] });
    let optional = json!({
        "conditions": thin(conditions, dice),
        "hostname": dice.word(),
        "targetRef": target(dice),
        "nodeName": dice.host(),
        "zone": dice.text(),
        "hints": thin(hints, dice),
    });
    with(thin(optional, dice), json!({ "addresses": addresses }))
}
