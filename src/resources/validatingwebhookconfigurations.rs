//! `ValidatingWebhookConfigurations`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource, Webhook, webhook_services},
    wire::ObjectMeta,
};

type Family = crate::exposition::Family<ValidatingWebhookConfiguration>;

crate::wire! {
    /// `admissionregistration.v1.ValidatingWebhookConfiguration`.
    pub struct ValidatingWebhookConfiguration {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// In the order in which the author wrote them.
        webhooks: Vec<Webhook> = 2,
    }
}
crate::local_object!(ValidatingWebhookConfiguration);

impl Resource for ValidatingWebhookConfiguration {
    const NAMES: Names = Names {
        kind: "ValidatingWebhookConfiguration",
        plural: "validatingwebhookconfigurations",
        group: "admissionregistration.k8s.io",
        version: "v1",
        namespaced: false,
    };
    // The namespace is always empty; kube-state-metrics has the label all the same.
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("validatingwebhookconfiguration")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ValidatingWebhookConfiguration> = &[
    &Family::gauge(
        "kube_validatingwebhookconfiguration_info",
        "One sample for every ValidatingWebhookConfiguration.",
    )
    .samples(|_, out| out.one([])),
    &Family::created("kube_validatingwebhookconfiguration_created"),
    &Family::resource_version("kube_validatingwebhookconfiguration_metadata_resource_version"),
    &Family::gauge(
        "kube_validatingwebhookconfiguration_webhook_clientconfig_service",
        "Services behind the webhooks of the ValidatingWebhookConfiguration.",
    )
    .appears("for each webhook, the labels of its Service being empty where it has a URL")
    .labels(["webhook_name", "service_name", "service_namespace"])
    .samples(|configuration, out| webhook_services(&configuration.webhooks, out)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(
        super::ValidatingWebhookConfiguration,
        "validatingwebhookconfigurations"
    );
}
