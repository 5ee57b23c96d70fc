//! `ValidatingAdmissionPolicies`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, ParamKind, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<ValidatingAdmissionPolicy>;

crate::wire! {
    /// `admissionregistration.v1.ValidatingAdmissionPolicy`, reduced.
    pub struct ValidatingAdmissionPolicy {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ValidatingAdmissionPolicySpec = 2,
    }

    /// `admissionregistration.v1.ValidatingAdmissionPolicySpec`, reduced.
    pub struct ValidatingAdmissionPolicySpec {
        /// Empty where the policy has no parameters.
        param_kind: ParamKind = 1,
        /// `Fail` or `Ignore`.
        failure_policy: Atom = 4,
    }
}
crate::local_object!(ValidatingAdmissionPolicy);

impl Resource for ValidatingAdmissionPolicy {
    const NAMES: Names = Names {
        kind: "ValidatingAdmissionPolicy",
        plural: "validatingadmissionpolicies",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("validatingadmissionpolicy")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ValidatingAdmissionPolicy> = &[
    &Family::gauge(
        "kube_validatingadmissionpolicy_info",
        "Kind of parameters and failure policy of the ValidatingAdmissionPolicy.",
    )
    .labels(["param_api_version", "param_kind", "failure_policy"])
    .samples(|policy, out| {
        let spec = &policy.spec;
        out.one([&spec.param_kind.api_version, &spec.param_kind.kind, &spec.failure_policy]);
    }),
    &Family::created("kube_validatingadmissionpolicy_created"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ValidatingAdmissionPolicy, "validatingadmissionpolicies");
}
