//! `MutatingAdmissionPolicyBindings`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, ParamRef, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<MutatingAdmissionPolicyBinding>;

crate::wire! {
    /// `admissionregistration.v1.MutatingAdmissionPolicyBinding`, reduced.
    pub struct MutatingAdmissionPolicyBinding {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: MutatingAdmissionPolicyBindingSpec = 2,
    }

    /// `admissionregistration.v1.MutatingAdmissionPolicyBindingSpec`, reduced.
    pub struct MutatingAdmissionPolicyBindingSpec {
        /// The name of the policy that is put into force.
        policy_name: Atom = 1,
        /// Empty where the policy gets no parameters.
        param_ref: ParamRef = 2,
    }
}
crate::local_object!(MutatingAdmissionPolicyBinding);

impl Resource for MutatingAdmissionPolicyBinding {
    const NAMES: Names = Names {
        kind: "MutatingAdmissionPolicyBinding",
        plural: "mutatingadmissionpolicybindings",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("mutatingadmissionpolicybinding")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<MutatingAdmissionPolicyBinding> = &[
    &Family::gauge(
        "kube_mutatingadmissionpolicybinding_info",
        "Policy and parameters that the MutatingAdmissionPolicyBinding joins.",
    )
    .labels(["policy_name", "param_name", "param_namespace", "param_not_found_action"])
    .samples(|binding, out| {
        let (spec, param) = (&binding.spec, &binding.spec.param_ref);
        out.one([&spec.policy_name, &param.name, &param.namespace, &param.parameter_not_found_action]);
    }),
    &Family::created("kube_mutatingadmissionpolicybinding_created"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(
        super::MutatingAdmissionPolicyBinding,
        "mutatingadmissionpolicybindings"
    );
}
