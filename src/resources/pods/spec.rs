//! What a pod's author asked for, and where the pod went.

use super::{Family, object::PodResourceClaim};

pub(super) const INFO: Family<7> =
    Family::gauge("kube_pod_info", "Addresses, node, owner and priority class of the pod.")
        .stable()
        .labels([
            "host_ip",
            "pod_ip",
            "node",
            "created_by_kind",
            "created_by_name",
            "priority_class",
            "host_network",
        ])
        .samples(|pod, out| {
            let (spec, status) = (&pod.spec, &pod.status);
            let (kind, name) =
                pod.metadata.controller().map_or(("", ""), |owner| (&*owner.kind, &*owner.name));
            let host_network = if spec.host_network { "true" } else { "false" };
            out.one([
                &status.host_ip,
                &status.pod_ip.text(),
                &spec.node_name,
                kind,
                name,
                &spec.priority_class_name,
                host_network,
            ]);
        });

pub(super) const IPS: Family<2> = Family::gauge("kube_pod_ips", "Addresses of the pod.")
    .appears("for each address")
    .labels(["ip", "ip_family"])
    .samples(|pod, out| {
        for pod_ip in &pod.status.pod_ips {
            if let Some(family) = pod_ip.ip.family() {
                out.one([&pod_ip.ip.text(), family]);
            }
        }
    });

pub(super) const RESOURCE_CLAIM_INFO: Family<3> = Family::gauge(
    "kube_pod_resourceclaim_info",
    "Claims of devices, and the templates of those made for the pod.",
)
.appears("for each claim of devices")
.labels(["claim_name", "resourceclaim_name", "resourceclaim_template_name"])
.samples(|pod, out| {
    for PodResourceClaim { name, resource_claim_name, resource_claim_template_name } in
        &*pod.spec.resource_claims
    {
        if let Some(claim) = resource_claim_name {
            out.one([name, claim, ""]);
        } else if let Some(template) = resource_claim_template_name {
            let made = pod.status.resource_claim_statuses.iter().find(|status| status.name == *name);
            out.one([name, made.map_or("", |status| &status.resource_claim_name), template]);
        }
    }
});

pub(super) const RESTART_POLICY: Family<1> =
    Family::gauge("kube_pod_restart_policy", "When the pod's containers are started again.")
        .stable()
        .labels(["type"])
        .samples(|pod, out| out.one([&pod.spec.restart_policy]));

pub(super) const RUNTIME_CLASS: Family<1> =
    Family::gauge("kube_pod_runtimeclass_name_info", "The runtime class that was chosen for the pod.")
        .appears("where a runtime class was chosen")
        .labels(["runtimeclass_name"])
        .samples(|pod, out| {
            if let Some(class) = &pod.spec.runtime_class_name {
                out.one([class]);
            }
        });

pub(super) const TOLERATIONS: Family<5> =
    Family::gauge("kube_pod_tolerations", "Taints of nodes that the pod puts up with.")
        .appears("for each distinct toleration")
        .labels(["key", "operator", "value", "effect", "toleration_seconds"])
        .samples(|pod, out| {
            let mut buffer = itoa::Buffer::new();
            for (at, toleration) in pod.spec.tolerations.iter().enumerate() {
                if pod.spec.tolerations[..at].contains(toleration) {
                    continue;
                }
                let seconds = toleration.toleration_seconds.map_or("", |seconds| buffer.format(seconds));
                let toleration =
                    [&toleration.key, &toleration.operator, &toleration.value, &toleration.effect];
                let [key, operator, value, effect] = toleration;
                out.one([key, operator, value, effect, seconds]);
            }
        });

pub(super) const NODE_SELECTORS: Family =
    Family::gauge("kube_pod_nodeselectors", "Labels that the pod's node must have.")
        .opt_in()
        .label_prefix("nodeselector_")
        .samples(|pod, out| out.pairs(pod.spec.node_selector.iter()));

pub(super) const SERVICE_ACCOUNT: Family<1> =
    Family::gauge("kube_pod_service_account", "The service account that the pod acts as.")
        .labels(["service_account"])
        .samples(|pod, out| out.one([&pod.spec.service_account_name]));

pub(super) const SCHEDULER: Family<1> =
    Family::gauge("kube_pod_scheduler", "The scheduler that looks after the pod.")
        .labels(["name"])
        .samples(|pod, out| out.one([&pod.spec.scheduler_name]));
