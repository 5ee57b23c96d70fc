//! The one list of kinds.

mod families;

pub use families::{KindFamily, families};

use crate::{
    resource::{Names, Resource},
    resources,
};

/// Something to be done for a kind, whatever its type.
pub trait Visitor {
    /// What comes out of it.
    type Output;

    /// Does it.
    fn visit<K: Resource>(&mut self) -> Self::Output;
}

/// What is known of a kind without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// How the API calls it.
    pub names: Names,
    /// Whether it is served unless the user says otherwise.
    pub default: bool,
}

macro_rules! catalog {
    ($($file:ident::$kind:ident),* $(,)?) => {
        /// Every kind, in the order of their exposition: that of their plural names.
        pub const KINDS: &[Kind] = &[$({
            type K = resources::$file::$kind;
            Kind { names: K::NAMES, default: K::DEFAULT }
        }),*];

        /// Visits the kind with this plural name; `None` where there is none.
        pub fn visit<V: Visitor>(plural: &str, visitor: &mut V) -> Option<V::Output> {
            match plural {
                $(stringify!($file) => Some(visitor.visit::<resources::$file::$kind>()),)*
                _ => None,
            }
        }
    };
}

catalog! {
    certificatesigningrequests::CertificateSigningRequest,
    clusterrolebindings::ClusterRoleBinding,
    clusterroles::ClusterRole,
    configmaps::ConfigMap,
    cronjobs::CronJob,
    daemonsets::DaemonSet,
    deployments::Deployment,
    endpoints::Endpoints,
    endpointslices::EndpointSlice,
    horizontalpodautoscalers::HorizontalPodAutoscaler,
    ingressclasses::IngressClass,
    ingresses::Ingress,
    jobs::Job,
    leases::Lease,
    limitranges::LimitRange,
    mutatingadmissionpolicies::MutatingAdmissionPolicy,
    mutatingadmissionpolicybindings::MutatingAdmissionPolicyBinding,
    mutatingwebhookconfigurations::MutatingWebhookConfiguration,
    namespaces::Namespace,
    networkpolicies::NetworkPolicy,
    nodes::Node,
    persistentvolumeclaims::PersistentVolumeClaim,
    persistentvolumes::PersistentVolume,
    poddisruptionbudgets::PodDisruptionBudget,
    pods::Pod,
    replicasets::ReplicaSet,
    replicationcontrollers::ReplicationController,
    resourcequotas::ResourceQuota,
    rolebindings::RoleBinding,
    roles::Role,
    secrets::Secret,
    serviceaccounts::ServiceAccount,
    services::Service,
    statefulsets::StatefulSet,
    storageclasses::StorageClass,
    validatingadmissionpolicies::ValidatingAdmissionPolicy,
    validatingadmissionpolicybindings::ValidatingAdmissionPolicyBinding,
    validatingwebhookconfigurations::ValidatingWebhookConfiguration,
    volumeattachments::VolumeAttachment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_exposition() {
        assert!(KINDS.is_sorted_by(|a, b| a.names.plural < b.names.plural));
    }

    #[test]
    fn files_are_called_as_their_kinds() {
        struct Plural;
        impl Visitor for Plural {
            type Output = &'static str;

            fn visit<K: Resource>(&mut self) -> &'static str {
                K::NAMES.plural
            }
        }
        for kind in KINDS {
            assert_eq!(visit(kind.names.plural, &mut Plural), Some(kind.names.plural));
        }
        assert_eq!(visit("unknown", &mut Plural), None);
    }
}
