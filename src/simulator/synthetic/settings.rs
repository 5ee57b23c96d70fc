//! What workloads are told and what bounds them: config maps, secrets, quotas and limits.

use serde_json::{Value, json};

use super::dice::Dice;
use super::networks;
use super::plan::{Plan, Workload};
use super::{DAY, blobs, metadata, template, words};

/// The certificate of the API server's authority, which every namespace has.
pub(super) fn root_certificate(plan: &Plan, number: usize, namespace: &str) -> Value {
    let dice = &mut Dice::new(plan.seed, "root certificates", number);
    let created = plan.now - dice.within(100..400) * DAY;
    let mut metadata = metadata(dice, namespace, "kube-root-ca.crt", created);
    metadata["annotations"] = json!({
        "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when \
            using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage \
            is guaranteed across distributions of Kubernetes clusters.",
    });
    json!({"metadata": metadata, "data": {"ca.crt": blobs::certificate(0)}})
}

/// The configuration of a workload.
pub(super) fn config_map(plan: &Plan, workload: &Workload, created: i64) -> Value {
    let dice = &mut Dice::new(plan.seed, "config maps", workload.index);
    let name = format!("{}-config", workload.base_name());
    let mut metadata = metadata(dice, &workload.namespace, &name, created);
    metadata["labels"] = template::selector(workload);
    metadata["annotations"] = release(workload);
    let lines = 10 + dice.below(50);
    let mut map = json!({"metadata": metadata, "data": {"config.yaml": blobs::configuration(dice, lines)}});
    if dice.permille(100) {
        map["binaryData"] = json!({"words.bin": blobs::bytes(workload.index, 400)});
    }
    if dice.permille(50) {
        map["immutable"] = json!(true);
    }
    map
}

/// The kinds of secrets that workloads have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A password.
    Password,
    /// What Helm remembers of a release.
    Release,
    /// A certificate with its key.
    Certificate,
    /// The token of a service account.
    Token,
}

impl Content {
    /// All kinds.
    pub(super) const ALL: [Self; 4] = [Self::Password, Self::Release, Self::Certificate, Self::Token];
}

/// A secret of a workload.
pub(super) fn secret(plan: &Plan, workload: &Workload, content: Content, created: i64) -> Value {
    let index = workload.index;
    let dice = &mut Dice::new(plan.seed, "secrets", index * Content::ALL.len() + content as usize);
    let base = workload.base_name();
    let (name, kind) = match content {
        Content::Password => (format!("{base}-database"), "Opaque"),
        Content::Release => (format!("sh.helm.release.v1.{base}.v1"), "helm.sh/release.v1"),
        Content::Certificate => (networks::certificate(workload), "kubernetes.io/tls"),
        Content::Token => (format!("{base}-token"), "kubernetes.io/service-account-token"),
    };
    let mut metadata = metadata(dice, &workload.namespace, &name, created);
    let data = match content {
        Content::Password => json!({"username": "YXBw", "password": blobs::bytes(index, 32)}),
        Content::Release => json!({"release": blobs::bytes(index, 4_000 + dice.below(16_000))}),
        Content::Certificate => {
            json!({"tls.crt": blobs::bytes(index, 2_400), "tls.key": blobs::bytes(index, 2_200)})
        }
        Content::Token => json!({
            "ca.crt": blobs::bytes(0, 1_480),
            "namespace": "c2hvcA==",
            "token": blobs::bytes(index, 1_200),
        }),
    };
    match content {
        Content::Password => metadata["labels"] = template::selector(workload),
        Content::Release => {
            metadata["labels"] = json!({
                "modifiedAt": created.to_string(),
                "name": base,
                "owner": "helm",
                "status": "deployed",
                "version": "1",
            });
        }
        Content::Certificate => {
            metadata["annotations"] = json!({
                "cert-manager.io/certificate-name": name,
                "cert-manager.io/common-name": format!("{base}.{}.example.com", workload.namespace),
                "cert-manager.io/issuer-kind": "ClusterIssuer",
                "cert-manager.io/issuer-name": "public",
            });
        }
        Content::Token => {
            metadata["annotations"] = json!({
                "kubernetes.io/service-account.name": base,
                "kubernetes.io/service-account.uid": Dice::new(plan.seed, "service accounts", index).uid(),
            });
        }
    }
    json!({"metadata": metadata, "type": kind, "data": data})
}

/// What the pods of a namespace may use together.
pub(super) fn quota(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "quotas", number);
    let namespace = words::namespace(number % plan.namespaces);
    let name = blobs::name(&["compute"], number / plan.namespaces);
    let created = plan.now - dice.within(30..100) * DAY;
    let metadata = metadata(dice, &namespace, &name, created);
    let pods = plan.pods_in(number % plan.namespaces);
    let hard = json!({
        "limits.cpu": (pods * 4).max(8).to_string(),
        "limits.memory": format!("{}Gi", (pods * 4).max(16)),
        "persistentvolumeclaims": (pods + 10).to_string(),
        "pods": (pods * 3 / 2 + 10).to_string(),
        "requests.cpu": (pods * 2).max(4).to_string(),
        "requests.memory": format!("{}Gi", (pods * 2).max(8)),
    });
    let used = json!({
        "limits.cpu": (pods * 2).to_string(),
        "limits.memory": format!("{}Gi", pods * 2),
        "persistentvolumeclaims": (pods / 6).to_string(),
        "pods": pods.to_string(),
        "requests.cpu": format!("{}m", pods * 400 + dice.below(300)),
        "requests.memory": format!("{}Mi", pods * 700 + dice.below(500)),
    });
    json!({"metadata": metadata, "spec": {"hard": hard}, "status": {"hard": hard, "used": used}})
}

/// What a container of a namespace may use.
pub(super) fn limit_range(plan: &Plan, number: usize) -> Value {
    let dice = &mut Dice::new(plan.seed, "limit ranges", number);
    let namespace = words::namespace(number % plan.namespaces);
    let name = blobs::name(&["defaults"], number / plan.namespaces);
    let created = plan.now - dice.within(30..100) * DAY;
    let metadata = metadata(dice, &namespace, &name, created);
    let mut limits = vec![json!({
        "type": "Container",
        "max": {"cpu": "8", "memory": "32Gi"},
        "min": {"cpu": "10m", "memory": "16Mi"},
        "default": {"cpu": "500m", "memory": dice.pick(&["256Mi", "512Mi"])},
        "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
        "maxLimitRequestRatio": {"cpu": "20"},
    })];
    if dice.permille(300) {
        limits.push(json!({
            "type": "PersistentVolumeClaim",
            "max": {"storage": "1Ti"},
            "min": {"storage": "1Gi"},
        }));
    }
    json!({"metadata": metadata, "spec": {"limits": limits}})
}

fn release(workload: &Workload) -> Value {
    json!({
        "meta.helm.sh/release-name": workload.base_name(),
        "meta.helm.sh/release-namespace": workload.namespace,
    })
}
