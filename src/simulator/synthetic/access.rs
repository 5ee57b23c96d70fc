//! Who may do what: service accounts, roles, their bindings, and requests for certificates.

use serde_json::{Value, json};

use super::dice::{Dice, time};
use super::plan::{Plan, Workload};
use super::{DAY, blobs, metadata, other_objects, template};

const RBAC: &str = "rbac.authorization.k8s.io";

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];

/// Groups, resources and verbs of a rule.
type Rule = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The cluster roles that are usual.
const CLUSTER_ROLES: &[(&str, &[Rule])] = &[
    ("cluster-admin", &[(&["*"], &["*"], &["*"])]),
    ("admin", &[(&["", "apps", "batch"], &["*"], READ), (&["", "apps", "batch"], &["*"], WRITE)]),
    ("edit", &[(&["", "apps"], &["pods", "services", "deployments"], WRITE)]),
    ("view", &[(&["", "apps", "batch"], &["pods", "services", "deployments", "jobs"], READ)]),
    ("system:node", &[(&[""], &["nodes", "pods", "secrets", "configmaps"], READ)]),
    ("system:node-proxier", &[(&["", "discovery.k8s.io"], &["services", "endpointslices"], READ)]),
    ("system:kube-scheduler", &[(&[""], &["pods", "nodes"], READ), (&[""], &["pods/binding"], &["create"])]),
    ("system:kube-controller-manager", &[(&["*"], &["*"], READ), (&[""], &["events"], &["create"])]),
    ("system:coredns", &[(&["", "discovery.k8s.io"], &["services", "endpointslices", "namespaces"], READ)]),
    ("system:volume-scheduler", &[(&["", "storage.k8s.io"], &["persistentvolumes", "storageclasses"], READ)]),
    ("system:discovery", &[]),
    ("system:basic-user", &[(&["authorization.k8s.io"], &["selfsubjectaccessreviews"], &["create"])]),
    ("ingress-controller", &[(&["networking.k8s.io"], &["ingresses", "ingressclasses"], READ)]),
    ("cert-manager", &[(&[""], &["secrets"], READ), (&[""], &["secrets"], WRITE)]),
    ("prometheus", &[(&[""], &["nodes", "nodes/metrics", "services", "pods"], READ)]),
    ("disk-csi", &[(&["storage.k8s.io"], &["volumeattachments", "csinodes"], READ)]),
    ("policy-engine", &[(&["*"], &["*"], READ)]),
    ("metrics-server", &[(&[""], &["nodes/metrics"], &["get"])]),
];

/// The number of cluster roles that are usual.
pub(super) const USUAL_CLUSTER_ROLES: usize = CLUSTER_ROLES.len();

/// The accounts of the system's own namespace beside the default one.
pub(super) const SYSTEM_ACCOUNTS: [&str; 6] =
    ["coredns", "kube-proxy", "node-controller", "deployment-controller", "job-controller", "disk-csi"];

/// A service account that no workload brings along.
pub(super) fn account(plan: &Plan, number: usize, namespace: &str, name: &str) -> Value {
    let dice = &mut Dice::new(plan.seed, "other accounts", number);
    let created = plan.now - dice.within(100..400) * DAY;
    json!({"metadata": metadata(dice, namespace, name, created)})
}

/// The service account of a workload.
pub(super) fn workload_account(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "service accounts", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, workload.base_name(), created);
    metadata["labels"] = template::selector(workload);
    let mut account = json!({"metadata": metadata});
    if dice.permille(300) {
        account["imagePullSecrets"] = json!([{"name": "registry"}]);
    }
    if dice.permille(500) {
        account["automountServiceAccountToken"] = json!(false);
    }
    account
}

/// What a workload may do in its namespace.
pub(super) fn role(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "roles", workload.index);
    let mut metadata = metadata(dice, &workload.namespace, workload.base_name(), created);
    metadata["labels"] = template::selector(workload);
    let config = format!("{}-config", workload.base_name());
    json!({
        "metadata": metadata,
        "rules": [
            rule(&[""], &["configmaps"], READ, &[config.as_str()]),
            rule(&["coordination.k8s.io"], &["leases"], &["create", "get", "update"], &[]),
        ],
    })
}

/// The binding of a workload's role to its account.
pub(super) fn role_binding(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "role bindings", workload.index);
    let name = workload.base_name();
    let mut metadata = metadata(dice, &workload.namespace, name, created);
    metadata["labels"] = template::selector(workload);
    json!({
        "metadata": metadata,
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": workload.namespace}],
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
    })
}

/// A role for the whole cluster.
pub(super) fn cluster_role(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "cluster roles", number);
    let (usual, rules) = CLUSTER_ROLES[number % CLUSTER_ROLES.len()];
    let created = plan.now - dice.within(100..400) * DAY;
    let mut metadata = metadata(dice, "", &cluster_role_name(number), created);
    if usual.starts_with("system:") {
        metadata["labels"] = json!({"kubernetes.io/bootstrapping": "rbac-defaults"});
        metadata["annotations"] = json!({"rbac.authorization.kubernetes.io/autoupdate": "true"});
    }
    let rules: Vec<_> =
        rules.iter().map(|(groups, resources, verbs)| rule(groups, resources, verbs, &[])).collect();
    let mut role = json!({"metadata": metadata, "rules": rules});
    if usual == "admin" {
        let label = json!({"rbac.authorization.k8s.io/aggregate-to-admin": "true"});
        role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": label}]});
    }
    role
}

/// The binding of a role for the whole cluster.
pub(super) fn cluster_role_binding(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "cluster role bindings", number);
    let name = cluster_role_name(number);
    let created = plan.now - dice.within(100..400) * DAY;
    let metadata = metadata(dice, "", &name, created);
    let subject = match number % 3 {
        0 => json!({"kind": "Group", "apiGroup": RBAC, "name": "system:masters"}),
        1 => json!({"kind": "User", "apiGroup": RBAC, "name": name}),
        _ => json!({"kind": "ServiceAccount", "namespace": "kube-system", "name": "coredns"}),
    };
    json!({
        "metadata": metadata,
        "subjects": [subject],
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
    })
}

/// A kubelet's request for a certificate to serve with.
pub(super) fn signing_request(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "signing requests", number);
    let created = plan.now - dice.within(0..3600);
    let node = other_objects::node_name(number % plan.nodes.max(1));
    let name = format!("csr-{}{number}", dice.suffix(5, number));
    let mut metadata = metadata(dice, "", &name, created);
    metadata["generateName"] = json!("csr-");
    let mut request = json!({
        "metadata": metadata,
        "spec": {
            "request": blobs::bytes(number, 700),
            "signerName": "kubernetes.io/kubelet-serving",
            "expirationSeconds": 31_536_000,
            "usages": ["digital signature", "server auth"],
            "username": format!("system:node:{node}"),
            "groups": ["system:nodes", "system:authenticated"],
            "extra": {"authentication.kubernetes.io/credential-id": [format!("X509SHA256={}", dice.digest())]},
        },
        "status": {},
    });
    let decision = match dice.below(20) {
        0..2 => return request,
        2 => "Denied",
        _ => "Approved",
    };
    request["status"]["conditions"] = json!([{
        "type": decision,
        "status": "True",
        "reason": if decision == "Denied" { "UnknownNode" } else { "AutoApproved" },
        "message": "Decided by the approver of the nodes' certificates.",
        "lastUpdateTime": time(created + 5),
        "lastTransitionTime": time(created + 5),
    }]);
    if decision == "Approved" {
        request["status"]["certificate"] = json!(blobs::bytes(number + 1, 1_600));
    }
    request
}

fn cluster_role_name(number: usize) -> String {
    let (name, _) = CLUSTER_ROLES[number % CLUSTER_ROLES.len()];
    blobs::name(&[name], number / CLUSTER_ROLES.len())
}

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str], names: &[&str]) -> Value {
    let mut rule = json!({"verbs": verbs, "apiGroups": groups, "resources": resources});
    if !names.is_empty() {
        rule["resourceNames"] = json!(names);
    }
    rule
}
