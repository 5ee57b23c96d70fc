//! How many objects of which kind there are in an odd cluster.

use super::{
    access, admission, batch, dice::Dice, endpoints, limits, network, nodes, plain, pods, scaling, storage,
    workloads,
};
use serde_json::Value;

/// One kind of an odd cluster.
#[derive(Debug)]
pub(super) struct Breed {
    /// The plural name.
    pub(super) plural: &'static str,
    /// The number of objects.
    pub(super) count: usize,
    /// Draws one object with its status. Its name follows from the number.
    pub(super) draw: fn(usize, &mut Dice) -> Value,
}

const fn breed(plural: &'static str, count: usize, draw: fn(usize, &mut Dice) -> Value) -> Breed {
    Breed { plural, count, draw }
}

/// All kinds.
pub(super) const BREEDS: &[Breed] = &[
    breed("certificatesigningrequests", 40, plain::certificate_request),
    breed("clusterrolebindings", 40, access::cluster_role_binding),
    breed("clusterroles", 40, access::cluster_role),
    breed("configmaps", 40, plain::config_map),
    breed("cronjobs", 80, batch::cron_job),
    breed("daemonsets", 60, workloads::daemon_set),
    breed("deployments", 60, workloads::deployment),
    breed("endpoints", 50, endpoints::endpoints),
    breed("endpointslices", 60, endpoints::slice),
    breed("horizontalpodautoscalers", 80, scaling::autoscaler),
    breed("ingressclasses", 30, network::ingress_class),
    breed("ingresses", 70, network::ingress),
    breed("jobs", 80, batch::job),
    breed("leases", 40, plain::lease),
    breed("limitranges", 50, limits::limit_range),
    breed("mutatingadmissionpolicies", 30, admission::mutating_policy),
    breed("mutatingadmissionpolicybindings", 30, admission::mutating_binding),
    breed("mutatingwebhookconfigurations", 40, admission::mutating_webhooks),
    breed("namespaces", 40, nodes::namespace),
    breed("networkpolicies", 40, network::network_policy),
    breed("nodes", 80, nodes::node),
    breed("persistentvolumeclaims", 60, storage::claim),
    breed("persistentvolumes", 80, storage::volume),
    breed("poddisruptionbudgets", 40, batch::disruption_budget),
    breed("pods", 300, pods::pod),
    breed("replicasets", 50, workloads::replica_set),
    breed("replicationcontrollers", 40, workloads::replication_controller),
    breed("resourcequotas", 50, limits::quota),
    breed("rolebindings", 40, access::role_binding),
    breed("roles", 40, access::role),
    breed("secrets", 50, plain::secret),
    breed("serviceaccounts", 40, plain::service_account),
    breed("services", 80, network::service),
    breed("statefulsets", 60, workloads::stateful_set),
    breed("storageclasses", 40, storage::class),
    breed("validatingadmissionpolicies", 30, admission::validating_policy),
    breed("validatingadmissionpolicybindings", 30, admission::validating_binding),
    breed("validatingwebhookconfigurations", 40, admission::validating_webhooks),
    breed("volumeattachments", 40, storage::attachment),
];

/// The objects that an odd cluster begins with.
pub(super) fn population(seed: u64) -> Vec<Value> {
    let of_breed = |breed: &'static Breed| {
        (0..breed.count).map(move |index| (breed.draw)(index, &mut Dice::new(seed, breed.plural, index)))
    };
    BREEDS.iter().flat_map(of_breed).collect()
}
