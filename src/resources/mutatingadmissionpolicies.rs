//! `MutatingAdmissionPolicies`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, ParamKind, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<MutatingAdmissionPolicy>;

crate::wire! {
    /// `admissionregistration.v1.MutatingAdmissionPolicy`, reduced.
    pub struct MutatingAdmissionPolicy {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: MutatingAdmissionPolicySpec = 2,
    }

    /// `admissionregistration.v1.MutatingAdmissionPolicySpec`, reduced.
    pub struct MutatingAdmissionPolicySpec {
        /// Empty where the policy has no parameters.
        param_kind: ParamKind = 1,
        /// `Fail` or `Ignore`.
        failure_policy: Atom = 5,
        /// `Never` or `IfNeeded`.
        reinvocation_policy: Atom = 7,
    }
}
crate::local_object!(MutatingAdmissionPolicy);

impl Resource for MutatingAdmissionPolicy {
    const NAMES: Names = Names {
        kind: "MutatingAdmissionPolicy",
        plural: "mutatingadmissionpolicies",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("mutatingadmissionpolicy")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<MutatingAdmissionPolicy> = &[
    &Family::gauge(
        "kube_mutatingadmissionpolicy_info",
        "Kind of parameters, failure policy and reinvocation policy of the MutatingAdmissionPolicy.",
    )
    .labels(["param_api_version", "param_kind", "failure_policy", "reinvocation_policy"])
    .samples(|policy, out| {
        let spec = &policy.spec;
        out.one([
            &spec.param_kind.api_version,
            &spec.param_kind.kind,
            &spec.failure_policy,
            &spec.reinvocation_policy,
        ]);
    }),
    &Family::created("kube_mutatingadmissionpolicy_created"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::MutatingAdmissionPolicy, "mutatingadmissionpolicies");
}
