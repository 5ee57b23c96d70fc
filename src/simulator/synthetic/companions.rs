//! What stands around the pods of a workload.

use super::networks::{self, Backend};
use super::objects::Objects;
use super::plan::{Owner, Plan, Workload};
use super::settings::{self, Content};
use super::workload_objects::Tally;
use super::{access, scaling};

/// Adds what is natural, or what the given numbers ask for.
pub(super) fn put(
    plan: &Plan,
    workload: &Workload,
    tally: Tally,
    backends: &[Backend],
    created: i64,
    objects: &mut Objects,
) {
    let index = workload.index;
    let is_served = index < plan.services;
    let is_public = is_served && index.is_multiple_of(5);
    let is_deployed = workload.owner == Owner::Deployment;
    let is_owned = workload.owner != Owner::Nobody;
    if is_served {
        objects.write("endpoints", networks::endpoints(plan, workload, created, backends));
        objects.write("endpointslices", networks::endpoint_slice(plan, workload, created, backends));
    }
    if plan.has(workload, 0, is_public) {
        objects.write("ingresses", networks::ingress(plan, workload, created));
    }
    if plan.has(workload, 0, is_served && index.is_multiple_of(3)) {
        objects.write("networkpolicies", networks::network_policy(plan, workload, created));
    }
    if plan.has(workload, 0, is_deployed && index.is_multiple_of(4)) {
        objects.write("horizontalpodautoscalers", scaling::autoscaler(plan, workload, created));
    }
    let is_replicated = is_deployed || workload.owner == Owner::StatefulSet;
    if plan.has(workload, 0, is_replicated && workload.pods > 1 && !index.is_multiple_of(3)) {
        objects.write("poddisruptionbudgets", scaling::budget(plan, workload, tally, created));
    }
    if plan.has(workload, plan.common_accounts(), is_owned) {
        objects.write("serviceaccounts", access::workload_account(plan, workload, created));
    }
    if plan.has(workload, plan.common_maps(), is_owned) {
        objects.write("configmaps", settings::config_map(plan, workload, created));
    }
    if plan.has(workload, 0, is_deployed && index.is_multiple_of(4)) {
        objects.write("roles", access::role(plan, workload, created));
        objects.write("rolebindings", access::role_binding(plan, workload, created));
    }
    for content in Content::ALL {
        let naturally = match content {
            Content::Password => is_owned,
            Content::Release => is_replicated,
            Content::Certificate => is_public,
            Content::Token => index.is_multiple_of(40),
        };
        // When their number is given, workloads have one secret each, of all kinds by turns.
        let is_next = content == Content::ALL[index % Content::ALL.len()];
        if plan.has(workload, 0, naturally) && (is_next || !plan.is_exact()) {
            objects.write("secrets", settings::secret(plan, workload, content, created));
        }
    }
}
