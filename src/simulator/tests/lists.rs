//! Discovery, single objects, lists, pages and tables.

use super::*;

#[tokio::test]
async fn clients_discover_the_server() {
    let server = Server::empty().await;
    assert_eq!(server.json("/version").await["major"], "1");
    assert_eq!(server.bytes("/readyz", "*/*").await, "ok");
    assert_eq!(server.json("/api").await["versions"], json!(["v1"]));
    assert_eq!(server.json("/apis/batch/v1").await["resources"][1]["name"], "jobs");
    assert!(server.simulator.kubeconfig().contains(&format!("http://{}", server.simulator.address())));
}

#[tokio::test]
async fn objects_come_in_both_encodings() {
    let server = Server::empty().await;
    server.put_pod("web-1", "node-1");
    let path = "/api/v1/namespaces/shop/pods/web-1";
    let pod = server.json(path).await;
    assert_eq!((&pod["kind"], &pod["apiVersion"]), (&json!("Pod"), &json!("v1")));
    assert_eq!(pod["spec"]["nodeName"], "node-1");
    let bytes = server.bytes(path, PROTOBUF).await;
    let (api_version, kind, object) = open(&bytes);
    assert_eq!((api_version.as_str(), kind.as_str()), ("v1", "Pod"));
    assert_eq!(find(10, find(2, object).unwrap()), Some(&b"node-1"[..]));
    let bytes = server.bytes(path, METADATA).await;
    let (_, kind, object) = open(&bytes);
    assert_eq!((kind.as_str(), find(2, object)), ("PartialObjectMetadata", None));
}

#[tokio::test]
async fn lists_come_in_both_encodings() {
    let server = Server::empty().await;
    for index in 0..300 {
        server.put_pod(&format!("web-{index:03}"), "node-1");
    }
    let list = server.json("/api/v1/pods").await;
    assert_eq!(list["kind"], "PodList");
    assert_eq!(list["metadata"]["resourceVersion"], "1300");
    assert_eq!(list["items"].as_array().unwrap().len(), 300);
    let bytes = server.bytes("/api/v1/pods", PROTOBUF).await;
    let (_, kind, list) = open(&bytes);
    assert_eq!(kind, "PodList");
    assert_eq!(find(2, find(1, list).unwrap()), Some(&b"1300"[..]));
    assert_eq!(find(1, find(1, find(2, list).unwrap()).unwrap()), Some(&b"web-000"[..]));
    assert_eq!(server.json("/api/v1/namespaces/other/pods").await["items"], json!([]));
}

#[tokio::test]
async fn selectors_narrow_lists() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    server.put_pod("b", "node-2");
    let list = server.json("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-2").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["metadata"]["name"], "b");
    assert_eq!(server.status("/api/v1/pods?fieldSelector=spec.color%3Dred").await.0, 400);
}

#[tokio::test]
async fn pages_show_one_moment_until_it_is_forgotten() {
    let server = Server::empty().await;
    for name in ["a", "b", "c", "d", "e"] {
        server.put_pod(name, "node-1");
    }
    let first = server.json("/api/v1/pods?limit=2").await;
    let next = |page: &Value| {
        let token = page["metadata"]["continue"].as_str().unwrap();
        let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
        format!("/api/v1/pods?limit=2&continue={token}")
    };
    server.simulator.delete("pods", "shop", "c");
    server.put_pod("cc", "node-1");
    let second = server.json(&next(&first)).await;
    let names = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].clone()).collect()
    };
    assert_eq!((names(&first), names(&second)), (vec![json!("a"), json!("b")], vec![json!("c"), json!("d")]));
    assert_eq!(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
    server.simulator.faults().expire("pods", Compaction::Status);
    let (status, error) = server.status(&next(&second)).await;
    assert_eq!((status, &error["reason"]), (410, &json!("Expired")));
}

#[tokio::test]
async fn tables_have_columns_and_rows() {
    let server = Server::empty().await;
    server.put_pod("a", "node-1");
    let table: Value = serde_json::from_slice(&server.bytes("/api/v1/pods", TABLE).await).unwrap();
    assert_eq!(table["kind"], "Table");
    assert_eq!(table["columnDefinitions"][1]["name"], "Ready");
    assert_eq!(table["rows"][0]["cells"][0], "a");
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    let response =
        server.get("/api/v1/pods", "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1").await;
    assert_eq!(response.status(), 406);
}

#[tokio::test]
async fn errors_are_status_objects_in_the_accepted_encoding() {
    let server = Server::empty().await;
    let (status, error) = server.status("/api/v1/namespaces/shop/pods/none").await;
    assert_eq!((status, &error["kind"], &error["code"]), (404, &json!("Status"), &json!(404)));
    let response = server.get("/api/v1/nothing", PROTOBUF).await;
    assert_eq!(response.headers()["content-type"], PROTOBUF);
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let (_, kind, status) = open(&bytes);
    assert_eq!((kind.as_str(), find(4, status)), ("Status", Some(&b"NotFound"[..])));
}
