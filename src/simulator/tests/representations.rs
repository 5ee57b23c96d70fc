//! What is written of objects: metadata alone and tables, in lists and watches.

use super::*;

const STREAMING: &str = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
const METADATA_LIST: &str =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

async fn server() -> Server {
    let server = Server::empty().await;
    for name in ["a", "b"] {
        let metadata = json!({"namespace": "shop", "name": name, "labels": {"app": name}});
        let secret = json!({"metadata": metadata, "type": "Opaque", "data": {"token": "c2VjcmV0"}});
        server.simulator.apply("secrets", secret).unwrap();
    }
    server
}

async fn events(server: &Server, query: &str, accept: &str) -> Events {
    let path = format!("/api/v1/secrets?watch=true&{STREAMING}{query}");
    let response = server.get(&path, accept).await;
    assert_eq!(response.status(), 200, "{path}");
    Events { body: response.into_body(), read: BytesMut::new() }
}

#[tokio::test]
async fn lists_of_metadata_have_a_type_of_their_own() {
    let server = server().await;
    let bytes = server.bytes("/api/v1/secrets", METADATA_LIST).await;
    let (api_version, kind, list) = open(&bytes);
    assert_eq!((api_version.as_str(), kind.as_str()), ("meta.k8s.io/v1", "PartialObjectMetadataList"));
    let item = find(2, list).unwrap();
    assert_eq!((find(1, find(1, item).unwrap()), find(2, item)), (Some(&b"a"[..]), None));
    let accept = METADATA_LIST.replace("vnd.kubernetes.protobuf", "json");
    let list: Value = serde_json::from_slice(&server.bytes("/api/v1/secrets", &accept).await).unwrap();
    assert_eq!(list["kind"], "PartialObjectMetadataList");
    assert_eq!(list["items"][1]["metadata"]["labels"]["app"], "b");
    assert_eq!(
        (&list["items"][1]["kind"], &list["items"][1]["data"]),
        (&json!("PartialObjectMetadata"), &Value::Null)
    );
}

#[tokio::test]
async fn metadata_of_lists_and_of_objects_are_not_taken_for_each_other() {
    let server = server().await;
    let watch = format!("/api/v1/secrets?watch=true&{STREAMING}");
    for (path, accept) in [
        ("/api/v1/secrets", METADATA),
        ("/api/v1/namespaces/shop/secrets/a", METADATA_LIST),
        (watch.as_str(), METADATA_LIST),
    ] {
        assert_eq!(server.get(path, accept).await.status(), 406, "{path}");
    }
}

#[tokio::test]
async fn metadata_is_watched_in_both_encodings() {
    let server = server().await;
    let mut frames = events(&server, "", &format!("{METADATA};stream=watch")).await;
    for name in ["a", "b"] {
        let (event, object) = frames.next_frame().await.unwrap();
        let (api_version, kind, object) = open(&object);
        assert_eq!((event.as_str(), api_version.as_str()), ("ADDED", "meta.k8s.io/v1"));
        assert_eq!((kind.as_str(), find(2, object)), ("PartialObjectMetadata", None));
        assert_eq!(find(1, find(1, object).unwrap()), Some(name.as_bytes()));
    }
    let (event, object) = frames.next_frame().await.unwrap();
    let (_, kind, mark) = open(&object);
    assert_eq!((event.as_str(), kind.as_str()), ("BOOKMARK", "PartialObjectMetadata"));
    let annotation = find(12, find(1, mark).unwrap()).unwrap();
    assert_eq!(find(1, annotation), Some(&b"k8s.io/initial-events-end"[..]));
    assert!(server.simulator.delete("secrets", "shop", "a"));
    assert_eq!(frames.next_frame().await.unwrap().0, "DELETED");

    let accept = METADATA.replace("vnd.kubernetes.protobuf", "json");
    let mut lines = events(&server, "", &accept).await;
    let first = lines.next().await.unwrap();
    assert_eq!(first["object"]["kind"], "PartialObjectMetadata");
    assert_eq!((&first["object"]["metadata"]["name"], &first["object"]["data"]), (&json!("b"), &Value::Null));
}

#[tokio::test]
async fn rows_hold_what_is_asked_of_their_objects() {
    let server = server().await;
    for (include, kind) in [
        ("", json!("PartialObjectMetadata")),
        ("&includeObject=Metadata", json!("PartialObjectMetadata")),
        ("&includeObject=Object", json!("Secret")),
        ("&includeObject=None", Value::Null),
    ] {
        let bytes = server.bytes(&format!("/api/v1/secrets?limit=1{include}"), TABLE).await;
        let list: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(list["rows"][0]["object"]["kind"], kind, "{include}");
        assert!(list["metadata"]["continue"].is_string());
        let mut lines = events(&server, include, TABLE).await;
        for name in ["a", "b"] {
            let event = lines.next().await.unwrap();
            let table = &event["object"];
            assert_eq!((&table["kind"], &event["type"]), (&json!("Table"), &json!("ADDED")));
            assert_eq!(
                table["rows"][0]["cells"].as_array().unwrap()[..3],
                [json!(name), json!("Opaque"), json!(1)]
            );
            assert_eq!(table["rows"][0]["object"]["kind"], kind, "{include}");
            assert_eq!(table["columnDefinitions"].is_array(), name == "a", "{include}");
        }
        let mark = lines.next().await.unwrap();
        assert_eq!(mark["type"], "BOOKMARK");
        let metadata = &mark["object"]["rows"][0]["object"]["metadata"];
        assert_eq!(metadata["annotations"]["k8s.io/initial-events-end"], "true", "{include}");
        assert!(metadata["resourceVersion"].is_string());
    }
    let response = server.get("/api/v1/secrets?includeObject=All", TABLE).await;
    assert_eq!(response.status(), 400);
}
