//! Services, ingresses and network policies.

use super::{
    dice::{Dice, strict_conditions, thin, with},
    metadata::{labels, metadata, name, namespaced, short_name},
};
use serde_json::{Value, json};

pub(super) fn service(index: usize, dice: &mut Dice) -> Value {
    let name = short_name(index, dice);
    let optional = json!({
        "selector": labels(dice),
        "externalIPs": dice.list(0, |dice, _| if dice.coin() { dice.ipv4() } else { "192.0.2.5".to_owned() }),
        "sessionAffinity": dice.pick(&["None", "ClientIP"]),
        "publishNotReadyAddresses": dice.coin(),
        "ipFamilyPolicy": dice.pick(&["SingleStack", "PreferDualStack", "RequireDualStack"]),
        "internalTrafficPolicy": dice.pick(&["Cluster", "Local"]),
    });
    let spec = thin(optional, dice);
    let ports = json!({ "ports": ports(dice) });
    let (spec, balanced) = match dice.below(6) {
        0 => (
            json!({ "type": "ExternalName", "externalName": dice.pick(&["a", "a.example.com", "x-1.y"]) }),
            false,
        ),
        1 => (with(with(spec, ports), json!({ "type": "ClusterIP", "clusterIP": "None" })), false),
        2 => (
            with(with(spec, ports), json!({ "type": "NodePort", "externalTrafficPolicy": "Cluster" })),
            false,
        ),
        3 | 4 => (with(with(spec, ports), balancer(dice)), true),
        _ => (with(spec, ports), false),
    };
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": namespaced(&name, dice),
        "spec": spec,
    });
    if dice.percent(70) {
        object["status"] =
            thin(json!({ "conditions": strict_conditions(&["LoadBalancerPortsError"], dice) }), dice);
        if balanced {
            object["status"]["loadBalancer"] = json!({ "ingress": balancer_ingress(dice) });
        }
    }
    object
}

fn balancer(dice: &mut Dice) -> Value {
    let optional = json!({
        "loadBalancerIP": dice.pick(&["192.0.2.1", "fd00::9"]),
        "loadBalancerClass": "example.com/Odd",
        "loadBalancerSourceRanges": ["192.0.2.0/24"],
        "externalTrafficPolicy": dice.pick(&["Cluster", "Local"]),
    });
    with(thin(optional, dice), json!({ "type": "LoadBalancer", "allocateLoadBalancerNodePorts": false }))
}

fn balancer_ingress(dice: &mut Dice) -> Value {
    let ingress = dice.list(0, |dice, _| match dice.below(4) {
        0 => json!({ "hostname": "same.example.com" }),
        1 => json!({ "ip": "192.0.2.7", "hostname": dice.word() }),
        2 => json!({ "ip": dice.ipv6() }),
        _ => json!({ "ip": dice.ipv4(), "ipMode": dice.pick(&["VIP", "Proxy"]) }),
    });
    ingress.into()
}

fn ports(dice: &mut Dice) -> Value {
    let ports = dice.list(1, |dice, index| {
        let target = dice.pick(&[json!(1), json!(65_535), json!("http")]);
        let optional = json!({ "targetPort": target, "appProtocol": "example.com/Odd" });
        let protocol = dice.pick(&["TCP", "UDP", "SCTP"]);
        with(
            thin(optional, dice),
            json!({ "name": format!("p{index}"), "port": 1 + index, "protocol": protocol }),
        )
    });
    ports.into()
}

pub(super) fn ingress(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let optional = json!({
        "ingressClassName": dice.host(),
        "defaultBackend": backend(dice),
        "tls": tls(dice),
        "rules": rules(dice),
    });
    let mut spec = thin(optional, dice);
    if spec.get("rules").is_none_or(|rules| rules == &json!([])) && spec.get("defaultBackend").is_none() {
        spec["defaultBackend"] = backend(dice);
    }
    let mut metadata = namespaced(&name, dice);
    if spec.get("ingressClassName").is_none() && dice.coin() {
        metadata["annotations"]["kubernetes.io/ingress.class"] = json!(dice.word());
    }
    let mut object = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata,
        "spec": spec,
    });
    if dice.percent(30) {
        let port = json!({ "port": 80, "protocol": "TCP" });
        object["status"] = json!({ "loadBalancer": { "ingress": [{ "ip": dice.ipv4(), "ports": [port] }, { "hostname": "a.example.com" }] } });
    }
    object
}

fn rules(dice: &mut Dice) -> Value {
    let rules = dice.list(0, |dice, _| {
        let host = json!({ "host": dice.pick(&["", "example.com", "*.example.com", "a.b-c.example.com"]) });
        let mut rule = thin(host, dice);
        if dice.percent(80) {
            let paths = dice.list(1, |dice, _| path(dice));
            rule["http"] = json!({ "paths": paths });
        }
        rule
    });
    rules.into()
}

fn path(dice: &mut Dice) -> Value {
    let strict = dice.pick(&["/", "/a/b", "/ü \"x\" \\", "/*", "/a%20b?c=d"]);
    let path = match dice.below(3) {
        0 => thin(json!({ "path": dice.pick(&["/", "/a.*[0-9]\\.\"x\"$"]) }), dice),
        _ => json!({ "path": strict }),
    };
    let kind = if path.get("path") == Some(&json!(strict)) {
        dice.pick(&["Exact", "Prefix"])
    } else {
        "ImplementationSpecific"
    };
    with(path, json!({ "pathType": kind, "backend": backend(dice) }))
}

fn backend(dice: &mut Dice) -> Value {
    // The names are few, so that paths are repeated.
    let service = dice.pick(&["web", "api-1"]);
    let resource = dice.pick(&["a", "b.c"]);
    match dice.below(4) {
        0 => json!({ "service": { "name": service, "port": { "name": "http" } } }),
        1 => json!({ "resource": { "apiGroup": "example.com", "kind": "Bucket", "name": resource } }),
        2 => json!({ "resource": { "kind": "ConfigMap", "name": resource } }),
        _ => json!({ "service": { "name": service, "port": { "number": dice.pick(&[1, 80, 65_535]) } } }),
    }
}

fn tls(dice: &mut Dice) -> Value {
    let tls = dice.list(0, |dice, _| {
        let hosts: Vec<&str> =
            dice.some_of(&["example.com", "*.example.com", "example.com", "z.example.com"]);
        thin(json!({ "hosts": hosts, "secretName": dice.pick(&["", "secret", "other.secret"]) }), dice)
    });
    tls.into()
}

pub(super) fn ingress_class(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let parameters = match dice.below(3) {
        0 => json!({ "kind": "Odd", "name": dice.host(), "scope": "Cluster" }),
        _ => {
            json!({ "apiGroup": "example.com", "kind": "Odd", "name": "a", "scope": "Namespace", "namespace": "default" })
        }
    };
    let controller = dice.pick(&["example.com/a", "k8s.io/ingress-nginx", "a.b.example.com/c/d-e_F.g"]);
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata(&name, dice),
        "spec": with(thin(json!({ "parameters": parameters }), dice), json!({ "controller": controller })),
    })
}

pub(super) fn network_policy(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let optional = json!({
        "policyTypes": dice.pick(&[vec!["Ingress"], vec!["Egress"], vec!["Ingress", "Egress"], vec![]]),
        "ingress": policy_rules("from", dice),
        "egress": policy_rules("to", dice),
    });
    let selector = thin(json!({ "matchLabels": labels(dice) }), dice);
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": namespaced(&name, dice),
        "spec": with(thin(optional, dice), json!({ "podSelector": selector })),
    })
}

fn policy_rules(peers: &str, dice: &mut Dice) -> Value {
    let rules = dice.list(0, |dice, _| {
        let peer = match dice.below(3) {
            0 => json!({ "ipBlock": { "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"] } }),
            1 => json!({ "podSelector": {}, "namespaceSelector": {} }),
            _ => json!({ "namespaceSelector": { "matchLabels": { "a": "b" } } }),
        };
        let ports = json!([{ "port": 80, "endPort": 90 }, { "port": "http", "protocol": "UDP" }, { "protocol": "SCTP" }]);
        thin(json!({ peers: [peer], "ports": ports }), dice)
    });
    rules.into()
}
