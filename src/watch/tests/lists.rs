//! Reading whole sets.

use super::{
    Clients, Request, State, Subject, proto,
    server::{Server, end_mark, error, events, page, raw, refusal, set, thing},
    things, tuning,
};
use bytes::Bytes;
use futures::StreamExt;
use kube::Config;
use std::time::Duration;

const FORBIDDEN_OPTION: &str = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch";

#[tokio::test]
async fn a_streaming_list_becomes_a_watch() {
    let changes = [
        thing("ADDED", "a", "3"),
        thing("ADDED", "b", "1"),
        thing("MODIFIED", "a", "5"),
        thing("DELETED", "b", "6"),
        end_mark("6"),
        thing("ADDED", "c", "7"),
        thing("MODIFIED", "a", "8"),
        thing("DELETED", "c", "9"),
    ];
    let server = Server::start([events(changes).then_silence()]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(
        subject.next(9).await,
        ["init", "init a", "init b", "init a", "delete b", "done", "apply c", "apply a", "delete c"]
    );
    assert_eq!(subject.status.state(), State::Complete);
    assert!(subject.status.was_complete() && subject.status.last_event().is_some());
    let asked = &server.asked()[0];
    assert_eq!(
        asked.url,
        "/api/v1/namespaces/n/things?watch=1&allowWatchBookmarks=true&timeoutSeconds=7\
         &sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    );
    assert_eq!(asked.headers["accept"], "application/vnd.kubernetes.protobuf;stream=watch");
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.watches, counts.list_errors, counts.watch_errors), (1, 1, 0, 0));
}

#[tokio::test]
async fn a_list_of_the_whole_cluster_has_a_connection_of_its_own() {
    let list = [thing("ADDED", "a", "3"), end_mark("6"), thing("ADDED", "b", "7")];
    let watch = [thing("ADDED", "b", "7")];
    let server = Server::start([events(list).then_silence(), events(watch).then_silence()]).await;
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    let request = Request { namespace: None, ..things() };
    let mut subject = Subject::asking(&clients, request, tuning());
    assert_eq!(subject.next(4).await, ["init", "init a", "done", "apply b"]);
    assert_eq!(server.questions(), ["stream", "watch 6"]);
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.watches, counts.watch_errors, counts.relists), (1, 1, 0, 0));
}

#[tokio::test]
async fn what_arrives_together_is_ready_together() {
    let names: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::start([set(&names, "5").then_silence()]).await;
    let subject = Subject::of(&server).await;
    let mut batches = subject.events.ready_chunks(1000);
    let mut sizes = Vec::new();
    while sizes.iter().sum::<usize>() < 102 {
        sizes.push(batches.next().await.unwrap().len());
    }
    assert!(sizes.len() < 6, "{sizes:?}");
}

#[tokio::test]
async fn a_refused_streaming_list_is_read_in_pages_from_then_on() {
    let server = Server::start([
        refusal(422, "Invalid", FORBIDDEN_OPTION),
        page(&["a", "b"], "10", "t1"),
        page(&["c"], "10", ""),
        events([thing("ADDED", "d", "11"), error(410, "Expired")]),
        page(&["a", "d"], "20", ""),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(
        subject.next(9).await,
        ["init", "init a", "init b", "init c", "done", "apply d", "init", "init a", "init d"]
    );
    assert_eq!(subject.next(1).await, ["done"]);
    subject.until(|state| *state == State::Complete).await;
    assert_eq!(server.questions()[..5], ["stream", "page", "page t1", "watch 10", "page"]);
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.relists, counts.list_errors), (2, 1, 0));
    assert_eq!(server.asked()[1].headers["accept"], "application/vnd.kubernetes.protobuf");
}

#[tokio::test]
async fn servers_that_ignore_the_option_are_read_in_pages() {
    let bookmark = proto::event("BOOKMARK", &proto::envelope("Thing", &proto::object("", "9")));
    for ignored in [
        events([thing("ADDED", "a", "3")]).then_silence(),
        events([thing("ADDED", "a", "3"), bookmark]).then_silence(),
    ] {
        let server = Server::start([ignored, page(&["a", "b"], "10", "")]).await;
        let mut subject = Subject::of(&server).await;
        assert_eq!(subject.next(6).await, ["init", "init a", "init", "init a", "init b", "done"]);
        assert!(subject.is_quiet(Duration::from_millis(20)).await);
        assert_eq!(server.questions(), ["stream", "page", "watch 10"]);
    }
}

#[tokio::test]
async fn expired_pages_are_read_again_in_one_piece() {
    let server = Server::start([
        refusal(400, "BadRequest", FORBIDDEN_OPTION),
        page(&["a", "b"], "10", "t1"),
        refusal(410, "Expired", "the continue token is too old"),
        page(&["a", "b", "c"], "30", ""),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(
        subject.next(8).await,
        ["init", "init a", "init b", "init", "init a", "init b", "init c", "done"]
    );
    assert_eq!(server.questions(), ["stream", "page", "page t1", "whole"]);
}

#[tokio::test]
async fn a_token_that_the_server_does_not_know_begins_the_list_anew() {
    let server = Server::start([
        refusal(400, "BadRequest", FORBIDDEN_OPTION),
        page(&["a", "b"], "10", "t1"),
        refusal(400, "BadRequest", "continue key is not valid"),
        page(&["a", "b"], "20", ""),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(7).await, ["init", "init a", "init b", "init", "init a", "init b", "done"]);
    assert_eq!(server.questions(), ["stream", "page", "page t1", "page"]);
}

#[tokio::test]
async fn a_page_arrives_in_pieces_and_metadata_may_come_last() {
    let items: Vec<Vec<u8>> = ["a", "b"].iter().map(|name| proto::object(name, "1")).collect();
    let body = proto::list("ThingList", "12", "", &items, true);
    let pieces = body.chunks(5).map(Bytes::copy_from_slice).collect();
    let server = Server::start([
        refusal(422, "Invalid", FORBIDDEN_OPTION),
        raw("application/vnd.kubernetes.protobuf", pieces),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(4).await, ["init", "init a", "init b", "done"]);
    assert!(subject.is_quiet(Duration::from_millis(20)).await);
    assert_eq!(server.questions()[2], "watch 12");
}

#[tokio::test]
async fn a_set_that_breaks_in_the_middle_begins_again() {
    let server = Server::start([
        events([thing("ADDED", "a", "3")]).then_break(),
        events([thing("ADDED", "a", "3"), thing("ADDED", "b", "4")]),
        set(&["a", "b", "c"], "6").then_silence(),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(
        subject.next(10).await,
        ["init", "init a", "init", "init a", "init b", "init", "init a", "init b", "init c", "done"]
    );
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.list_errors), (1, 2));
}

#[tokio::test]
async fn streaming_lists_that_always_break_give_way_to_pages() {
    let broken = || events([thing("ADDED", "a", "3")]);
    let server = Server::start([broken(), broken(), broken(), page(&["a"], "9", "")]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(9).await[6..], ["init", "init a", "done"]);
    assert_eq!(server.questions(), ["stream", "stream", "stream", "page"]);
}

#[tokio::test]
async fn a_broken_page_is_asked_for_again() {
    let body = proto::list("ThingList", "12", "", &[proto::object("c", "1")], false);
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let server = Server::start([
        refusal(422, "Invalid", FORBIDDEN_OPTION),
        page(&["a", "b"], "12", "t1"),
        raw("application/vnd.kubernetes.protobuf", vec![half]),
        refusal(503, "ServiceUnavailable", ""),
        page(&["c"], "12", ""),
    ])
    .await;
    let mut subject = Subject::with(&server, tuning()).await;
    assert_eq!(subject.next(5).await, ["init", "init a", "init b", "init c", "done"]);
    assert_eq!(server.questions(), ["stream", "page", "page t1", "page t1", "page t1"]);
}
