//! What workloads are reached by: endpoints and their slices, ingresses and network policies.

use serde_json::{Value, json};

use super::dice::Dice;
use super::plan::{Plan, Workload};
use super::{DAY, blobs, metadata, template};

/// The port that the pods' main containers listen on, which their services lead to.
const PORT: i32 = 8080;

/// A pod behind a service.
#[derive(Debug)]
pub(in super::super) struct Backend {
    ip: String,
    node: String,
    is_ready: bool,
    is_terminating: bool,
    /// The pod.
    target: Value,
}

impl Backend {
    /// A pod that has an address and has not ended.
    pub(in super::super) fn of(pod: &Value) -> Option<Self> {
        let (metadata, status) = (&pod["metadata"], &pod["status"]);
        if matches!(status["phase"].as_str(), Some("Succeeded" | "Failed")) {
            return None;
        }
        let is_true = |kind: &str| {
            let conditions = status["conditions"].as_array()?;
            conditions.iter().find(|condition| condition["type"] == kind).map(|one| one["status"] == "True")
        };
        let is_terminating = !metadata["deletionTimestamp"].is_null();
        Some(Self {
            ip: status["podIP"].as_str()?.to_owned(),
            node: pod["spec"]["nodeName"].as_str()?.to_owned(),
            is_ready: is_true("Ready").unwrap_or_default() && !is_terminating,
            is_terminating,
            target: json!({
                "kind": "Pod",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            }),
        })
    }
}

/// The endpoints of a service, whose name they have.
pub(super) fn endpoints(plan: &Plan, workload: &Workload, created: i64, backends: &[Backend]) -> Value {
    let dice = &mut Dice::new(plan.seed, "endpoints", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, &workload.name, created);
    metadata["labels"] = template::selector(workload);
    metadata["labels"]["endpoints.kubernetes.io/managed-by"] = json!("endpoint-controller");
    let mut endpoints = json!({"metadata": metadata});
    set_subsets(&mut endpoints, backends);
    endpoints
}

/// Writes the addresses of endpoints anew.
pub(in super::super) fn set_subsets(endpoints: &mut Value, backends: &[Backend]) {
    let addresses = |is_ready: bool| -> Vec<_> {
        let chosen = backends.iter().filter(|one| one.is_ready == is_ready && !one.is_terminating);
        chosen.map(|one| json!({"ip": one.ip, "nodeName": one.node, "targetRef": one.target})).collect()
    };
    let mut subset = json!({"ports": [{"name": "http", "port": PORT, "protocol": "TCP"}]});
    for (field, list) in [("addresses", addresses(true)), ("notReadyAddresses", addresses(false))] {
        if !list.is_empty() {
            subset[field] = Value::Array(list);
        }
    }
    let is_empty = subset.as_object().is_some_and(|fields| fields.len() == 1);
    endpoints["subsets"] = if is_empty { Value::Null } else { json!([subset]) };
}

/// The name of the slice of a service's endpoints, which the server made up from the service's.
fn slice_name(service: &str, number: usize) -> String {
    format!("{service}-{}", Dice::new(0, "slices", number).suffix(5, number))
}

/// The slice of a service's endpoints.
pub(super) fn endpoint_slice(plan: &Plan, workload: &Workload, created: i64, backends: &[Backend]) -> Value {
    let dice = &mut Dice::new(plan.seed, "endpoint slices", workload.index);
    let (name, service) = (slice_name(&workload.name, workload.index), &workload.name);
    let mut metadata = metadata(dice, &workload.namespace, &name, created);
    metadata["generateName"] = json!(format!("{service}-"));
    metadata["generation"] = json!(1);
    metadata["labels"] = template::selector(workload);
    metadata["labels"]["endpointslice.kubernetes.io/managed-by"] = json!("endpointslice-controller.k8s.io");
    metadata["labels"]["kubernetes.io/service-name"] = json!(service);
    let owner = Dice::new(plan.seed, "services", workload.index).uid();
    metadata["ownerReferences"] = json!([{
        "apiVersion": "v1",
        "kind": "Service",
        "name": service,
        "uid": owner,
        "controller": true,
        "blockOwnerDeletion": true,
    }]);
    let mut slice = json!({
        "metadata": metadata,
        "addressType": "IPv4",
        "ports": [{"name": "http", "protocol": "TCP", "port": PORT}],
    });
    set_slice(&mut slice, backends);
    slice
}

/// Writes the endpoints of a slice anew.
pub(in super::super) fn set_slice(slice: &mut Value, backends: &[Backend]) {
    let endpoint = |one: &Backend| {
        json!({
            "addresses": [one.ip],
            "conditions": {"ready": one.is_ready, "serving": one.is_ready, "terminating": one.is_terminating},
            "targetRef": one.target,
            "nodeName": one.node,
        })
    };
    let endpoints: Vec<_> = backends.iter().map(endpoint).collect();
    slice["endpoints"] = if endpoints.is_empty() { Value::Null } else { Value::Array(endpoints) };
}

/// The host that a workload is published under.
fn host(workload: &Workload) -> String {
    format!("{}.{}.example.com", workload.name, workload.namespace)
}

/// The name of the secret with the certificate for a workload's host.
pub(super) fn certificate(workload: &Workload) -> String {
    format!("{}-tls", workload.name)
}

/// The ingress in front of a service.
pub(super) fn ingress(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "ingresses", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, &workload.name, created);
    metadata["labels"] = template::selector(workload);
    metadata["generation"] = json!(1);
    metadata["annotations"] = json!({"cert-manager.io/cluster-issuer": "public"});
    let backend = |path: &str| {
        let service = json!({"name": workload.name, "port": {"name": "http"}});
        json!({"path": path, "pathType": "Prefix", "backend": {"service": service}})
    };
    let paths = if dice.permille(250) { vec![backend("/api"), backend("/")] } else { vec![backend("/")] };
    let mut ingress = json!({
        "metadata": metadata,
        "spec": {
            "ingressClassName": dice.pick(&["public", "public", "internal"]),
            "rules": [{"host": host(workload), "http": {"paths": paths}}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": format!("203.0.113.{}", 1 + dice.below(8))}]}},
    });
    if dice.permille(800) {
        ingress["spec"]["tls"] = json!([{"hosts": [host(workload)], "secretName": certificate(workload)}]);
    }
    ingress
}

/// An ingress class.
pub(super) fn ingress_class(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "ingress classes", number);
    let name = blobs::name(&["public", "internal"], number);
    let created = plan.now - dice.within(90..300) * DAY;
    let mut metadata = metadata(dice, "", &name, created);
    metadata["generation"] = json!(1);
    if number == 0 {
        metadata["annotations"] = json!({"ingressclass.kubernetes.io/is-default-class": "true"});
    }
    let group = "gateway.example.com";
    let parameters = json!({"apiGroup": group, "kind": "Gateway", "name": name, "scope": "Cluster"});
    let mut class = json!({"metadata": metadata, "spec": {"controller": format!("{group}/ingress")}});
    if number % 2 == 1 {
        class["spec"]["parameters"] = parameters;
    }
    class
}

/// Who may reach a workload, and what it may reach.
pub(super) fn network_policy(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "network policies", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, &workload.name, created);
    metadata["generation"] = json!(1);
    metadata["labels"] = template::selector(workload);
    let team = dice.pick(&["red", "green", "blue", "orange", "violet"]);
    let mut policy = json!({
        "metadata": metadata,
        "spec": {
            "podSelector": {"matchLabels": template::selector(workload)},
            "ingress": [{
                "from": [{"namespaceSelector": {"matchLabels": {"team": team}}}],
                "ports": [{"protocol": "TCP", "port": "http"}],
            }],
            "policyTypes": ["Ingress"],
        },
    });
    if dice.permille(400) {
        policy["spec"]["policyTypes"] = json!(["Ingress", "Egress"]);
        policy["spec"]["egress"] = json!([
            {"ports": [{"protocol": "UDP", "port": 53}]},
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.255.0.0/16"]}}]},
        ]);
    }
    policy
}
