//! The kinds that are served: one row each.

use std::fmt::{self, Display, Formatter};

use super::schema::Message;
use super::tables::{self, Column};

/// A kind of object as discovery, paths and tables know it.
#[derive(Debug)]
pub(super) struct Kind {
    /// The plural, lower-case name in paths.
    pub(super) plural: &'static str,
    /// The kind, which is also the name of its message in the schema.
    pub(super) name: &'static str,
    /// The API group and the version that the kind is served in.
    pub(super) group: Group,
    /// Whether the objects live in namespaces.
    pub(super) namespaced: bool,
    /// What `kubectl` accepts instead of the plural.
    pub(super) short_names: &'static [&'static str],
    /// Whether `kubectl get all` shows the kind.
    pub(super) in_all: bool,
    /// The columns of its table after the name.
    pub(super) columns: &'static [Column],
}

impl Kind {
    /// The kind of this plural name.
    pub(super) fn plural(plural: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.plural == plural)
    }

    /// The kind of this plural name in a version of a group, whose name is empty for the core group.
    pub(super) fn served(group: &str, version: &str, plural: &str) -> Option<&'static Self> {
        Self::plural(plural).filter(|kind| kind.group.name == group && kind.group.version == version)
    }

    /// The position in [`KINDS`].
    pub(super) fn index(&self) -> usize {
        KINDS.iter().position(|kind| kind.plural == self.plural).expect("every kind is a row of the table")
    }

    /// The fields of the kind.
    pub(super) fn message(&self) -> &'static Message {
        Message::named(self.name)
    }

    /// The singular, lower-case name.
    pub(super) fn singular(&self) -> String {
        self.name.to_lowercase()
    }

    const fn in_all(mut self) -> Self {
        self.in_all = true;
        self
    }
}

/// A group and the version of it that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    /// The name; empty for the core group.
    pub(super) name: &'static str,
    /// The version.
    pub(super) version: &'static str,
}

impl Display for Group {
    /// As in `apiVersion`.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let separator = if self.name.is_empty() { "" } else { "/" };
        write!(out, "{}{separator}{}", self.name, self.version)
    }
}

impl Group {
    const fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version }
    }

    /// A kind whose objects live in namespaces.
    const fn kind(
        self,
        plural: &'static str,
        name: &'static str,
        short_names: &'static [&'static str],
        columns: &'static [Column],
    ) -> Kind {
        Kind { plural, name, group: self, namespaced: true, short_names, in_all: false, columns }
    }

    /// A kind whose objects belong to the whole cluster.
    const fn global(
        self,
        plural: &'static str,
        name: &'static str,
        short_names: &'static [&'static str],
        columns: &'static [Column],
    ) -> Kind {
        let kind = self.kind(plural, name, short_names, columns);
        Kind { namespaced: false, ..kind }
    }
}

/// The group of the oldest kinds, which is served under a path of its own.
pub(super) const CORE: Group = Group::new("", "v1");
const ADMISSION: Group = Group::new("admissionregistration.k8s.io", "v1");
const APPS: Group = Group::new("apps", "v1");
const AUTOSCALING: Group = Group::new("autoscaling", "v2");
const BATCH: Group = Group::new("batch", "v1");
const CERTIFICATES: Group = Group::new("certificates.k8s.io", "v1");
const COORDINATION: Group = Group::new("coordination.k8s.io", "v1");
const DISCOVERY: Group = Group::new("discovery.k8s.io", "v1");
const NETWORKING: Group = Group::new("networking.k8s.io", "v1");
const POLICY: Group = Group::new("policy", "v1");
const RBAC: Group = Group::new("rbac.authorization.k8s.io", "v1");
const STORAGE: Group = Group::new("storage.k8s.io", "v1");

/// All kinds, groups side by side.
#[rustfmt::skip]
pub(super) const KINDS: [Kind; 39] = [
    CORE.kind("configmaps", "ConfigMap", &["cm"], tables::CONFIGMAPS),
    CORE.kind("endpoints", "Endpoints", &["ep"], tables::ENDPOINTS),
    CORE.kind("limitranges", "LimitRange", &["limits"], tables::LIMITRANGES),
    CORE.global("namespaces", "Namespace", &["ns"], tables::NAMESPACES),
    CORE.global("nodes", "Node", &["no"], tables::NODES),
    CORE.kind("persistentvolumeclaims", "PersistentVolumeClaim", &["pvc"], tables::CLAIMS),
    CORE.global("persistentvolumes", "PersistentVolume", &["pv"], tables::VOLUMES),
    CORE.kind("pods", "Pod", &["po"], tables::PODS).in_all(),
    CORE.kind("replicationcontrollers", "ReplicationController", &["rc"], tables::CONTROLLERS).in_all(),
    CORE.kind("resourcequotas", "ResourceQuota", &["quota"], tables::QUOTAS),
    CORE.kind("secrets", "Secret", &[], tables::SECRETS),
    CORE.kind("serviceaccounts", "ServiceAccount", &["sa"], tables::SERVICE_ACCOUNTS),
    CORE.kind("services", "Service", &["svc"], tables::SERVICES).in_all(),
    ADMISSION.global("mutatingadmissionpolicies", "MutatingAdmissionPolicy", &[], tables::MUTATING_POLICIES),
    ADMISSION.global("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", &[], tables::POLICY_BINDINGS),
    ADMISSION.global("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", &[], tables::WEBHOOKS),
    ADMISSION.global("validatingadmissionpolicies", "ValidatingAdmissionPolicy", &[], tables::VALIDATING_POLICIES),
    ADMISSION.global("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", &[], tables::POLICY_BINDINGS),
    ADMISSION.global("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", &[], tables::WEBHOOKS),
    APPS.kind("daemonsets", "DaemonSet", &["ds"], tables::DAEMONSETS).in_all(),
    APPS.kind("deployments", "Deployment", &["deploy"], tables::DEPLOYMENTS).in_all(),
    APPS.kind("replicasets", "ReplicaSet", &["rs"], tables::REPLICASETS).in_all(),
    APPS.kind("statefulsets", "StatefulSet", &["sts"], tables::STATEFULSETS).in_all(),
    AUTOSCALING.kind("horizontalpodautoscalers", "HorizontalPodAutoscaler", &["hpa"], tables::AUTOSCALERS).in_all(),
    BATCH.kind("cronjobs", "CronJob", &["cj"], tables::CRONJOBS).in_all(),
    BATCH.kind("jobs", "Job", &[], tables::JOBS).in_all(),
    CERTIFICATES.global("certificatesigningrequests", "CertificateSigningRequest", &["csr"], tables::SIGNING_REQUESTS),
    COORDINATION.kind("leases", "Lease", &[], tables::LEASES),
    DISCOVERY.kind("endpointslices", "EndpointSlice", &[], tables::ENDPOINTSLICES),
    NETWORKING.global("ingressclasses", "IngressClass", &[], tables::INGRESS_CLASSES),
    NETWORKING.kind("ingresses", "Ingress", &["ing"], tables::INGRESSES),
    NETWORKING.kind("networkpolicies", "NetworkPolicy", &["netpol"], tables::NETWORK_POLICIES),
    POLICY.kind("poddisruptionbudgets", "PodDisruptionBudget", &["pdb"], tables::BUDGETS),
    RBAC.global("clusterrolebindings", "ClusterRoleBinding", &[], tables::ROLE_BINDINGS),
    RBAC.global("clusterroles", "ClusterRole", &[], tables::ROLES),
    RBAC.kind("rolebindings", "RoleBinding", &[], tables::ROLE_BINDINGS),
    RBAC.kind("roles", "Role", &[], tables::ROLES),
    STORAGE.global("storageclasses", "StorageClass", &["sc"], tables::STORAGE_CLASSES),
    STORAGE.global("volumeattachments", "VolumeAttachment", &[], tables::ATTACHMENTS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_message_with_metadata() {
        for kind in &KINDS {
            assert_eq!(kind.message().numbered(1).unwrap().name, "metadata", "{}", kind.name);
        }
    }

    #[test]
    fn groups_stand_side_by_side_and_names_are_unique() {
        let mut groups: Vec<_> = KINDS.iter().map(|kind| kind.group.name).collect();
        groups.dedup();
        let mut distinct = groups.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(groups.len(), distinct.len());
        for (index, kind) in KINDS.iter().enumerate() {
            assert_eq!(kind.index(), index, "{}", kind.plural);
        }
    }
}
