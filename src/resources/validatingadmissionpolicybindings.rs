//! `ValidatingAdmissionPolicyBindings`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, ParamRef, Resource},
    wire::{Atom, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<ValidatingAdmissionPolicyBinding>;

crate::wire! {
    /// `admissionregistration.v1.ValidatingAdmissionPolicyBinding`, reduced.
    pub struct ValidatingAdmissionPolicyBinding {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: ValidatingAdmissionPolicyBindingSpec = 2,
    }

    /// `admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec`, reduced.
    pub struct ValidatingAdmissionPolicyBindingSpec {
        /// The name of the policy that is put into force.
        policy_name: Atom = 1,
        /// Empty where the policy gets no parameters.
        param_ref: ParamRef = 2,
        /// `Deny`, `Warn` and `Audit`, as far as they are wanted.
        validation_actions: Shared<Atom> = 4,
    }
}
crate::local_object!(ValidatingAdmissionPolicyBinding);

impl Resource for ValidatingAdmissionPolicyBinding {
    const NAMES: Names = Names {
        kind: "ValidatingAdmissionPolicyBinding",
        plural: "validatingadmissionpolicybindings",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("validatingadmissionpolicybinding")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ValidatingAdmissionPolicyBinding> = &[
    &Family::gauge(
        "kube_validatingadmissionpolicybinding_info",
        "Policy and parameters that the ValidatingAdmissionPolicyBinding joins.",
    )
    .labels(["policy_name", "param_name", "param_namespace", "param_not_found_action"])
    .samples(|binding, out| {
        let (spec, param) = (&binding.spec, &binding.spec.param_ref);
        out.one([&spec.policy_name, &param.name, &param.namespace, &param.parameter_not_found_action]);
    }),
    &Family::created("kube_validatingadmissionpolicybinding_created"),
    &Family::gauge(
        "kube_validatingadmissionpolicybinding_validation_action",
        "What is done with a request that the ValidatingAdmissionPolicy refuses.",
    )
    .appears("for each action")
    .labels(["action"])
    .samples(|binding, out| {
        for action in binding.spec.validation_actions.iter() {
            out.one([action]);
        }
    }),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(
        super::ValidatingAdmissionPolicyBinding,
        "validatingadmissionpolicybindings"
    );
}
