//! `NetworkPolicies`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<NetworkPolicy>;

crate::wire! {
    /// `networking.v1.NetworkPolicy`, reduced.
    pub struct NetworkPolicy {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: NetworkPolicySpec = 2,
    }

    /// `networking.v1.NetworkPolicySpec`, reduced.
    pub struct NetworkPolicySpec {
        /// What may come in.
        ingress: Vec<Rule> = 2,
        /// What may go out.
        egress: Vec<Rule> = 3,
    }

    /// `networking.v1.NetworkPolicyIngressRule` or `NetworkPolicyEgressRule`, only to be counted:
    /// a list of them takes no memory.
    pub struct Rule {}
}
crate::local_object!(NetworkPolicy);

impl Resource for NetworkPolicy {
    const NAMES: Names = Names {
        kind: "NetworkPolicy",
        plural: "networkpolicies",
        group: "networking.k8s.io",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("networkpolicy")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<NetworkPolicy> = &[
    // Unlike the other kinds' even where the server has not set it.
    &Family::gauge("kube_networkpolicy_created", "Unix timestamp of the object's creation.")
        .samples(|policy, out| out.value(policy.metadata.creation_timestamp)),
    &Family::annotations("kube_networkpolicy_annotations"),
    &Family::labels("kube_networkpolicy_labels"),
    &Family::gauge("kube_networkpolicy_spec_ingress_rules", "Number of rules for what may come in.")
        .samples(|policy, out| out.value(policy.spec.ingress.len())),
    &Family::gauge("kube_networkpolicy_spec_egress_rules", "Number of rules for what may go out.")
        .samples(|policy, out| out.value(policy.spec.egress.len())),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::NetworkPolicy, "networkpolicies");
}
