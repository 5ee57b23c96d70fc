//! Nodes.

use crate::{
    exposition::{Families, Identity, Samples},
    resource::{Names, Resource, Unit, amounts, conditions},
    wire::{Atom, Condition, Ip, Map, ObjectMeta, Quantity, Shared, ShortText, Uid},
};

type Family = crate::exposition::Family<Node>;

crate::wire! {
    /// `v1.Node`, reduced.
    pub struct Node {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: NodeSpec = 2,
        /// What the kubelet says.
        status: NodeStatus = 3,
    }

    /// `v1.NodeSpec`, reduced.
    pub struct NodeSpec {
        /// The range of the pods' addresses, the first one of a dual-stack node.
        #[serde(rename = "podCIDR")]
        pod_cidr: Box<str> = 1,
        /// The cloud's name for the node.
        #[serde(rename = "providerID")]
        provider_id: Box<str> = 3,
        /// True where no more pods shall come.
        unschedulable: bool = 4,
        /// What keeps pods away.
        taints: Shared<Taint> = 5,
        /// The ranges of the pods' addresses.
        #[serde(rename = "podCIDRs")]
        pod_cidrs: Vec<Box<str>> = 7,
    }

    /// `v1.Taint`, reduced.
    pub struct Taint {
        /// What tolerations name.
        key: Atom = 1,
        /// What tolerations may ask for.
        value: Atom = 2,
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        effect: Atom = 3,
    }

    /// `v1.NodeStatus`, reduced.
    pub struct NodeStatus {
        /// All that the node has.
        capacity: Map<Atom, Quantity> = 1,
        /// What is left for pods.
        allocatable: Map<Atom, Quantity> = 2,
        /// Sound nodes have the same.
        conditions: Shared<Condition> = 4,
        /// How the node can be reached.
        addresses: Vec<NodeAddress> = 5,
        /// What the kubelet found.
        node_info: NodeSystemInfo = 7,
    }

    /// `v1.NodeAddress`.
    pub struct NodeAddress {
        /// `InternalIP`, `Hostname` or another one.
        r#type: Atom = 1,
        /// An address or a name.
        address: Ip = 2,
    }

    /// `v1.NodeSystemInfo`, reduced.
    pub struct NodeSystemInfo {
        /// What the hardware says it is, a UUID as a rule.
        #[serde(rename = "systemUUID")]
        system_uuid: Uid = 2,
        /// Such as `6.12.0`.
        kernel_version: Atom = 4,
        /// Such as `Debian GNU/Linux 13`.
        os_image: Atom = 5,
        /// Such as `containerd://2.2.0`.
        container_runtime_version: Atom = 6,
        /// Such as `v1.36.3`.
        kubelet_version: Atom = 7,
    }
}
crate::local_object!(Node);
crate::pooled!(Taint);

impl Resource for Node {
    const NAMES: Names = Names { kind: "Node", plural: "nodes", group: "", version: "v1", namespaced: false };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("node")];
    const FAMILIES: Families<Self> = FAMILIES;
    const LABELS_READ: &'static [&'static str] = &["node-role.kubernetes.io/*"];
}

impl Node {
    /// What the node is for, by its labels.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.metadata.labels.iter().filter_map(|(key, _)| key.strip_prefix(ROLE))
    }
}

/// What the labels start with that name a node's roles.
const ROLE: &str = "node-role.kubernetes.io/";

const FAMILIES: Families<Node> = &[
    &Family::annotations("kube_node_annotations"),
    &Family::created("kube_node_created").stable(),
    &Family::deletion_timestamp("kube_node_deletion_timestamp"),
    &Family::gauge("kube_node_info", "System, kubelet and addresses of the node.")
        .stable()
        .labels([
            "kernel_version",
            "os_image",
            "container_runtime_version",
            "kubelet_version",
            "kubeproxy_version",
            "provider_id",
            "pod_cidr",
            "system_uuid",
            "internal_ip",
        ])
        .samples(info),
    &Family::labels("kube_node_labels").stable(),
    &Family::gauge("kube_node_role", "Roles of the node, by its labels.")
        .appears("for each label of a role")
        .labels(["role"])
        .samples(|node, out| {
            for role in node.roles() {
                out.one([role]);
            }
        }),
    &Family::gauge("kube_node_spec_pod_cidrs", "Ranges from which the node's pods get their addresses.")
        .appears("for each range")
        .labels(["pod_cidr"])
        .samples(|node, out| {
            for range in &node.spec.pod_cidrs {
                out.one([range]);
            }
        }),
    &Family::gauge("kube_node_spec_taint", "Taints of the node.")
        .stable()
        .appears("for each taint")
        .labels(["key", "value", "effect"])
        .samples(|node, out| {
            for taint in node.spec.taints.iter() {
                out.one([&taint.key, &taint.value, &taint.effect]);
            }
        }),
    &Family::gauge("kube_node_spec_unschedulable", "Whether the node takes no more pods.")
        .stable()
        .samples(|node, out| out.value(node.spec.unschedulable)),
    &Family::gauge("kube_node_status_allocatable", "Resources of the node that pods can have.")
        .stable()
        .appears("for each resource of a known unit")
        .labels(["resource", "unit"])
        .samples(|node, out| resources(&node.status.allocatable, out)),
    &Family::gauge("kube_node_status_capacity", "Resources that the node has in all.")
        .stable()
        .appears("for each resource of a known unit")
        .labels(["resource", "unit"])
        .samples(|node, out| resources(&node.status.capacity, out)),
    &Family::gauge("kube_node_status_condition", "Conditions of the node.")
        .stable()
        .appears("for each condition with each of three statuses")
        .labels(["condition", "status"])
        .samples(|node, out| conditions(&node.status.conditions, out)),
    &Family::gauge("kube_node_status_addresses", "Addresses and names at which the node can be reached.")
        .appears("for each address")
        .labels(["type", "address"])
        .samples(|node, out| {
            for address in &node.status.addresses {
                out.one([&address.r#type, &address.address.text()]);
            }
        }),
];

fn info(node: &Node, out: &mut Samples<'_, 9>) {
    let (spec, info) = (&node.spec, &node.status.node_info);
    // Of a dual-stack node's two addresses the second counts.
    let internal = node.status.addresses.iter().rfind(|address| address.r#type == "InternalIP");
    out.one([
        &info.kernel_version,
        &info.os_image,
        &info.container_runtime_version,
        &info.kubelet_version,
        "deprecated",
        &spec.provider_id,
        &spec.pod_cidr,
        &info.system_uuid.text(),
        &internal.map_or(ShortText::Held(""), |address| address.address.text()),
    ]);
}

/// Unlike those of a pod, all resources of a node are shown to a thousandth, and `pods` is one.
fn resources(list: &Map<Atom, Quantity>, out: &mut Samples<'_, 2>) {
    for amount in amounts(list) {
        out.push([&amount.resource, amount.unit.as_str()], amount.quantity.milli());
    }
    out.push(["pods", Unit::Integer.as_str()], list.get("pods").map(|number| number.milli()));
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Node, "nodes");
}
