//! What goes wrong on request.

use super::*;

const STREAMING: &str = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

#[tokio::test]
async fn kinds_answer_with_errors_for_a_while_or_until_cleared() {
    let server = Server::empty().await;
    let faults = server.simulator.faults();
    faults.answer("pods", Answer::status(429).retry_after(7).times(1));
    let response = server.get("/api/v1/pods", "application/json").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(server.get("/api/v1/pods", "*/*").await.status(), 200);
    faults.answer("pods", Answer::status(403));
    for _ in 0..3 {
        assert_eq!(server.get("/api/v1/pods", "*/*").await.status(), 403);
        assert_eq!(server.get("/api/v1/nodes", "*/*").await.status(), 200);
    }
    faults.clear();
    assert_eq!(server.get("/api/v1/pods", "*/*").await.status(), 200);
}

#[tokio::test]
async fn connections_are_cut_and_new_ones_accepted() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    let mut events = server.watch(&format!("resourceVersion={version}")).await;
    server.simulator.faults().kill_connections();
    assert_eq!(events.next().await, None);
    let mut events = server.watch(&format!("resourceVersion={version}")).await;
    server.put_pod("b", "node-1");
    assert_eq!(events.next_name().await.1, "b");
}

#[tokio::test]
async fn a_stalled_watch_is_silent_until_cleared() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    let mut events = server.watch(&format!("resourceVersion={version}")).await;
    server.simulator.faults().stall("pods");
    server.put_pod("b", "node-1");
    assert!(events.is_silent().await);
    server.simulator.faults().clear();
    assert_eq!(events.next_name().await.1, "b");
}

#[tokio::test]
async fn lost_history_is_told_as_event_or_as_status() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    let query = format!("resourceVersion={version}");
    let mut events = server.watch(&query).await;
    server.simulator.faults().expire("pods", Compaction::Event);
    for _ in 0..2 {
        let error = events.next().await.unwrap();
        assert_eq!((&error["type"], &error["object"]["code"]), (&json!("ERROR"), &json!(410)));
        assert_eq!(events.next().await, None);
        events = server.watch(&query).await;
    }
    server.simulator.faults().expire("pods", Compaction::Status);
    assert_eq!(server.status(&format!("/api/v1/pods?watch=true&{query}")).await.0, 410);
}

#[tokio::test]
async fn streaming_lists_are_refused_or_ignored() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    let path = format!("/api/v1/pods?watch=true&{STREAMING}");
    server.simulator.faults().streaming_lists(StreamingLists::Refused(422));
    assert_eq!(server.status(&path).await.0, 422);
    server.simulator.faults().streaming_lists(StreamingLists::Ignored);
    let mut events = server.watch(STREAMING).await;
    assert_eq!(events.next_name().await, ("ADDED".into(), "a".into()));
    assert!(events.is_silent().await);
}

#[tokio::test]
async fn a_corrupt_object_arrives_with_its_name() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    assert!(server.simulator.faults().corrupt("pods", "shop", "a"));
    assert!(!server.simulator.faults().corrupt("pods", "shop", "none"));
    let pod = server.json("/api/v1/namespaces/shop/pods/a").await;
    assert_eq!((&pod["metadata"]["name"], &pod["spec"]), (&json!("a"), &json!("corrupt")));
    assert_eq!(server.simulator.faults().requests().len(), 1);
    assert!(server.simulator.delete("pods", "shop", "a"));
}
