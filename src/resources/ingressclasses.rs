//! `IngressClasses`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<IngressClass>;

crate::wire! {
    /// `networking.v1.IngressClass`, reduced.
    pub struct IngressClass {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: IngressClassSpec = 2,
    }

    /// `networking.v1.IngressClassSpec`, reduced.
    pub struct IngressClassSpec {
        /// Who serves the Ingresses of the class, such as `k8s.io/ingress-nginx`.
        controller: Atom = 1,
    }
}
crate::local_object!(IngressClass);

impl Resource for IngressClass {
    const NAMES: Names = Names {
        kind: "IngressClass",
        plural: "ingressclasses",
        group: "networking.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] = &[Identity::name("ingressclass")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<IngressClass> = &[
    &Family::gauge("kube_ingressclass_info", "Controller of the IngressClass.")
        .labels(["controller"])
        .samples(|class, out| out.one([&class.spec.controller])),
    &Family::created("kube_ingressclass_created"),
    &Family::annotations("kube_ingressclass_annotations"),
    &Family::labels("kube_ingressclass_labels"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::IngressClass, "ingressclasses");
}
