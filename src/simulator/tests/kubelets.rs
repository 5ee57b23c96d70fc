//! What kubelets say, by way of the API server.

use super::*;
use crate::simulator::KubeletFault;

const PATH: &str = "/api/v1/nodes/node-1/proxy/metrics/resource";

fn put_running(server: &Server, name: &str, containers: &[&str], request: &str) {
    let state = json!({"running": {"startedAt": "2025-01-01T00:00:00Z"}});
    let pod = json!({
        "metadata": {"namespace": "shop", "name": name},
        "spec": {
            "nodeName": "node-1",
            "containers": containers.iter().map(|name| json!({
                "name": name, "resources": {"requests": {"cpu": request, "memory": "64Mi"}},
            })).collect::<Vec<_>>(),
        },
        "status": {
            "containerStatuses": containers.iter().map(|name| json!({"name": name, "state": state})).collect::<Vec<_>>(),
        },
    });
    server.simulator.apply("pods", pod).unwrap();
}

fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(series))?;
    line.trim_start().split(' ').next()?.parse().ok()
}

#[tokio::test]
async fn all_containers_that_run_on_a_node_are_told_of() {
    let server = Server::empty().await;
    assert_eq!(server.get(PATH, "*/*").await.status(), 404);
    server.simulator.apply("nodes", json!({"metadata": {"name": "node-1"}})).unwrap();
    put_running(&server, "a", &["one", "two"], "2");
    put_running(&server, "b", &["one"], "10m");
    // It doesn't run.
    server.put_pod("c", "node-1");
    let text = String::from_utf8(server.bytes(PATH, "*/*").await.to_vec()).unwrap();
    assert_eq!(text.matches("container_cpu_usage_seconds_total{").count(), 3, "{text}");
    let of = |pod: &str, container: &str, name: &str| {
        let labels = format!("{{container=\"{container}\",namespace=\"shop\",pod=\"{pod}\"}}");
        value(&text, &format!("container_{name}{labels}")).unwrap()
    };
    assert_eq!(of("a", "two", "start_time_seconds").to_string(), "1735689600");
    let [large, small] = ["a", "b"].map(|pod| of(pod, "one", "cpu_usage_seconds_total"));
    assert!(large > 20.0 * small, "what it requests counts: {large}, {small}");
    let memory = of("a", "one", "memory_working_set_bytes");
    assert!((20e6..67e6).contains(&memory), "{memory}");
    assert!(value(&text, "node_memory_working_set_bytes").unwrap() > 9e8 + memory);
    assert!(!text.contains("pod=\"c\""));

    // What was used is never taken back, also where pods go.
    let before = value(&text, "node_cpu_usage_seconds_total").unwrap();
    server.simulator.delete("pods", "shop", "a");
    tokio::time::sleep(Duration::from_millis(600)).await;
    let text = String::from_utf8(server.bytes(PATH, "*/*").await.to_vec()).unwrap();
    assert!(!text.contains("pod=\"a\""), "{text}");
    assert!(value(&text, "node_cpu_usage_seconds_total").unwrap() > before);
}

#[tokio::test]
async fn kubelets_go_wrong_on_request() {
    let server = Server::empty().await;
    server.simulator.apply("nodes", json!({"metadata": {"name": "node-1"}})).unwrap();
    let faults = server.simulator.faults();
    faults.kubelet("node-1", KubeletFault::Status(503));
    assert_eq!(server.get(PATH, "*/*").await.status(), 503);
    faults.kubelet("node-1", KubeletFault::Says("what?".to_owned()));
    assert_eq!(server.bytes(PATH, "*/*").await, "what?");
    faults.kubelet("node-1", KubeletFault::Silent);
    let silent = tokio::time::timeout(Duration::from_millis(50), server.get(PATH, "*/*")).await;
    assert!(silent.is_err());
    faults.clear();
    assert_eq!(server.get(PATH, "*/*").await.status(), 200);
}
