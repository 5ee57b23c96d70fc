//! Services.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Ip, ObjectMeta, Rare, Shared},
};

type Family = crate::exposition::Family<Service>;

crate::wire! {
    /// `v1.Service`, reduced.
    pub struct Service {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ServiceSpec = 2,
        /// What the load balancer says.
        status: ServiceStatus = 3,
    }

    /// `v1.ServiceSpec`, reduced.
    pub struct ServiceSpec {
        /// An address, `None` or nothing. The first one of a dual-stack Service.
        #[serde(rename = "clusterIP")]
        cluster_ip: Ip = 3,
        /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        r#type: Atom = 4,
        /// Addresses that lead here without Kubernetes' doing.
        #[serde(rename = "externalIPs")]
        external_ips: Shared<Atom> = 5,
        /// The address that the author wants.
        #[serde(rename = "loadBalancerIP")]
        load_balancer_ip: Atom = 8,
        /// What the Service is another name of.
        external_name: Atom = 10,
        /// `Cluster` or `Local`.
        external_traffic_policy: Atom = 11,
    }

    /// `v1.ServiceStatus`, reduced.
    pub struct ServiceStatus {
        /// Empty but for the type `LoadBalancer`.
        load_balancer: Rare<LoadBalancerStatus> = 1,
    }

    /// `v1.LoadBalancerStatus`.
    pub struct LoadBalancerStatus {
        /// Where the load balancer takes connections.
        ingress: Vec<LoadBalancerIngress> = 1,
    }

    /// `v1.LoadBalancerIngress`, reduced.
    pub struct LoadBalancerIngress {
        /// An address.
        ip: Ip = 1,
        /// A name in place of an address.
        hostname: Box<str> = 2,
    }
}
crate::local_object!(Service);

impl Resource for Service {
    const NAMES: Names =
        Names { kind: "Service", plural: "services", group: "", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("service"), Identity::UID];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<Service> = &[
    &Family::gauge("kube_service_info", "Addresses and traffic policy of the Service.")
        .stable()
        .labels(["cluster_ip", "external_name", "load_balancer_ip", "external_traffic_policy"])
        .samples(|service, out| {
            let spec = &service.spec;
            out.one([
                &spec.cluster_ip.text(),
                &spec.external_name,
                &spec.load_balancer_ip,
                &spec.external_traffic_policy,
            ]);
        }),
    &Family::created("kube_service_created").stable(),
    &Family::gauge("kube_service_spec_type", "Type of the Service.")
        .stable()
        .labels(["type"])
        .samples(|service, out| out.one([&service.spec.r#type])),
    &Family::annotations("kube_service_annotations"),
    &Family::labels("kube_service_labels").stable(),
    &Family::gauge("kube_service_spec_external_ip", "External addresses that lead to the Service.")
        .stable()
        .appears("for each external address")
        .labels(["external_ip"])
        .samples(|service, out| {
            for address in service.spec.external_ips.iter() {
                out.one([address]);
            }
        }),
    &Family::gauge(
        "kube_service_status_load_balancer_ingress",
        "Addresses and names at which the load balancer takes connections for the Service.",
    )
    .stable()
    .appears("for each address that the load balancer has")
    .labels(["ip", "hostname"])
    .samples(|service, out| {
        for point in service.status.load_balancer.get().map_or(&[][..], |status| &status.ingress) {
            out.one([&point.ip.text(), &point.hostname]);
        }
    }),
    &Family::deletion_timestamp("kube_service_deletion_timestamp"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Service, "services");
}
