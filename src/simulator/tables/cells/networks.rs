//! The cells of what workloads are reached by.

use serde_json::{Value, json};

use super::{array, first_three, text};

/// The characters of addresses that are shown.
const ADDRESSES: usize = 16;

/// A service's ports.
pub(in super::super) fn service_ports(service: &Value) -> Value {
    let ports = array(&service["spec"]["ports"]).iter().map(|port| {
        let number = port["port"].as_i64().unwrap_or_default();
        format!("{number}/{}", port["protocol"].as_str().unwrap_or("TCP"))
    });
    Value::String(ports.collect::<Vec<_>>().join(","))
}

/// Addresses with ports that are ready.
pub(in super::super) fn endpoints(endpoints: &Value) -> Value {
    let mut list = Vec::new();
    for subset in array(&endpoints["subsets"]) {
        for port in array(&subset["ports"]) {
            let addresses = array(&subset["addresses"]).iter();
            list.extend(addresses.map(|address| format!("{}:{}", text(&address["ip"]), port["port"])));
        }
    }
    // An object whose addresses are all unready has an empty cell.
    first_three(&list, if array(&endpoints["subsets"]).is_empty() { "<none>" } else { "" })
}

/// The ports of an endpoint slice.
pub(in super::super) fn slice_ports(slice: &Value) -> Value {
    let ports: Vec<_> = array(&slice["ports"])
        .iter()
        .map(|port| match (&port["port"], &port["name"]) {
            (Value::Number(number), _) => number.to_string(),
            (_, Value::String(name)) => name.clone(),
            _ => "*".to_owned(),
        })
        .collect();
    first_three(&ports, "<unset>")
}

/// The addresses of an endpoint slice.
pub(in super::super) fn slice_endpoints(slice: &Value) -> Value {
    let addresses = array(&slice["endpoints"]).iter().flat_map(|endpoint| array(&endpoint["addresses"]));
    let addresses: Vec<_> = addresses.map(|address| text(address).to_owned()).collect();
    first_three(&addresses, "<unset>")
}

/// What parametrises an ingress class.
pub(in super::super) fn class_parameters(class: &Value) -> Value {
    let parameters = &class["spec"]["parameters"];
    if parameters.is_null() {
        return json!("<none>");
    }
    let group = parameters["apiGroup"].as_str().map(|group| format!(".{group}")).unwrap_or_default();
    Value::String(format!("{}{group}/{}", text(&parameters["kind"]), text(&parameters["name"])))
}

/// The hosts of an ingress.
pub(in super::super) fn hosts(ingress: &Value) -> Value {
    let hosts = array(&ingress["spec"]["rules"]).iter().map(|rule| text(&rule["host"]).to_owned());
    let hosts: Vec<_> = hosts.filter(|host| !host.is_empty()).collect();
    first_three(&hosts, "*")
}

/// The addresses of an ingress.
pub(in super::super) fn ingress_addresses(ingress: &Value) -> Value {
    let addresses = array(&ingress["status"]["loadBalancer"]["ingress"]).iter();
    let mut addresses: Vec<_> = addresses
        .filter_map(|address| address["ip"].as_str().or_else(|| address["hostname"].as_str()))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let all = addresses.join(",");
    Value::String(match all.get(..ADDRESSES - 3) {
        Some(beginning) if all.len() > ADDRESSES => format!("{beginning}..."),
        _ => all,
    })
}

/// The ports of an ingress.
pub(in super::super) fn ingress_ports(ingress: &Value) -> Value {
    json!(if array(&ingress["spec"]["tls"]).is_empty() { "80" } else { "80, 443" })
}
