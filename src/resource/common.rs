//! Labels and families that many kinds have.

use crate::{
    exposition::{Family, Identity},
    resource::Resource,
};

impl<K: Resource> Identity<K> {
    /// The label `namespace`.
    pub const NAMESPACE: Self =
        Self { name: "namespace", value: |object, out| out.push_str(&object.metadata().namespace) };

    /// The label `uid`.
    pub const UID: Self =
        Self { name: "uid", value: |object, out| out.push_str(&object.metadata().uid.text()) };

    /// A label for the object's name.
    pub const fn name(label: &'static str) -> Self {
        Self { name: label, value: |object, out| out.push_str(&object.metadata().name) }
    }
}

impl<K: Resource> Family<K> {
    /// When the object was created.
    pub const fn created(name: &'static str) -> Self {
        Family::gauge(name, "Unix timestamp of the object's creation.")
            .appears("once the server has set it")
            .samples(|object, out| out.value(object.metadata().creation_timestamp.set()))
    }

    /// When the object is to be gone.
    pub const fn deletion_timestamp(name: &'static str) -> Self {
        Family::gauge(
            name,
            "Unix timestamp at which the object, whose deletion was asked for, may be removed.",
        )
        .appears("once the deletion was asked for")
        .samples(|object, out| out.value(object.metadata().deletion_timestamp))
    }

    /// Which state of the specification the object has.
    pub const fn generation(name: &'static str) -> Self {
        Family::gauge(name, "Sequence number of the object's desired state.")
            .samples(|object, out| out.value(object.metadata().generation))
    }

    /// Which state of the object is stored.
    pub const fn resource_version(name: &'static str) -> Self {
        Family::gauge(name, "Version of the object's state, rounded to 64-bit floating point.")
            .appears("where the version is a number")
            .samples(|object, out| out.value(object.metadata().resource_version.number()))
    }

    /// The object's labels that the user selected.
    pub const fn labels(name: &'static str) -> Self {
        Family::gauge(name, "Labels of the object, those selected by --metric-labels-allowlist.")
            .appears("for every object of a kind that --metric-labels-allowlist names")
            .label_prefix("label_")
            .samples(|object, out| {
                let keys = &out.selection().labels;
                if !keys.is_empty() {
                    out.pairs(object.metadata().labels.iter().filter(|(key, _)| keys.matches(key)));
                }
            })
    }

    /// The object's annotations that the user selected.
    pub const fn annotations(name: &'static str) -> Self {
        Family::gauge(name, "Annotations of the object, those selected by --metric-annotations-allowlist.")
            .appears("for every object of a kind that --metric-annotations-allowlist names")
            .label_prefix("annotation_")
            .samples(|object, out| {
                let keys = &out.selection().annotations;
                if !keys.is_empty() {
                    out.pairs(object.metadata().annotations.iter().filter(|(key, _)| keys.matches(key)));
                }
            })
    }

    /// The objects that this one goes with.
    pub const fn owner(name: &'static str) -> Family<K, 3> {
        Family::gauge(name, "Owners of the object; one sample with empty labels where it has none.")
            .appears("for each owner, and once where there is none")
            .labels(["owner_kind", "owner_name", "owner_is_controller"])
            .samples(|object, out| {
                let owners = &object.metadata().owner_references;
                for owner in owners.iter() {
                    let controller = if owner.controller == Some(true) { "true" } else { "false" };
                    out.one([&owner.kind, &owner.name, controller]);
                }
                if owners.is_empty() {
                    out.one([""; 3]);
                }
            })
    }

    /// Who runs the object.
    pub const fn workload(name: &'static str) -> Family<K, 4> {
        Family::gauge(
            name,
            "Who runs the object: what was deployed, such as a Deployment, and the end of the chain of owners.",
        )
        .opt_in()
        .owners()
        .labels(["workload_kind", "workload_name", "top_owner_kind", "top_owner_name"])
        .samples(|object, out| {
            for workload in object.metadata().relations.workload.iter() {
                out.one([&workload.kind, &workload.name, &workload.top_kind, &workload.top_name]);
            }
        })
    }
}
