//! `MutatingWebhookConfigurations`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, Webhook, webhook_services},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<MutatingWebhookConfiguration>;

crate::wire! {
    /// `admissionregistration.v1.MutatingWebhookConfiguration`.
    pub struct MutatingWebhookConfiguration {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// In the order in which the author wrote them.
        webhooks: Vec<Webhook> = 2,
    }
}
crate::local_object!(MutatingWebhookConfiguration);

impl Resource for MutatingWebhookConfiguration {
    const NAMES: Names = Names {
        kind: "MutatingWebhookConfiguration",
        plural: "mutatingwebhookconfigurations",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("mutatingwebhookconfiguration")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<MutatingWebhookConfiguration> = &[
    &Family::gauge(
        "kube_mutatingwebhookconfiguration_info",
        "One sample for every MutatingWebhookConfiguration.",
    )
    .samples(|_, out| out.one([])),
    &Family::created("kube_mutatingwebhookconfiguration_created"),
    &Family::resource_version("kube_mutatingwebhookconfiguration_metadata_resource_version"),
    &Family::gauge(
        "kube_mutatingwebhookconfiguration_webhook_clientconfig_service",
        "Services behind the webhooks of the MutatingWebhookConfiguration.",
    )
    .appears("for each webhook, the labels of its Service being empty where it has a URL")
    .labels(["webhook_name", "service_name", "service_namespace"])
    .samples(|configuration, out| webhook_services(&configuration.webhooks, out)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::MutatingWebhookConfiguration, "mutatingwebhookconfigurations");
}
