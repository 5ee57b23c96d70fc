//! `ServiceAccounts`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<ServiceAccount>;

crate::wire! {
    /// `v1.ServiceAccount`, reduced.
    pub struct ServiceAccount {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// Secrets that pods of the account may mount. Each account has its own.
        secrets: Vec<ObjectReference> = 2,
        /// Secrets for registries. Accounts often have the same.
        image_pull_secrets: Shared<LocalObjectReference> = 3,
        /// Whether pods of the account get a token, unless they say otherwise.
        automount_service_account_token: Option<bool> = 4,
    }

    /// `v1.ObjectReference`, reduced.
    pub struct ObjectReference {
        /// The Secret's name.
        name: Box<str> = 3,
    }

    /// `v1.LocalObjectReference`.
    pub struct LocalObjectReference {
        /// The Secret's name.
        name: Atom = 1,
    }
}
crate::local_object!(ServiceAccount);
crate::pooled!(LocalObjectReference);

impl Resource for ServiceAccount {
    const NAMES: Names = Names {
        kind: "ServiceAccount",
        plural: "serviceaccounts",
        group: "",
        version: "v1",
        namespaced: true,
    };
    const DEFAULT: bool = false;
    const IDENTITY: &'static [Identity<Self>] =
        &[Identity::NAMESPACE, Identity::name("serviceaccount"), Identity::UID];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<ServiceAccount> = &[
    &Family::gauge(
        "kube_serviceaccount_info",
        "Whether pods of the ServiceAccount get a token; empty where it leaves that open.",
    )
    .labels(["automount_token"])
    .samples(|account, out| {
        out.one([match account.automount_service_account_token {
            Some(true) => "true",
            Some(false) => "false",
            None => "",
        }]);
    }),
    &Family::created("kube_serviceaccount_created"),
    &Family::deletion_timestamp("kube_serviceaccount_deleted"),
    &Family::gauge("kube_serviceaccount_secret", "Secrets that pods of the ServiceAccount may mount.")
        .appears("for each of the account's secrets")
        .labels(["name"])
        .samples(|account, out| {
            for secret in &account.secrets {
                out.one([&secret.name]);
            }
        }),
    &Family::gauge(
        "kube_serviceaccount_image_pull_secret",
        "Secrets with which images are pulled for pods of the ServiceAccount.",
    )
    .appears("for each of the account's image pull secrets")
    .labels(["name"])
    .samples(|account, out| {
        for secret in account.image_pull_secrets.iter() {
            out.one([&secret.name]);
        }
    }),
    &Family::annotations("kube_serviceaccount_annotations"),
    &Family::labels("kube_serviceaccount_labels"),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::ServiceAccount, "serviceaccounts");
}
