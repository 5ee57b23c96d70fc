//! The synthetic cluster: its figures, its consistency, and that it follows from the seed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::*;

async fn cluster(nodes: usize, seed: u64) -> Server {
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    Server::with(Options {
        nodes,
        pods_per_node: 30,
        updates_per_second: 0.0,
        seed,
        now,
        ..Options::default()
    })
    .await
}

async fn items(server: &Server, path: &str) -> Vec<Value> {
    server.json(path).await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn pods_look_like_those_of_production() {
    let server = cluster(40, 1).await;
    let bytes = server.bytes("/api/v1/pods", PROTOBUF).await;
    let pods = items(&server, "/api/v1/pods").await;
    assert_eq!(pods.len(), 1200);
    let size = bytes.len() / pods.len();
    assert!((8_200..8_800).contains(&size), "{size} bytes a pod");

    let mut seen = BTreeSet::new();
    let mut templates: BTreeMap<String, usize> = BTreeMap::new();
    let mut images = BTreeSet::new();
    let (mut several, mut restarted, mut claimed) = (0, 0, 0);
    for pod in &pods {
        let metadata = &pod["metadata"];
        assert!(seen.insert(metadata["uid"].to_string()));
        assert!(seen.insert(format!("{}/{}", metadata["namespace"], metadata["name"])));
        let ip = pod["status"]["podIP"].to_string();
        assert!(ip == "null" || seen.insert(ip));
        let labels = &metadata["labels"];
        let hash = [
            "pod-template-hash",
            "controller-revision-hash",
            "batch.kubernetes.io/controller-uid",
            "deployment",
        ]
        .into_iter()
        .find_map(|label| labels[label].as_str())
        .unwrap();
        *templates.entry(hash.to_owned()).or_default() += 1;
        let containers = pod["spec"]["containers"].as_array().unwrap();
        several += usize::from(containers.len() > 1);
        images.extend(containers.iter().map(|container| container["image"].to_string()));
        let statuses = pod["status"]["containerStatuses"].as_array().cloned().unwrap_or_default();
        restarted += usize::from(statuses.iter().any(|status| status["restartCount"].as_i64() > Some(0)));
        for status in &statuses {
            let id = &status["containerID"];
            assert!(id.is_null() || id.as_str().unwrap().len() == 77 && seen.insert(id.to_string()));
        }
        let volumes = pod["spec"]["volumes"].as_array().unwrap();
        claimed += usize::from(volumes.iter().any(|volume| !volume["persistentVolumeClaim"].is_null()));
    }
    assert!(templates.values().all(|pods| *pods <= 10));
    assert!((250..=400).contains(&images.len()), "{} images", images.len());
    assert!((300..500).contains(&several), "{several} pods with several containers");
    assert!((80..160).contains(&restarted), "{restarted} pods with restarts");
    assert!((100..250).contains(&claimed), "{claimed} pods with claims");
}

#[tokio::test]
async fn equal_seeds_make_equal_clusters() {
    let (one, same, other) = tokio::join!(cluster(5, 1), cluster(5, 1), cluster(5, 2));
    for path in ["/api/v1/pods", "/api/v1/nodes", "/apis/apps/v1/replicasets"] {
        let bytes = one.bytes(path, PROTOBUF).await;
        assert!(bytes == same.bytes(path, PROTOBUF).await, "{path}");
        assert!(bytes != other.bytes(path, PROTOBUF).await, "{path}");
    }
}

#[tokio::test]
async fn owners_exist_and_count_their_pods() {
    let server = cluster(15, 1).await;
    let pods = items(&server, "/api/v1/pods").await;
    let mut ready: BTreeMap<String, i64> = BTreeMap::new();
    let nodes: BTreeSet<_> = items(&server, "/api/v1/nodes")
        .await
        .iter()
        .map(|node| node["metadata"]["name"].to_string())
        .collect();
    for pod in &pods {
        let node = &pod["spec"]["nodeName"];
        assert!(node.is_null() || nodes.contains(&node.to_string()));
        let is_ready = pod["status"]["conditions"]
            .as_array()
            .unwrap()
            .iter()
            .any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
        let owner = pod["metadata"]["ownerReferences"][0]["uid"].to_string();
        *ready.entry(owner).or_default() += i64::from(is_ready);
    }
    let mut owners = 0;
    for (path, field) in [
        ("/apis/apps/v1/replicasets", "readyReplicas"),
        ("/apis/apps/v1/statefulsets", "readyReplicas"),
        ("/apis/apps/v1/daemonsets", "numberReady"),
        ("/apis/batch/v1/jobs", "ready"),
        ("/api/v1/replicationcontrollers", "readyReplicas"),
    ] {
        for object in items(&server, path).await {
            let counted = ready.get(&object["metadata"]["uid"].to_string()).copied().unwrap_or_default();
            assert_eq!(object["status"][field], counted, "{path} {}", object["metadata"]["name"]);
            owners += 1;
        }
    }
    assert!(ready.len() <= owners);
    let deployments = items(&server, "/apis/apps/v1/deployments").await;
    let sets = items(&server, "/apis/apps/v1/replicasets").await;
    let of: BTreeSet<_> =
        sets.iter().map(|set| set["metadata"]["ownerReferences"][0]["uid"].to_string()).collect();
    assert!(deployments.iter().all(|deployment| of.contains(&deployment["metadata"]["uid"].to_string())));
}
