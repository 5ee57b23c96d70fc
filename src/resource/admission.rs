//! What kinds of the group `admissionregistration.k8s.io` have in common.

use crate::{exposition::Samples, wire::Atom};

crate::wire! {
    /// `admissionregistration.v1.ParamKind`: the kind of a policy's parameters.
    pub struct ParamKind {
        /// Group and version.
        api_version: Atom = 1,
        /// As in an object's `kind`.
        kind: Atom = 2,
    }

    /// `admissionregistration.v1.ParamRef`, reduced: the parameters that a binding gives to a policy.
    pub struct ParamRef {
        /// Empty where a selector finds the parameters.
        name: Atom = 1,
        /// Empty for parameters of the whole cluster and for those in the namespace of the object
        /// that is admitted.
        namespace: Atom = 2,
        /// `Allow` or `Deny`.
        parameter_not_found_action: Atom = 4,
    }

    /// `admissionregistration.v1.MutatingWebhook` or `ValidatingWebhook`, which number these fields
    /// alike.
    pub struct Webhook {
        /// Unique in its configuration.
        name: Box<str> = 1,
        /// How the webhook is reached.
        client_config: WebhookClientConfig = 2,
    }

    /// `admissionregistration.v1.WebhookClientConfig`, reduced.
    pub struct WebhookClientConfig {
        /// Empty where there is a URL in its place.
        service: ServiceReference = 1,
    }

    /// `admissionregistration.v1.ServiceReference`, reduced.
    pub struct ServiceReference {
        /// The Service's namespace.
        namespace: Atom = 1,
        /// The Service's name.
        name: Atom = 2,
    }
}

/// A sample for each webhook with its name and the Service behind it, whose name and namespace are
/// empty for a webhook with a URL.
pub fn webhook_services(webhooks: &[Webhook], out: &mut Samples<'_, 3>) {
    for webhook in webhooks {
        let service = &webhook.client_config.service;
        out.one([&webhook.name, &service.name, &service.namespace]);
    }
}
