//! Objects that don't travel whole.

use super::{
    Clients, State, Subject, proto,
    server::{Answer, Server, end_mark, events, raw, refusal, thing},
    things, tuning,
};
use crate::{
    watch::Request,
    wire::{Cell, Representation},
};
use kube::Config;
use std::time::Duration;

pub(super) const TABLE: Representation = Representation::Table(Cell { column: "Size", field: "size" });
const ACCEPT: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";
pub(super) const COLUMNS: &str = r#"[{"name":"Name","type":"string"},{"name":"Size","type":"integer"}]"#;

async fn subject(server: &Server, representation: Representation) -> Subject {
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    Subject::asking(&clients, Request { representation, ..things() }, tuning())
}

pub(super) fn row(name: &str, size: &str, version: &str, annotations: &str) -> String {
    format!(
        r#"{{"cells":["{name}",{size}],"object":{{"kind":"PartialObjectMetadata","metadata":{{"name":"{name}",
        "uid":"{name}","resourceVersion":"{version}","annotations":{annotations}}}}}}}"#
    )
}

/// A table, with its columns where they are given.
pub(super) fn table(columns: &str, metadata: &str, rows: &[String]) -> String {
    let rows = rows.join(",");
    format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{metadata},"columnDefinitions":{columns},"rows":[{rows}]}}"#
    )
}

pub(super) fn event(kind: &str, object: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}

fn changed(kind: &str, columns: &str, name: &str, version: &str) -> String {
    event(kind, &table(columns, "{}", &[row(name, "3", version, "null")]))
}

fn bookmark(version: &str, annotations: &str) -> String {
    event("BOOKMARK", &table("null", "{}", &[row("", "0", version, annotations)]))
}

fn end(version: &str) -> String {
    bookmark(version, r#"{"a":"b","k8s.io/initial-events-end":"true"}"#)
}

fn json(documents: &[String]) -> Answer {
    raw("application/json", vec![documents.concat().into()])
}

#[tokio::test]
async fn metadata_is_asked_for_in_lists_and_watches() {
    let list = proto::list("PartialObjectMetadataList", "5", "", &[proto::object("a", "1")], false);
    let server = Server::start([
        refusal(422, "Invalid", "no streaming list"),
        raw("application/vnd.kubernetes.protobuf", vec![list.into()]),
        events([thing("ADDED", "b", "6")]).then_silence(),
    ])
    .await;
    let mut subject = subject(&server, Representation::Metadata).await;
    assert_eq!(subject.next(4).await, ["init", "init a", "done", "apply b"]);
    let accepted: Vec<String> =
        server.asked().iter().map(|asked| asked.headers["accept"].to_str().unwrap().to_owned()).collect();
    let watch =
        "application/vnd.kubernetes.protobuf;stream=watch;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let list = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    assert_eq!(accepted, [watch, list, watch]);
}

#[tokio::test]
async fn a_streaming_list_of_tables_becomes_a_watch() {
    let documents = [
        changed("ADDED", COLUMNS, "a", "3"),
        changed("ADDED", "null", "b", "1"),
        end("6"),
        changed("MODIFIED", "[]", "a", "8"),
        bookmark("9", "null"),
        changed("DELETED", "null", "b", "10"),
    ];
    // Pieces end anywhere.
    let text = documents.concat();
    let pieces = text.as_bytes().chunks(7).map(bytes::Bytes::copy_from_slice).collect();
    let server = Server::start([
        raw("application/json", pieces).then_break(),
        json(&[changed("ADDED", COLUMNS, "c", "12")]).then_silence(),
    ])
    .await;
    let mut subject = subject(&server, TABLE).await;
    let seen = subject.next(7).await;
    assert_eq!(
        seen,
        ["init", "init a of 3", "init b of 3", "done", "apply a of 3", "delete b of 3", "apply c of 3"]
    );
    assert_eq!(server.questions(), ["stream", "watch 10"]);
    for asked in server.asked() {
        assert_eq!(asked.headers["accept"], ACCEPT, "nothing but tables is accepted");
        assert!(asked.url.contains("includeObject=Metadata"), "{}", asked.url);
    }
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.watches, counts.decode_errors), (1, 2, 0));
}

#[tokio::test]
async fn pages_of_tables_are_read_row_by_row() {
    let page = |rows: &[String], token: &str| {
        let metadata = format!(r#"{{"resourceVersion":"10","continue":"{token}"}}"#);
        json(&[table(COLUMNS, &metadata, rows)])
    };
    let server = Server::start([
        refusal(422, "Invalid", "no streaming list"),
        page(&[row("a", "1", "3", "null"), row("b", "2", "4", "{}")], "t1"),
        page(&[row("c", "4", "5", "null")], ""),
        json(&[event("ERROR", r#"{"kind":"Status","code":410,"reason":"Expired","message":"old"}"#)]),
        page(&[], ""),
    ])
    .await;
    let mut subject = subject(&server, TABLE).await;
    let seen = subject.next(7).await;
    assert_eq!(seen, ["init", "init a of 1", "init b of 2", "init c of 4", "done", "init", "done"]);
    assert_eq!(server.questions()[..5], ["stream", "page", "page t1", "watch 10", "page"]);
    assert_eq!(subject.status.counts().relists, 1);
}

#[tokio::test]
async fn malformed_rows_cost_only_themselves() {
    let columns = |columns: &str, row: &str| event("ADDED", &table(columns, "{}", &[row.to_owned()]));
    let server = Server::start([json(&[
        changed("ADDED", COLUMNS, "a", "1"),
        end("5"),
        columns("null", r#"{"cells":[],"object":{"metadata":{"name":"x","resourceVersion":"6"}}}"#),
        columns("null", r#"{"cells":["y","many"],"object":{"metadata":{"name":"y"}}}"#),
        columns("null", r#"{"cells":["z",1]}"#),
        columns("null", "7"),
        event("ADDED", &table("null", "{}", &[])),
        "{\"type\":7}".to_owned(),
        event("RENAMED", "{}"),
        // Without the column there is no telling.
        changed("ADDED", r#"[{"name":"Name"}]"#, "lost", "7"),
        changed("ADDED", COLUMNS, "b", "8"),
    ])
    .then_break()])
    .await;
    let mut subject = subject(&server, TABLE).await;
    assert_eq!(subject.next(4).await, ["init", "init a of 3", "done", "apply b of 3"]);
    assert!(subject.is_quiet(Duration::from_millis(150)).await);
    let counts = subject.status.counts();
    assert_eq!((counts.decode_errors, counts.unknown_events, counts.relists), (7, 1, 0));
    assert_eq!(server.questions()[1], "watch 8");
}

#[tokio::test]
async fn whole_objects_are_never_taken_for_tables() {
    let secret = r#"{"kind":"Secret","metadata":{"name":"a"},"data":{"a":"cGFzc3dvcmQ="}}"#;
    let server = Server::start([
        json(&[event("ADDED", secret)]).then_silence(),
        refusal(406, "NotAcceptable", "only protobuf"),
        events([thing("ADDED", "a", "3"), end_mark("5")]),
        json(&[changed("ADDED", COLUMNS, "a", "3"), end("5")]).then_silence(),
    ])
    .await;
    let mut subject = subject(&server, TABLE).await;
    let failing = |wanted: &'static str| move |state: &State| matches!(state, State::Failing { error, .. } if error.contains(wanted));
    assert_eq!(subject.next(1).await, ["init"]);
    subject.until(failing("\"Secret\" instead of a table")).await;
    subject.until(failing("406 NotAcceptable")).await;
    subject.until(failing("instead of JSON")).await;
    assert_eq!(subject.next(3).await, ["init", "init a of 3", "done"]);
    assert_eq!(server.questions(), ["stream"; 4]);
    assert!(server.asked().iter().all(|asked| asked.headers["accept"] == ACCEPT));
}

#[tokio::test]
async fn a_table_that_does_not_end_is_left() {
    let long = format!("{{\"type\":\"{}", "x".repeat(5000));
    let server = Server::start([
        raw("application/json", vec![long.into()]).then_silence(),
        json(&[changed("ADDED", COLUMNS, "a", "3"), end("5")]).then_silence(),
    ])
    .await;
    let mut subject = subject(&server, TABLE).await;
    assert_eq!(subject.next(4).await, ["init", "init", "init a of 3", "done"]);
}
