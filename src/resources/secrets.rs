//! Secrets, of which the server sends the metadata and the type, and never the data.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Cell, ObjectMeta, Representation},
};

type Family = crate::exposition::Family<Secret>;

crate::wire! {
    /// `v1.Secret`, reduced.
    pub struct Secret {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What the data is for, such as `kubernetes.io/tls`.
        r#type: Atom = 3,
    }
}
crate::local_object!(Secret);

impl Resource for Secret {
    const NAMES: Names =
        Names { kind: "Secret", plural: "secrets", group: "", version: "v1", namespaced: true };
    const REPRESENTATION: Representation = Representation::Table(Cell { column: "Type", field: "type" });
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("secret")];
    const FAMILIES: Families<Self> = FAMILIES;
    /// In which `kubectl apply` repeats the data.
    const ANNOTATION_WITHHELD: Option<&'static str> =
        Some("kubectl.kubernetes.io/last-applied-configuration");
}

const FAMILIES: Families<Secret> = &[
    &Family::gauge("kube_secret_info", "One sample for every Secret.").stable().samples(|_, out| out.one([])),
    &Family::gauge("kube_secret_type", "Type of the Secret.")
        .stable()
        .labels(["type"])
        .samples(|secret, out| out.one([&secret.r#type])),
    &Family::annotations("kube_secret_annotations"),
    &Family::labels("kube_secret_labels").stable(),
    &Family::created("kube_secret_created").stable(),
    &Family::resource_version("kube_secret_metadata_resource_version"),
    &Family::owner("kube_secret_owner"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        exposition::{Keys, Selection},
        wire::decode_json,
    };

    crate::resource::golden::golden!(super::Secret, "secrets");

    #[test]
    fn what_kubectl_applied_is_kept_only_where_it_is_asked_for_by_name() {
        let key = "kubectl.kubernetes.io/last-applied-configuration";
        let json = format!(r#"{{"metadata":{{"annotations":{{"{key}":"password","team":"a"}}}}}}"#);
        for (patterns, kept) in [
            (&["*"][..], &["team"][..]),
            (&["kubectl*", "*-configuration", "team"], &["team"]),
            (&["kubectl.kubernetes.io/last-applied-configuration"], &[key]),
            (&[], &[]),
        ] {
            let annotations = Keys::new(patterns.iter().copied());
            let context =
                Secret::context(&Selection { annotations, ..Selection::default() }, &Keys::default());
            let secret: Secret = decode_json(json.as_bytes(), &context).unwrap();
            let keys: Vec<&str> = secret.metadata.annotations.iter().map(|(key, _)| key).collect();
            assert_eq!(keys, kept, "{patterns:?}");
        }
    }
}
