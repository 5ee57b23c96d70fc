//! `EndpointSlices`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Few, Ip, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<EndpointSlice>;

crate::wire! {
    /// `discovery.v1.EndpointSlice`, reduced.
    pub struct EndpointSlice {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Where connections may go.
        endpoints: Vec<Endpoint> = 2,
        /// The ports of all endpoints.
        ports: Shared<EndpointPort> = 3,
        /// `IPv4`, `IPv6` or `FQDN`.
        address_type: Atom = 4,
    }

    /// `discovery.v1.Endpoint`, reduced. As a rule it is a pod.
    pub struct Endpoint {
        /// Interchangeable addresses, nearly always one.
        addresses: Few<Ip> = 1,
        /// What the endpoint can do now.
        conditions: EndpointConditions = 2,
        /// The endpoint's name in the DNS, below that of the Service.
        hostname: Atom = 3,
        /// What the endpoint is.
        target_ref: ObjectReference = 4,
        /// The node that the endpoint is on.
        node_name: Atom = 6,
        /// The zone that the endpoint is in.
        zone: Atom = 7,
        /// Who should use the endpoint.
        hints: EndpointHints = 8,
    }

    /// `discovery.v1.EndpointConditions`.
    pub struct EndpointConditions {
        /// Takes new connections.
        ready: Option<bool> = 1,
        /// Answers, be it on its way out.
        serving: Option<bool> = 2,
        /// Is on its way out.
        terminating: Option<bool> = 3,
    }

    /// `v1.ObjectReference`, reduced. Empty where there is none.
    pub struct ObjectReference {
        /// `Pod` as a rule.
        kind: Atom = 1,
        /// The slice's own as a rule.
        namespace: Atom = 2,
        /// The object's name.
        name: Box<str> = 3,
    }

    /// `discovery.v1.EndpointHints`, reduced.
    pub struct EndpointHints {
        /// The zones from which the endpoint should be used.
        for_zones: Shared<ForZone> = 1,
    }

    /// `discovery.v1.ForZone`.
    pub struct ForZone {
        /// The zone's name.
        name: Atom = 1,
    }

    /// `discovery.v1.EndpointPort`, reduced. The API tells empty texts from none and we need not.
    pub struct EndpointPort {
        /// Empty where there is but one port.
        name: Atom = 1,
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Atom = 2,
        /// None where all numbers are meant.
        port: Option<i32> = 3,
    }
}
crate::local_object!(EndpointSlice);
crate::pooled!(EndpointPort, ForZone);

impl Resource for EndpointSlice {
    const NAMES: Names = Names {
        kind: "EndpointSlice",
        plural: "endpointslices",
        group: "discovery.k8s.io",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("endpointslice"), Identity::NAMESPACE];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<EndpointSlice> = &[
    &Family::gauge("kube_endpointslice_info", "Type of the EndpointSlice's addresses.")
        .labels(["addresstype"])
        .samples(|slice, out| out.one([&slice.address_type])),
    &Family::created("kube_endpointslice_created"),
    &Family::gauge(
        "kube_endpointslice_endpoints_hints",
        "Zones from which an endpoint should be used, by the endpoint's first address.",
    )
    .appears("for each zone that each endpoint's hints name")
    .labels(["address", "for_zone"])
    .samples(|slice, out| {
        for endpoint in &slice.endpoints {
            let Some(address) = endpoint.addresses.first() else { continue };
            for zone in endpoint.hints.for_zones.iter() {
                out.one([&address.text(), &zone.name]);
            }
        }
    }),
    &Family::gauge(
        "kube_endpointslice_endpoints",
        "Addresses of the endpoints, and the conditions, target and place of each.",
    )
    .appears("for each address of each endpoint")
    .labels([
        "ready",
        "serving",
        "hostname",
        "terminating",
        "targetref_kind",
        "targetref_name",
        "targetref_namespace",
        "endpoint_nodename",
        "endpoint_zone",
        "address",
    ])
    .samples(|slice, out| {
        for endpoint in &slice.endpoints {
            let Endpoint { conditions, target_ref: target, .. } = endpoint;
            for address in endpoint.addresses.iter() {
                out.one([
                    truth(conditions.ready),
                    truth(conditions.serving),
                    &endpoint.hostname,
                    truth(conditions.terminating),
                    &target.kind,
                    &target.name,
                    &target.namespace,
                    &endpoint.node_name,
                    &endpoint.zone,
                    &address.text(),
                ]);
            }
        }
    }),
    &Family::gauge("kube_endpointslice_ports", "Ports of the endpoints.")
        .appears("for each port")
        .labels(["port_name", "port_protocol", "port_number"])
        .samples(|slice, out| {
            let mut buffer = itoa::Buffer::new();
            for port in slice.ports.iter() {
                let number = port.port.map_or("", |number| buffer.format(number));
                out.one([&port.name, &port.protocol, number]);
            }
        }),
    &Family::annotations("kube_endpointslice_annotations"),
    &Family::labels("kube_endpointslice_labels"),
];

/// The label value for a condition; empty where nobody has set it.
fn truth(condition: Option<bool>) -> &'static str {
    match condition {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::EndpointSlice, "endpointslices");
}
