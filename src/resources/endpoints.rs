//! Endpoints, which `EndpointSlices` replace.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Ip, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<Endpoints>;

crate::wire! {
    /// `v1.Endpoints`, reduced.
    pub struct Endpoints {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Addresses grouped by their ports and readiness.
        subsets: Vec<EndpointSubset> = 2,
    }

    /// `v1.EndpointSubset`: each address has each port.
    pub struct EndpointSubset {
        /// Those that take connections.
        addresses: Vec<EndpointAddress> = 1,
        /// Those that don't.
        not_ready_addresses: Vec<EndpointAddress> = 2,
        /// The ports of them all.
        ports: Shared<EndpointPort> = 3,
    }

    /// `v1.EndpointAddress`, reduced.
    pub struct EndpointAddress {
        /// The address.
        ip: Ip = 1,
    }

    /// `v1.EndpointPort`, reduced.
    pub struct EndpointPort {
        /// Empty where there is but one port.
        name: Atom = 1,
        /// The number.
        port: i32 = 2,
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Atom = 3,
    }
}
crate::local_object!(Endpoints);
crate::pooled!(EndpointPort);

impl Resource for Endpoints {
    const NAMES: Names =
        Names { kind: "Endpoints", plural: "endpoints", group: "", version: "v1", namespaced: true };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("endpoint")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Endpoints> = &[
    &Family::gauge("kube_endpoint_info", "One sample for every Endpoints object.")
        .stable()
        .samples(|_, out| out.one([])),
    &Family::created("kube_endpoint_created").stable(),
    &Family::annotations("kube_endpoint_annotations"),
    &Family::labels("kube_endpoint_labels").stable(),
    &Family::gauge(
        "kube_endpoint_address",
        "Addresses with each of their ports, and whether they are ready.",
    )
    .stable()
    .appears("for each address with each port of its subset")
    .labels(["port_protocol", "port_number", "port_name", "ip", "ready"])
    .samples(|endpoints, out| {
        let mut buffer = itoa::Buffer::new();
        for subset in &endpoints.subsets {
            for port in subset.ports.iter() {
                let number = buffer.format(port.port);
                for (addresses, ready) in
                    [(&subset.addresses, "true"), (&subset.not_ready_addresses, "false")]
                {
                    for address in addresses {
                        out.one([&port.protocol, number, &port.name, &address.ip.text(), ready]);
                    }
                }
            }
        }
    }),
    &Family::gauge("kube_endpoint_ports", "Ports of the addresses.")
        .stable()
        .deprecated("v2.14.0")
        .appears("for each port of each subset")
        .labels(["port_name", "port_protocol", "port_number"])
        .samples(|endpoints, out| {
            let mut buffer = itoa::Buffer::new();
            for port in endpoints.subsets.iter().flat_map(|subset| subset.ports.iter()) {
                out.one([&port.name, &port.protocol, buffer.format(port.port)]);
            }
        }),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Endpoints, "endpoints");
}
