//! Who runs a pod, and labels of namespaces and nodes in its samples, while all of them change.

use crate::harness::{Cluster, Exporter, api_of, eventually};
use kube::{
    Client,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams},
};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
    time::Duration,
};

const FLAGS: [&str; 3] = [
    "--resources=pods",
    "--metric-opt-in-list=^kube_pod_workload$",
    "--inject-labels=pods=[app,namespace:team,node:example.com/zone]",
];
const NAMESPACES: [&str; 3] = ["red", "green", "blue"];
const NODES: [&str; 4] = ["n0", "n1", "n2", "n3"];
/// Times that everything has come to rest.
const ROUNDS: usize = 6;
/// Changes between two of them.
const CHANGES: usize = 120;
const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn workloads_and_labels_follow_random_changes() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    define(&client, "Widget", "widgets", "Namespaced").await;
    define(&client, "Fleet", "fleets", "Cluster").await;
    let mut world = World::begin(client, rand::random()).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &FLAGS).await;
    world.is_watched = true;
    for round in 0..ROUNDS {
        let expected = world.expected();
        eventually("workloads and labels", LIMIT, async || {
            let text = exporter.scrape().await;
            let missing: Vec<_> = expected.iter().filter(|line| !text.contains(*line)).take(5).collect();
            let shown = text.lines().filter(|line| line.starts_with("kube_pod_workload{")).count();
            if missing.is_empty() && shown == world.pods.len() {
                Ok(())
            } else {
                Err(format!(
                    "seed {}, round {round}: {shown} of {}, without {missing:#?}",
                    world.seed,
                    world.pods.len()
                ))
            }
        })
        .await;
        assert_sound(&exporter.scrape().await);
        for _ in 0..CHANGES {
            world.change().await;
        }
    }
    let relists = exporter.self_metric("kstate_resource_relists_total{resource=\"pods\"}").await;
    assert_eq!(relists, Some(0.0), "pods were read again instead of followed");
    exporter.stop();
}

/// No series twice, and the same injected labels in all samples of a pod.
fn assert_sound(text: &str) {
    let mut seen = HashSet::new();
    let mut labels: HashMap<String, Vec<String>> = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        assert!(seen.insert(series), "{series} is there twice");
        // No value holds anything that would have to be escaped: names and values take turns.
        let pieces: Vec<&str> = series.split_once('{').unwrap().1.split('"').collect();
        let pairs = pieces.chunks_exact(2).map(|pair| (pair[0].trim_matches([',', '=']), pair[1]));
        let (injected, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name.starts_with("label_"));
        let (_, uid) = others.iter().find(|(name, _)| *name == "uid").unwrap();
        let injected = injected.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let known = labels.entry((*uid).to_owned()).or_insert_with(|| Vec::clone(&injected));
        assert_eq!(*known, injected, "{series}");
    }
}

/// Makes a kind of custom resources known to the server.
async fn define(client: &Client, kind: &str, plural: &str, scope: &str) {
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.example.com") },
        "spec": {
            "group": "example.com",
            "scope": scope,
            "names": { "kind": kind, "plural": plural, "singular": kind.to_lowercase() },
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } },
            }],
        },
    });
    create(client, definition).await;
    // It is served a moment after it was defined.
    let probe = json!({ "apiVersion": "example.com/v1", "kind": kind, "metadata": { "name": "probe" } });
    let namespace = if scope == "Namespaced" { json!("default") } else { Value::Null };
    eventually("the new kind", LIMIT, async || {
        let mut probe = probe.clone();
        probe["metadata"]["namespace"] = namespace.clone();
        let api = api_of(client, &probe);
        let probe: DynamicObject = serde_json::from_value(probe).unwrap();
        api.create(&PostParams::default(), &probe).await.map(drop).map_err(|error| error.to_string())
    })
    .await;
}

async fn create(client: &Client, object: Value) -> String {
    let api = api_of(client, &object);
    let made: DynamicObject = serde_json::from_value(object).unwrap();
    api.create(&PostParams::default(), &made).await.unwrap().metadata.uid.unwrap()
}

/// An object that can own others, as a reference names it, and the namespace of what it may own.
#[derive(Debug, Clone)]
struct Owner {
    reference: Value,
    namespace: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Pod {
    namespace: &'static str,
    uid: String,
    app: Option<String>,
    node: Option<&'static str>,
    controller: Option<Value>,
}

/// What there is in the cluster, and what was.
struct World {
    client: Client,
    seed: u64,
    dice: SmallRng,
    made: usize,
    /// Those that are there.
    owners: Vec<Owner>,
    /// The controllers of all that were there since somebody watches, by UID.
    controllers: HashMap<String, Option<Value>>,
    is_watched: bool,
    pods: BTreeMap<String, Pod>,
    teams: HashMap<&'static str, String>,
    zones: HashMap<&'static str, String>,
}

/// What owns what, as in a real cluster, with the controllers that each may have.
const OWNERS: [(&str, &str, &[&str]); 9] = [
    ("example.com/v1", "Fleet", &[]),
    ("example.com/v1", "Widget", &["Fleet"]),
    ("apps/v1", "Deployment", &["Widget"]),
    ("apps/v1", "ReplicaSet", &["Deployment", "Widget"]),
    ("apps/v1", "StatefulSet", &["Widget"]),
    ("apps/v1", "DaemonSet", &["Fleet"]),
    ("batch/v1", "CronJob", &["Widget"]),
    ("batch/v1", "Job", &["CronJob", "Widget"]),
    ("v1", "ReplicationController", &["Widget"]),
];

impl World {
    async fn begin(client: Client, seed: u64) -> Self {
        for namespace in NAMESPACES {
            create(
                &client,
                json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } }),
            )
            .await;
        }
        for node in NODES {
            create(&client, json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": node } }))
                .await;
        }
        let mut world = Self {
            client,
            seed,
            dice: SmallRng::seed_from_u64(seed),
            made: 0,
            owners: Vec::new(),
            controllers: HashMap::new(),
            is_watched: false,
            pods: BTreeMap::new(),
            teams: HashMap::new(),
            zones: HashMap::new(),
        };
        // Custom kinds are watched once they own something.
        let is_owner =
            |world: &Self| world.pods.iter().any(|(name, pod)| world.runs(name, pod).0.0 == "Widget");
        for change in 0.. {
            if change >= CHANGES && is_owner(&world) {
                break;
            }
            world.change().await;
        }
        world
    }

    /// One change, whatever it is.
    async fn change(&mut self) {
        match self.dice.random_range(0..20) {
            0..6 => self.own().await,
            6..13 => self.run().await,
            13 => self.adopt().await,
            14 | 15 => self.disown().await,
            16 => self.end().await,
            17 | 18 => self.relabel("Namespace").await,
            _ => self.relabel("Node").await,
        }
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.dice.random_range(0..of.len())].clone())
    }

    fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{}-{}", kind.to_lowercase(), self.made)
    }

    /// A controller of one of these kinds that is there, or none.
    fn controller(&mut self, kinds: &[&str], namespace: Option<&str>) -> Option<Value> {
        let fits = |owner: &&Owner| {
            kinds.contains(&owner.reference["kind"].as_str().unwrap())
                && (owner.namespace.is_none() || owner.namespace == namespace)
        };
        let fitting: Vec<Value> =
            self.owners.iter().filter(fits).map(|owner| owner.reference.clone()).collect();
        if self.dice.random_range(0..4) == 0 { None } else { self.one_of(&fitting) }
    }

    /// Makes something that owns others.
    async fn own(&mut self) {
        let (api_version, kind, controllers) = self.one_of(&OWNERS).unwrap();
        let namespace = if kind == "Fleet" { None } else { self.one_of(&NAMESPACES) };
        let (name, controller) = (self.name(kind), self.controller(controllers, namespace));
        let template = json!({
            "metadata": { "labels": { "app": "a" } },
            "spec": {
                "restartPolicy": if kind == "Job" || kind == "CronJob" { "Never" } else { "Always" },
                "containers": [{ "name": "main", "image": "example.com/main:1" }],
            },
        });
        let selector = json!({ "matchLabels": { "app": "a" } });
        let spec = match kind {
            "Deployment" | "ReplicaSet" | "DaemonSet" => {
                json!({ "selector": selector, "template": template })
            }
            "StatefulSet" => json!({ "selector": selector, "template": template, "serviceName": "s" }),
            "ReplicationController" => json!({ "selector": { "app": "a" }, "template": template }),
            "Job" => json!({ "template": template }),
            "CronJob" => {
                json!({ "schedule": "0 0 * * *", "jobTemplate": { "spec": { "template": template } } })
            }
            _ => json!({}),
        };
        let owners: Vec<&Value> = controller.iter().collect();
        let metadata = json!({ "name": name, "namespace": namespace, "ownerReferences": owners });
        let object = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec });
        let uid = create(&self.client, object).await;
        self.controllers.insert(uid.clone(), controller);
        let reference =
            json!({ "apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": true });
        self.owners.push(Owner { reference, namespace });
    }

    /// Makes a pod.
    async fn run(&mut self) {
        let namespace = self.one_of(&NAMESPACES).unwrap();
        let kinds: Vec<&str> = OWNERS.iter().map(|(_, kind, _)| *kind).collect();
        let controller = self.controller(&kinds, Some(namespace));
        let node =
            self.one_of(&[None, Some(NODES[0]), Some(NODES[1]), Some(NODES[2]), Some(NODES[3])]).unwrap();
        let app = (self.dice.random_range(0..3) > 0).then(|| format!("app{}", self.made));
        let name = self.name("pod");
        let owners: Vec<&Value> = controller.iter().collect();
        let labels = app.iter().map(|app| ("app", app)).collect::<BTreeMap<_, _>>();
        let object = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": name, "namespace": namespace, "ownerReferences": owners, "labels": labels },
            "spec": { "nodeName": node, "containers": [{ "name": "main", "image": "example.com/main:1" }] },
        });
        let uid = create(&self.client, object).await;
        self.pods.insert(name, Pod { namespace, uid, app, node, controller });
    }

    /// Gives an owner another controller, or none.
    async fn adopt(&mut self) {
        let owners = self.owners.clone();
        let Some(Owner { reference, namespace }) = self.one_of(&owners) else { return };
        let (_, _, controllers) = OWNERS.iter().find(|(_, kind, _)| reference["kind"] == *kind).unwrap();
        let controller = self.controller(controllers, namespace);
        let patch = json!({ "metadata": { "ownerReferences": controller.iter().collect::<Vec<_>>() } });
        self.patch(&reference, namespace, &patch).await;
        self.controllers.insert(reference["uid"].as_str().unwrap().to_owned(), controller);
    }

    /// Deletes an owner, whose dependents stay, since nobody collects them.
    async fn disown(&mut self) {
        if self.owners.is_empty() {
            return;
        }
        let at = self.dice.random_range(0..self.owners.len());
        let Owner { reference, namespace } = self.owners.swap_remove(at);
        let (api, name) = self.place(&reference, namespace);
        api.delete(&name, &DeleteParams::background()).await.unwrap();
        if !self.is_watched {
            self.controllers.remove(reference["uid"].as_str().unwrap());
        }
    }

    /// Deletes a pod.
    async fn end(&mut self) {
        let names: Vec<String> = self.pods.keys().cloned().collect();
        let Some(name) = self.one_of(&names) else { return };
        let pod = self.pods.remove(&name).unwrap();
        let reference = json!({ "apiVersion": "v1", "kind": "Pod", "name": name });
        let (api, name) = self.place(&reference, Some(pod.namespace));
        api.delete(&name, &DeleteParams::default().grace_period(0)).await.unwrap();
    }

    /// Gives a namespace or a node another label, or takes it away.
    async fn relabel(&mut self, kind: &str) {
        let of_node = kind == "Node";
        let name = if of_node { self.one_of(&NODES) } else { self.one_of(&NAMESPACES) }.unwrap();
        let key = if of_node { "example.com/zone" } else { "team" };
        let value = (self.dice.random_range(0..4) > 0).then(|| format!("v{}", self.dice.random_range(0..9)));
        let patch = json!({ "metadata": { "labels": { key: value } } });
        self.patch(&json!({ "apiVersion": "v1", "kind": kind, "name": name }), None, &patch).await;
        let labels = if of_node { &mut self.zones } else { &mut self.teams };
        match value {
            Some(value) => labels.insert(name, value),
            None => labels.remove(name),
        };
    }

    fn place(&self, reference: &Value, namespace: Option<&str>) -> (kube::Api<DynamicObject>, String) {
        let object = json!({
            "apiVersion": reference["apiVersion"],
            "kind": reference["kind"],
            "metadata": { "namespace": namespace },
        });
        (api_of(&self.client, &object), reference["name"].as_str().unwrap().to_owned())
    }

    async fn patch(&self, reference: &Value, namespace: Option<&str>, patch: &Value) {
        let (api, name) = self.place(reference, namespace);
        api.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }

    /// Lines that are to be there for each pod.
    fn expected(&self) -> Vec<String> {
        let lines = self.pods.iter().flat_map(|(name, pod)| {
            let mut labels = format!("namespace=\"{}\",pod=\"{name}\",uid=\"{}\"", pod.namespace, pod.uid);
            let (team, zone) = (self.teams.get(pod.namespace), pod.node.and_then(|node| self.zones.get(node)));
            for (name, value) in [("app", pod.app.as_ref()), ("team", team), ("example_com_zone", zone)] {
                if let Some(value) = value {
                    let _ = write!(labels, ",label_{name}=\"{value}\"");
                }
            }
            let (workload, top) = self.runs(name, pod);
            let (kind, of, top_kind, top_of) = (&workload.0, &workload.1, &top.0, &top.1);
            [
                format!(
                    "kube_pod_workload{{{labels},workload_kind=\"{kind}\",workload_name=\"{of}\",top_owner_kind=\"{top_kind}\",top_owner_name=\"{top_of}\"}} 1\n"
                ),
                format!("kube_pod_status_phase{{{labels},phase=\"Pending\"}} 1\n"),
            ]
        });
        lines.collect()
    }

    /// The workload of a pod and its last owner, by kind and name.
    fn runs(&self, name: &str, pod: &Pod) -> ((String, String), (String, String)) {
        let mut chain = vec![("Pod".to_owned(), name.to_owned())];
        let mut next = pod.controller.as_ref();
        while let Some(owner) = next {
            let text = |field: &str| owner[field].as_str().unwrap().to_owned();
            chain.push((text("kind"), text("name")));
            next = self.controllers.get(&text("uid")).and_then(Option::as_ref);
        }
        let steps = ["Pod", "ReplicaSet", "Job", "ReplicationController"];
        let workload = chain.iter().find(|(kind, _)| !steps.contains(&kind.as_str()));
        let last = chain.last().unwrap();
        (workload.unwrap_or(last).clone(), last.clone())
    }
}
