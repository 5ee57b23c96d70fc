//! Manifests in a real cluster: applied, their pods admitted, and the exporter run as their workloads say.

use super::{
    container::{Container, Environment, Listener},
    manifests::{Manifests, list, text},
};
use crate::harness::{Account, Cluster, Exporter, component, eventually, get};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use kube::{Api, Client, api::PostParams};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf, process::Command, time::Duration};

/// The node that pods say they run on.
pub(super) const NODE: &str = "node-1";
/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A cluster that admits pods as those of production do.
pub(super) struct Place {
    pub(super) cluster: Cluster,
    client: Client,
}

/// What became of the processes of a set of manifests.
pub(super) struct Outcome {
    /// What each of them exported.
    pub(super) expositions: Vec<String>,
    /// Kinds that at least one of them could not read.
    pub(super) unreadable: BTreeSet<String>,
}

impl Place {
    /// Starts a cluster with a namespace for the level `restricted`, and proves that it means it.
    pub(super) async fn start(namespace: &str) -> Self {
        let cluster = Cluster::start(&["--enable-admission-plugins=PodSecurity,ServiceAccount"]).await;
        let client = cluster.client().await;
        let this = Self { cluster, client };
        this.namespace(namespace);
        this.cluster.kubectl(&[
            "label",
            "namespace",
            namespace,
            "pod-security.kubernetes.io/enforce=restricted",
        ]);
        this.apply_file(&component("custom-resource-definitions"));
        this.cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
        let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": NODE } });
        this.create(&node).unwrap();
        this.cluster.kubectl(&["create", "serviceaccount", "any", "--namespace", namespace]);
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "any", "namespace": namespace },
            "spec": { "serviceAccountName": "any", "containers": [{ "name": "any", "image": "any" }] },
        });
        let refused = this.create(&pod).unwrap_err();
        assert!(refused.contains("violates PodSecurity \"restricted"), "{refused}");
        this
    }

    /// Makes a namespace unless it is there.
    pub(super) fn namespace(&self, name: &str) {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        let file = self.cluster.folder().join("namespace.json");
        fs::write(&file, namespace.to_string()).unwrap();
        self.apply_file(&file);
    }

    /// Creates an object; the server's words where it refuses.
    pub(super) fn create(&self, object: &Value) -> Result<(), String> {
        let file = self.cluster.folder().join("object.json");
        fs::write(&file, object.to_string()).unwrap();
        let output = Command::new(component("kubectl"))
            .arg("--kubeconfig")
            .arg(self.cluster.kubeconfig())
            .args(["create", "--validate=strict", "-f"])
            .arg(file)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        if output.status.success() { Ok(()) } else { Err(errors) }
    }

    /// Applies everything; fields that the server does not know are refused.
    pub(super) fn apply(&self, manifests: &Manifests) {
        self.apply_file(&self.file(manifests));
    }

    /// Deletes everything, and the pods that were made for it.
    pub(super) fn delete(&self, manifests: &Manifests) {
        self.cluster.kubectl(&["delete", "-f", self.file(manifests).to_str().unwrap()]);
        for workload in manifests.workloads() {
            let namespace = text(&workload["metadata"]["namespace"]);
            self.cluster.kubectl(&["delete", "pods", "--all", "--namespace", namespace]);
        }
    }

    /// Applies everything, has a pod of each workload admitted, and runs the exporter as it says.
    pub(super) async fn run(&self, manifests: &Manifests) -> Outcome {
        self.apply(manifests);
        let mut outcome = Outcome { expositions: Vec::new(), unreadable: BTreeSet::new() };
        for workload in manifests.workloads() {
            let replicas = match text(&workload["kind"]) {
                "StatefulSet" => workload["spec"]["replicas"].as_u64().unwrap(),
                _ => 1,
            };
            for replica in 0..replicas {
                let pod = self.pod(workload, replica);
                self.create(&pod).unwrap_or_else(|refused| panic!("{}: {refused}", manifests.name));
            }
            self.wait_for_permissions(manifests, workload).await;
            for replica in 0..replicas {
                self.run_replica(manifests, workload, replica, &mut outcome).await;
            }
        }
        outcome
    }

    /// A pod as a workload's controller makes it.
    pub(super) fn pod(&self, workload: &Value, replica: u64) -> Value {
        let (kind, metadata) = (text(&workload["kind"]), &workload["metadata"]);
        let (name, namespace) = (text(&metadata["name"]), text(&metadata["namespace"]));
        let there = ["get", kind, name, "--namespace", namespace, "--output=jsonpath={.metadata.uid}"];
        let uid = String::from_utf8(self.cluster.kubectl(&there)).unwrap();
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": format!("{name}-{replica}"),
                "namespace": namespace,
                "labels": workload["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true,
                }],
            },
            "spec": workload["spec"]["template"]["spec"],
        })
    }

    async fn run_replica(
        &self,
        manifests: &Manifests,
        workload: &Value,
        replica: u64,
        outcome: &mut Outcome,
    ) {
        let container = manifests.container(workload);
        let metadata = &workload["metadata"];
        let (name, namespace) = (text(&metadata["name"]), text(&metadata["namespace"]));
        let pod = format!("{name}-{replica}");
        let environment: &Environment<'_> =
            &[("POD_NAME", &pod), ("POD_NAMESPACE", namespace), ("NODE_NAME", NODE)];
        let folder = tempfile::tempdir().unwrap();
        let arguments = container.arguments(folder.path(), environment);
        let config = Container::config(&arguments);
        let account = text(&workload["spec"]["template"]["spec"]["serviceAccountName"]);
        let kubeconfig = self.kubeconfig(namespace, account);

        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut exporter = Exporter::start_as_in_a_pod(&kubeconfig, &arguments);
        exporter.wait_until_ready(LIMIT).await;
        for probe in &container.probes {
            let url = match container.listener(probe, &config) {
                Listener::Main => exporter.url(&probe.path),
                Listener::Telemetry => exporter.telemetry_url(&probe.path),
            };
            let answer = get(&url, &[]).await.unwrap();
            assert_eq!(answer.status, 200, "{}: {}: {}", container.name, probe.kind, answer.text());
        }
        if config.auth_filter {
            assert_eq!(get(&exporter.url("/metrics"), &[]).await.unwrap().status, 401, "{}", container.name);
        } else {
            let exposition = exporter.scrape().await;
            assert!(exposition.contains("# HELP "), "{}: {exposition}", container.name);
            outcome.expositions.push(exposition);
        }
        let page = get(&exporter.telemetry_url("/metrics"), &[]).await.unwrap().text();
        outcome.unreadable.extend(page.lines().filter_map(|line| {
            let kind = line.strip_prefix("kstate_resource_complete{resource=\"")?.strip_suffix("\"} 0")?;
            Some(kind.to_owned())
        }));
        if container.workload == "StatefulSet" {
            let shards = exporter.self_metric("kube_state_metrics_total_shards").await;
            assert_eq!(shards, workload["spec"]["replicas"].as_f64(), "{}", container.name);
        }
        exporter.stop();
    }

    /// Waits until the server, which follows its own rules with a delay, has taken those of manifests.
    async fn wait_for_permissions(&self, manifests: &Manifests, workload: &Value) {
        let namespace = text(&workload["metadata"]["namespace"]);
        let account = text(&workload["spec"]["template"]["spec"]["serviceAccountName"]);
        let bindings = manifests.of_kind("ClusterRoleBinding").chain(manifests.of_kind("RoleBinding"));
        let bound: Vec<&str> = bindings.map(|binding| text(&binding["roleRef"]["name"])).collect();
        let roles = manifests.of_kind("ClusterRole").chain(manifests.of_kind("Role"));
        // Others are for whoever reads.
        for role in roles.filter(|role| bound.contains(&text(&role["metadata"]["name"]))) {
            let Some(rule) = list(&role["rules"]).first() else { continue };
            let spec = json!({
                "user": format!("system:serviceaccount:{namespace}:{account}"),
                "resourceAttributes": {
                    "verb": rule["verbs"][0],
                    "group": rule["apiGroups"][0],
                    "resource": rule["resources"][0],
                    "namespace": role["metadata"]["namespace"],
                },
            });
            eventually(&format!("{}: {spec}", manifests.name), LIMIT, async || {
                let review: SubjectAccessReview =
                    serde_json::from_value(json!({ "metadata": {}, "spec": spec })).unwrap();
                let reviews: Api<SubjectAccessReview> = Api::all(self.client.clone());
                let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
                if answer.status.unwrap().allowed { Ok(()) } else { Err("not allowed".to_owned()) }
            })
            .await;
        }
    }

    /// A kubeconfig with a token of a service account.
    fn kubeconfig(&self, namespace: &str, account: &str) -> PathBuf {
        let token = self.cluster.kubectl(&["create", "token", account, "--namespace", namespace]);
        // It lives as long as the test.
        let token: &str = String::from_utf8(token).unwrap().trim().to_owned().leak();
        let user: &str = account.to_owned().leak();
        self.cluster.kubeconfig_through(self.cluster.port(), Account { user, token, group: "" })
    }

    fn file(&self, manifests: &Manifests) -> PathBuf {
        let file = self.cluster.folder().join("manifests.yaml");
        fs::write(&file, &manifests.text).unwrap();
        file
    }

    fn apply_file(&self, file: &std::path::Path) {
        self.cluster.kubectl(&["apply", "--server-side", "--validate=strict", "-f", file.to_str().unwrap()]);
    }
}
