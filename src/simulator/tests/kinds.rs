//! All kinds: their numbers, their encodings, and that they belong together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::codec;
use super::super::kinds::{KINDS, Kind};
use super::*;

fn path(kind: &Kind) -> String {
    let root = if kind.group.name.is_empty() { "api" } else { "apis" };
    format!("/{root}/{}/{}", kind.group, kind.plural)
}

async fn server(per_kind: Option<usize>) -> Server {
    let options =
        Options { nodes: 6, pods_per_node: 25, updates_per_second: 0.0, per_kind, ..Options::default() };
    Server::with(options).await
}

async fn items(server: &Server, plural: &str) -> Vec<Value> {
    let path = path(Kind::plural(plural).unwrap());
    server.json(&path).await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_kind_has_as_many_objects_as_asked_for() {
    for exact in [3, 40] {
        let server = server(Some(exact)).await;
        for kind in &KINDS {
            let expected = match kind.plural {
                "pods" => 150,
                "nodes" => 6,
                // Three with workloads, and those of the system.
                "namespaces" => 7,
                _ => exact,
            };
            assert_eq!(server.simulator.count(kind.plural), expected, "{}", kind.plural);
        }
    }
}

#[tokio::test]
async fn every_kind_is_there_naturally_and_nothing_in_an_empty_cluster() {
    let (full, empty) = tokio::join!(server(None), Server::empty());
    let mut versions = BTreeSet::new();
    for kind in &KINDS {
        assert_eq!(empty.simulator.count(kind.plural), 0, "{}", kind.plural);
        let items = items(&full, kind.plural).await;
        assert!(!items.is_empty(), "{}", kind.plural);
        for item in &items {
            let version = item["metadata"]["resourceVersion"].to_string();
            assert!(versions.insert(version), "{} {}", kind.plural, item["metadata"]["name"]);
            assert_eq!(item["metadata"]["uid"].as_str().unwrap().len(), 36, "{}", kind.plural);
        }
    }
}

#[tokio::test]
async fn both_encodings_hold_the_same_objects() {
    let server = server(None).await;
    for kind in &KINDS {
        let bytes = server.bytes(&path(kind), PROTOBUF).await;
        let (api_version, list_kind, mut list) = open(&bytes);
        assert_eq!((api_version, list_kind), (kind.group.to_string(), format!("{}List", kind.name)));
        let list_message =
            codec::decode(super::super::schema::Message::named("ListMeta"), find(1, list).unwrap());
        assert!(list_message.unwrap().contains_key("resourceVersion"));
        for item in items(&server, kind.plural).await {
            let Value::Object(item) = item else { unreachable!() };
            let mut encoded = Vec::new();
            codec::encode(kind.message(), &item, &mut encoded).unwrap();
            let place = list.windows(encoded.len()).position(|window| window == encoded);
            let place =
                place.unwrap_or_else(|| panic!("{} {} is not in the list", kind.plural, item["metadata"]));
            list = &list[place + encoded.len()..];
        }
    }
}

/// Reads an object as the type that another library made from the API's `OpenAPI` document, and writes it again.
fn rewritten<K: serde::de::DeserializeOwned + serde::Serialize>(item: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<K>(item.clone()).unwrap()).unwrap()
}

type Rewrite = fn(&Value) -> Value;

/// Takes out what two ways of writing the same object may differ in.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), normalized(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!({}) && *value != json!([]))
            .collect(),
        Value::Array(elements) => elements.iter().map(normalized).collect(),
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(time) => json!(time.to_string()),
            Err(_) => value.clone(),
        },
        other => other.clone(),
    }
}

#[tokio::test]
async fn fields_are_those_of_the_api() {
    use k8s_openapi::api::{
        admissionregistration::v1 as admission, apps::v1 as apps, autoscaling::v2 as autoscaling,
        batch::v1 as batch, certificates::v1 as certificates, coordination::v1 as coordination,
        core::v1 as core, discovery::v1 as discovery, networking::v1 as networking, policy::v1 as policy,
        rbac::v1 as rbac, storage::v1 as storage,
    };
    let rewrite: [(&str, Rewrite); 39] = [
        ("configmaps", rewritten::<core::ConfigMap>),
        ("endpoints", rewritten::<core::Endpoints>),
        ("limitranges", rewritten::<core::LimitRange>),
        ("namespaces", rewritten::<core::Namespace>),
        ("nodes", rewritten::<core::Node>),
        ("persistentvolumeclaims", rewritten::<core::PersistentVolumeClaim>),
        ("persistentvolumes", rewritten::<core::PersistentVolume>),
        ("pods", rewritten::<core::Pod>),
        ("replicationcontrollers", rewritten::<core::ReplicationController>),
        ("resourcequotas", rewritten::<core::ResourceQuota>),
        ("secrets", rewritten::<core::Secret>),
        ("serviceaccounts", rewritten::<core::ServiceAccount>),
        ("services", rewritten::<core::Service>),
        ("mutatingadmissionpolicies", rewritten::<admission::MutatingAdmissionPolicy>),
        ("mutatingadmissionpolicybindings", rewritten::<admission::MutatingAdmissionPolicyBinding>),
        ("mutatingwebhookconfigurations", rewritten::<admission::MutatingWebhookConfiguration>),
        ("validatingadmissionpolicies", rewritten::<admission::ValidatingAdmissionPolicy>),
        ("validatingadmissionpolicybindings", rewritten::<admission::ValidatingAdmissionPolicyBinding>),
        ("validatingwebhookconfigurations", rewritten::<admission::ValidatingWebhookConfiguration>),
        ("daemonsets", rewritten::<apps::DaemonSet>),
        ("deployments", rewritten::<apps::Deployment>),
        ("replicasets", rewritten::<apps::ReplicaSet>),
        ("statefulsets", rewritten::<apps::StatefulSet>),
        ("horizontalpodautoscalers", rewritten::<autoscaling::HorizontalPodAutoscaler>),
        ("cronjobs", rewritten::<batch::CronJob>),
        ("jobs", rewritten::<batch::Job>),
        ("certificatesigningrequests", rewritten::<certificates::CertificateSigningRequest>),
        ("leases", rewritten::<coordination::Lease>),
        ("endpointslices", rewritten::<discovery::EndpointSlice>),
        ("ingressclasses", rewritten::<networking::IngressClass>),
        ("ingresses", rewritten::<networking::Ingress>),
        ("networkpolicies", rewritten::<networking::NetworkPolicy>),
        ("poddisruptionbudgets", rewritten::<policy::PodDisruptionBudget>),
        ("clusterrolebindings", rewritten::<rbac::ClusterRoleBinding>),
        ("clusterroles", rewritten::<rbac::ClusterRole>),
        ("rolebindings", rewritten::<rbac::RoleBinding>),
        ("roles", rewritten::<rbac::Role>),
        ("storageclasses", rewritten::<storage::StorageClass>),
        ("volumeattachments", rewritten::<storage::VolumeAttachment>),
    ];
    let server = server(None).await;
    for (plural, rewrite) in rewrite {
        let kind = Kind::plural(plural).unwrap();
        for item in items(&server, plural).await {
            let mut item = normalized(&item);
            item["apiVersion"] = json!(kind.group.to_string());
            item["kind"] = json!(kind.name);
            // What stands for a type in protobuf alone is written by the library.
            let claims = item.pointer_mut("/spec/volumeClaimTemplates").and_then(Value::as_array_mut);
            for claim in claims.into_iter().flatten() {
                claim["apiVersion"] = json!("v1");
                claim["kind"] = json!("PersistentVolumeClaim");
            }
            let rewritten = normalized(&rewrite(&item));
            assert!(rewritten == item, "{plural}\n{item}\n{rewritten}");
        }
    }
}

#[tokio::test]
async fn objects_belong_together() {
    let server = server(None).await;
    let mut names: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for kind in &KINDS {
        let keys = items(&server, kind.plural).await.into_iter().map(|item| {
            let text = |field: &str| item["metadata"][field].as_str().unwrap_or_default().to_owned();
            format!("{}/{}", text("namespace"), text("name"))
        });
        names.insert(kind.plural, keys.collect());
    }
    let exists = |plural: &str, namespace: &Value, name: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = format!("{}/{}", text(namespace), text(name));
        assert!(names[plural].contains(&key), "{plural} {key}");
    };
    for plural in KINDS.iter().filter(|kind| kind.namespaced).map(|kind| kind.plural) {
        for item in items(&server, plural).await {
            exists("namespaces", &Value::Null, &item["metadata"]["namespace"]);
        }
    }
    for slice in items(&server, "endpointslices").await {
        let namespace = &slice["metadata"]["namespace"];
        exists("services", namespace, &slice["metadata"]["labels"]["kubernetes.io/service-name"]);
        for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
            exists("pods", namespace, &endpoint["targetRef"]["name"]);
        }
    }
    for volume in items(&server, "persistentvolumes").await {
        let claim = &volume["spec"]["claimRef"];
        exists("persistentvolumeclaims", &claim["namespace"], &claim["name"]);
        exists("storageclasses", &Value::Null, &volume["spec"]["storageClassName"]);
    }
    for attachment in items(&server, "volumeattachments").await {
        let spec = &attachment["spec"];
        exists("persistentvolumes", &Value::Null, &spec["source"]["persistentVolumeName"]);
        exists("nodes", &Value::Null, &spec["nodeName"]);
    }
    for pod in items(&server, "pods").await {
        if pod["metadata"]["ownerReferences"].is_array() {
            let namespace = &pod["metadata"]["namespace"];
            exists("serviceaccounts", namespace, &pod["spec"]["serviceAccountName"]);
            exists("configmaps", namespace, &json!("kube-root-ca.crt"));
        }
    }
    for scaler in items(&server, "horizontalpodautoscalers").await {
        exists("deployments", &scaler["metadata"]["namespace"], &scaler["spec"]["scaleTargetRef"]["name"]);
    }
    for ingress in items(&server, "ingresses").await {
        let namespace = &ingress["metadata"]["namespace"];
        exists("ingressclasses", &Value::Null, &ingress["spec"]["ingressClassName"]);
        let backend = &ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"];
        exists("services", namespace, &backend["service"]["name"]);
        if ingress["spec"]["tls"].is_array() {
            exists("secrets", namespace, &ingress["spec"]["tls"][0]["secretName"]);
        }
    }
    let owned = items(&server, "jobs").await.into_iter().filter(|job| {
        let owner = &job["metadata"]["ownerReferences"][0];
        let is_owned = !owner.is_null();
        if is_owned {
            exists("cronjobs", &job["metadata"]["namespace"], &owner["name"]);
        }
        is_owned
    });
    assert_eq!(owned.count(), names["cronjobs"].len());
    for number in 1..=6 {
        exists("leases", &json!("kube-node-lease"), &json!(format!("node-{number:04}")));
    }
}
