//! The metrics follow objects that change, without losing any on the way.

use crate::harness::{
    Cluster, Exporter, ScrapeLoop, api, assert_settles, generated_pods, kinds, load, reference_objects,
};
use kube::{
    Client,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

/// The kinds of the objects that come and go.
const CHANGING: [&str; 10] = [
    "daemonsets",
    "deployments",
    "jobs",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "pods",
    "replicasets",
    "services",
    "statefulsets",
];
const WRITERS: usize = 5;
/// Each object is created and updated, and every second one is deleted.
const OBJECTS_PER_WRITER: usize = 40;
/// Pods that are there throughout and change their state.
const STANDING: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_settle_and_no_scrape_lacks_an_object_that_stays() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let mut objects = reference_objects();
    objects.extend(generated_pods(STANDING));
    load(&client, objects).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    assert_settles(&cluster, &exporter, Duration::from_secs(20)).await;

    let scraping = ScrapeLoop::start(&exporter).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(client.clone(), writer));
    }
    let changes: usize = writers.join_all().await.into_iter().sum();
    assert!(changes >= 500, "only {changes} changes were made");
    assert_settles(&cluster, &exporter, Duration::from_secs(20)).await;
    let seen = scraping.stop().await;
    assert!(seen.scrapes >= 10, "only {} scrapes were made meanwhile", seen.scrapes);

    for kind in kinds() {
        let relists =
            exporter.self_metric(&format!("kstate_resource_relists_total{{resource=\"{kind}\"}}")).await;
        assert_eq!(relists, Some(0.0), "{kind} were read again instead of followed");
    }
    exporter.stop();
}

/// Makes changes of all kinds and returns how many.
pub(crate) async fn write(client: Client, writer: usize) -> usize {
    let mut changes = 0;
    for number in 0..OBJECTS_PER_WRITER {
        let kind = CHANGING[(writer + number) % CHANGING.len()];
        let name = format!("changing-{writer}-{number}");
        let api = api(&client, kind, "default");
        let object: DynamicObject = serde_json::from_value(object(kind, &name)).unwrap();
        api.create(&PostParams::default(), &object).await.unwrap();
        let patch = json!({ "metadata": { "labels": { "changed": "once" }, "generateName": "other-" } });
        api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
        changes += 2;
        if number % 2 == 0 {
            api.delete(&name, &DeleteParams::default()).await.unwrap();
            changes += 1;
        }
        let standing = format!("generated-{:05}", (writer * OBJECTS_PER_WRITER + number) % STANDING);
        let phase = ["Pending", "Running", "Succeeded", "Failed"][number % 4];
        let patch = json!({ "status": { "phase": phase, "reason": format!("Change{writer}{number}") } });
        let pods = self::api(&client, "pods", "default");
        pods.patch_status(&standing, &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
        changes += 1;
    }
    changes
}

/// A small object of a kind.
fn object(kind: &str, name: &str) -> Value {
    let labels = json!({ "app": name });
    let template = |restart: &str| {
        json!({
            "metadata": { "labels": labels },
            "spec": { "restartPolicy": restart, "containers": [{ "name": "main", "image": "example.com/main:1" }] },
        })
    };
    let selector = json!({ "matchLabels": labels });
    let always = || template("Always");
    let (api_version, kind, spec) = match kind {
        "configmaps" => ("v1", "ConfigMap", json!({})),
        "daemonsets" => ("apps/v1", "DaemonSet", json!({ "selector": selector, "template": always() })),
        "deployments" => ("apps/v1", "Deployment", json!({ "selector": selector, "template": always() })),
        "replicasets" => ("apps/v1", "ReplicaSet", json!({ "selector": selector, "template": always() })),
        "statefulsets" => (
            "apps/v1",
            "StatefulSet",
            json!({ "selector": selector, "template": always(), "serviceName": name }),
        ),
        "jobs" => ("batch/v1", "Job", json!({ "template": template("Never") })),
        "namespaces" => ("v1", "Namespace", json!({})),
        "nodes" => ("v1", "Node", json!({ "podCIDR": "10.2.0.0/24" })),
        "persistentvolumeclaims" => {
            let resources = json!({ "requests": { "storage": "1Gi" } });
            (
                "v1",
                "PersistentVolumeClaim",
                json!({ "accessModes": ["ReadWriteOnce"], "resources": resources }),
            )
        }
        "pods" => ("v1", "Pod", always()["spec"].clone()),
        "secrets" => ("v1", "Secret", json!({})),
        "services" => ("v1", "Service", json!({ "ports": [{ "port": 80 }] })),
        other => panic!("no object of the kind {other} is known"),
    };
    json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": name }, "spec": spec })
}
