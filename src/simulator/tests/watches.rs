//! Streaming lists, changes, resumption and bookmarks.

use super::*;

const STREAMING: &str = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

#[tokio::test]
async fn a_streaming_list_ends_with_a_marked_bookmark_and_goes_on() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    let version = server.put_pod("b", "node-1");
    let mut events = server.watch(STREAMING).await;
    assert_eq!(events.next_name().await, ("ADDED".into(), "a".into()));
    assert_eq!(events.next_name().await, ("ADDED".into(), "b".into()));
    let mark = events.next().await.unwrap();
    assert_eq!((&mark["type"], &mark["object"]["kind"]), (&json!("BOOKMARK"), &json!("Pod")));
    let metadata = &mark["object"]["metadata"];
    assert_eq!(metadata["resourceVersion"], version.to_string());
    assert_eq!(metadata["annotations"]["k8s.io/initial-events-end"], "true");
    server.put_pod("a", "node-2");
    assert_eq!(events.next_name().await, ("MODIFIED".into(), "a".into()));
    server.simulator.delete("pods", "shop", "b");
    let event = events.next().await.unwrap();
    assert_eq!(event["type"], "DELETED");
    assert_eq!(event["object"]["metadata"]["resourceVersion"], (version + 2).to_string());
}

#[tokio::test]
async fn frames_of_protobuf_are_enveloped_objects() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    let path = format!("/api/v1/pods?watch=true&{STREAMING}");
    let response = server.get(&path, PROTOBUF).await;
    assert_eq!(response.headers()["content-type"], "application/vnd.kubernetes.protobuf;stream=watch");
    let mut events = Events { body: response.into_body(), read: BytesMut::new() };
    let (event, object) = events.next_frame().await.unwrap();
    let (_, kind, pod) = open(&object);
    assert_eq!((event.as_str(), kind.as_str()), ("ADDED", "Pod"));
    assert_eq!(find(1, find(1, pod).unwrap()), Some(&b"a"[..]));
    let (event, object) = events.next_frame().await.unwrap();
    let (_, kind, mark) = open(&object);
    assert_eq!((event.as_str(), kind.as_str()), ("BOOKMARK", "Pod"));
    let annotation = find(12, find(1, mark).unwrap()).unwrap();
    assert_eq!(find(1, annotation), Some(&b"k8s.io/initial-events-end"[..]));
}

#[tokio::test]
async fn watches_resume_after_a_version() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    server.put_pod("b", "node-1");
    let mut events = server.watch(&format!("resourceVersion={version}")).await;
    assert_eq!(events.next_name().await, ("ADDED".into(), "b".into()));
    let (status, _) = server.status("/api/v1/pods?watch=true&resourceVersion=7").await;
    assert_eq!(status, 410);
    let (status, _) = server.status("/api/v1/pods?watch=true&resourceVersion=99999").await;
    assert_eq!(status, 504);
}

#[tokio::test]
async fn objects_that_begin_or_cease_to_match_come_and_go() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    let query = format!("resourceVersion={version}&fieldSelector=spec.nodeName%3Dnode-2");
    let mut events = server.watch(&query).await;
    server.put_pod("a", "node-2");
    assert_eq!(events.next_name().await, ("ADDED".into(), "a".into()));
    server.put_pod("a", "node-2");
    assert_eq!(events.next_name().await, ("MODIFIED".into(), "a".into()));
    server.put_pod("a", "node-1");
    assert_eq!(events.next_name().await, ("DELETED".into(), "a".into()));
}

#[tokio::test]
async fn bookmarks_flow_without_changes_and_carry_the_newest_version() {
    let bookmarks = Duration::from_millis(20);
    let server =
        Server::with(Options { nodes: 0, updates_per_second: 0.0, bookmarks, ..Options::default() }).await;
    let version = server.put_pod("a", "node-1");
    let mut events = server.watch(&format!("resourceVersion={version}&allowWatchBookmarks=true")).await;
    let node = json!({"metadata": {"name": "node-1"}});
    let newest = server.simulator.apply("nodes", node).unwrap().to_string();
    loop {
        let event = events.next().await.unwrap();
        assert_eq!(event["type"], "BOOKMARK");
        if event["object"]["metadata"]["resourceVersion"] == newest {
            break;
        }
    }
}

#[tokio::test]
async fn watches_end_when_the_client_wants() {
    let server = Server::empty().await;
    let version = server.put_pod("a", "node-1");
    let mut events = server.watch(&format!("resourceVersion={version}&timeoutSeconds=1")).await;
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn tables_tell_their_columns_once() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    server.put_pod("b", "node-1");
    let response = server.get(&format!("/api/v1/pods?watch=true&{STREAMING}"), TABLE).await;
    let mut events = Events { body: response.into_body(), read: BytesMut::new() };
    let first = events.next().await.unwrap();
    assert!(first["object"]["columnDefinitions"].is_array());
    let second = events.next().await.unwrap();
    assert_eq!(second["object"]["columnDefinitions"], Value::Null);
    assert_eq!(second["object"]["rows"][0]["cells"][0], "b");
    let mark = events.next().await.unwrap();
    let annotations = &mark["object"]["rows"][0]["object"]["metadata"]["annotations"];
    assert_eq!(annotations["k8s.io/initial-events-end"], "true");
}

#[tokio::test]
async fn a_streaming_list_must_say_which_version_it_accepts() {
    let server = Server::empty().await;
    let (status, _) = server.status("/api/v1/pods?watch=true&sendInitialEvents=true").await;
    assert_eq!(status, 422);
}
