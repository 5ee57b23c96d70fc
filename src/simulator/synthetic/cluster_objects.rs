//! What belongs to no workload.

use serde_json::Value;

use super::dice::Dice;
use super::objects::Objects;
use super::plan::Plan;
use super::{DAY, access, admission, networks, other_objects, scaling, settings, storage, words};

/// Makes one object of a kind.
type Make = fn(&Plan, usize) -> Value;

/// Kinds whose objects stand for themselves: how many a usual cluster has, and what makes them.
const KINDS: [(&str, usize, Make); 12] = [
    ("clusterrolebindings", access::USUAL_CLUSTER_ROLES, access::cluster_role_binding),
    ("clusterroles", access::USUAL_CLUSTER_ROLES, access::cluster_role),
    ("ingressclasses", 2, networks::ingress_class),
    ("mutatingadmissionpolicies", admission::USUAL_MUTATING_POLICIES, admission::mutating_policy),
    ("mutatingadmissionpolicybindings", admission::USUAL_MUTATING_POLICIES, admission::mutating_binding),
    ("mutatingwebhookconfigurations", admission::MUTATING_WEBHOOKS.len(), admission::mutating_webhooks),
    ("storageclasses", 3, storage::storage_class),
    ("validatingadmissionpolicies", admission::USUAL_VALIDATING_POLICIES, admission::validating_policy),
    (
        "validatingadmissionpolicybindings",
        admission::USUAL_VALIDATING_POLICIES,
        admission::validating_binding,
    ),
    ("validatingwebhookconfigurations", admission::VALIDATING_WEBHOOKS.len(), admission::validating_webhooks),
    ("limitranges", 0, settings::limit_range),
    ("resourcequotas", 0, settings::quota),
];

/// The objects; the first one gets the version after this one.
pub(super) fn of_cluster(plan: &Plan, after: u64) -> Objects {
    let mut objects = Objects::after(after);
    for (number, name) in plan.namespace_names().enumerate() {
        objects.put("namespaces", other_objects::namespace(plan, number, &name));
        if number < plan.common_maps() {
            objects.write("configmaps", settings::root_certificate(plan, number, &name));
        }
    }
    for number in 0..plan.nodes {
        objects.put("nodes", other_objects::node(plan.seed, number, plan.now));
    }
    for number in 0..plan.loose_claims {
        let dice = &mut Dice::new(plan.seed, "loose claims", number);
        let namespace = words::namespace(number % plan.namespaces);
        let created = plan.now - dice.within(1..90) * DAY;
        let claim = other_objects::claim(dice, &namespace, &format!("scratch-{number}"), created);
        objects.put_volume(dice, &claim, number, None, created);
        objects.put("persistentvolumeclaims", claim);
    }
    let accounts = plan.namespace_names().map(|namespace| (namespace, "default"));
    let system = access::SYSTEM_ACCOUNTS.map(|name| ("kube-system".to_owned(), name));
    for (number, (namespace, name)) in accounts.chain(system).take(plan.common_accounts()).enumerate() {
        objects.write("serviceaccounts", access::account(plan, number, &namespace, name));
    }
    for number in 0..plan.number(plan.nodes + scaling::leaders()) {
        let lease = match number.checked_sub(plan.nodes) {
            None => scaling::node_lease(plan, number),
            Some(leader) => scaling::leader_lease(plan, leader),
        };
        objects.write("leases", lease);
    }
    for number in 0..plan.number(plan.nodes.div_ceil(4)) {
        objects.write("certificatesigningrequests", access::signing_request(plan, number));
    }
    for (plural, usual, make) in KINDS {
        let natural = match plural {
            "limitranges" => plan.namespaces.div_ceil(2),
            "resourcequotas" => plan.namespaces.div_ceil(3),
            _ => usual,
        };
        for number in 0..plan.number(natural) {
            objects.write(plural, make(plan, number));
        }
    }
    objects
}

/// Volumes and attachments beyond those of claims, when these are fewer than were asked for.
pub(super) fn reserve(plan: &Plan, volumes: usize, attachments: usize, after: u64) -> Objects {
    let mut objects = Objects::after(after);
    for number in 0..plan.missing(volumes) {
        objects.write("persistentvolumes", storage::free_volume(plan, number));
    }
    for number in 0..plan.missing(attachments) {
        let dice = &mut Dice::new(plan.seed, "free attachments", number);
        let node = other_objects::node_name(plan.node_of(number));
        let created = plan.now - dice.within(1..90) * DAY;
        let volume = storage::free_volume_name(number);
        objects.write("volumeattachments", storage::attachment(dice, &volume, &node, created));
    }
    objects
}
