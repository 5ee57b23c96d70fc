//! One process' share of the objects.

use super::{
    Clients, Subject, proto,
    representations::{COLUMNS, TABLE, event, row, table},
    server::{Server, end_mark, events, page, raw, refusal, thing},
    things, tuning,
};
use crate::{shard::Shard, watch::Request};
use kube::Config;

/// Of these objects `abc-2` and `abc-4` are ours, `abc-6` and `test_uid` are the other's.
const OURS: Shard = Shard { ordinal: 1, total: 2, placement: crate::shard::Placement::Jump };

async fn subject(server: &Server, request: Request) -> Subject {
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    Subject::asking(&clients, Request { shard: OURS, ..request }, tuning())
}

/// An object whose size is no number.
fn malformed(name: &str) -> Vec<u8> {
    [proto::object(name, "8"), proto::field(2, b"large")].concat()
}

#[tokio::test]
async fn streams_bring_what_is_ours_and_bookmarks() {
    let added = |object: &[u8]| proto::event("ADDED", &proto::envelope("Thing", object));
    let changes = [
        thing("ADDED", "abc-2", "3"),
        thing("ADDED", "abc-6", "1"),
        thing("DELETED", "test_uid", "4"),
        end_mark("6"),
        thing("ADDED", "abc-6", "7"),
        added(&malformed("test_uid")),
        thing("MODIFIED", "abc-4", "9"),
        thing("DELETED", "abc-6", "10"),
        thing("DELETED", "abc-2", "11"),
        // Of another's object only the version counts, from where the watch goes on.
        thing("MODIFIED", "abc-6", "12"),
    ];
    let server = Server::start([events(changes)]).await;
    let mut subject = subject(&server, things()).await;
    assert_eq!(subject.next(5).await, ["init", "init abc-2", "done", "apply abc-4", "delete abc-2"]);
    assert_eq!(subject.status.counts().decode_errors, 0, "another's object was decoded");
    while server.asked().len() < 2 {
        assert!(subject.is_quiet(std::time::Duration::from_millis(20)).await);
    }
    assert_eq!(server.questions()[1], "watch 12");
}

#[tokio::test]
async fn pages_bring_what_is_ours() {
    let server = Server::start([
        refusal(422, "Invalid", "sendInitialEvents: Forbidden"),
        page(&["abc-2", "abc-6"], "10", "t1"),
        page(&["test_uid", "abc-4"], "10", ""),
    ])
    .await;
    let mut subject = subject(&server, things()).await;
    assert_eq!(subject.next(4).await, ["init", "init abc-2", "init abc-4", "done"]);
}

#[tokio::test]
async fn tables_bring_what_is_ours() {
    let end = row("", "0", "6", r#"{"k8s.io/initial-events-end":"true"}"#);
    let of = |row: String| table(COLUMNS, "{}", &[row]);
    let text: String = [
        event("ADDED", &of(row("abc-6", "\"no number\"", "1", "{}"))),
        event("ADDED", &of(row("abc-4", "7", "3", "{}"))),
        event("BOOKMARK", &of(end)),
    ]
    .concat();
    let server = Server::start([raw("application/json", vec![text.into()]).then_silence()]).await;
    let mut subject = subject(&server, Request { representation: TABLE, ..things() }).await;
    assert_eq!(subject.next(3).await, ["init", "init abc-4 of 7", "done"]);
    assert_eq!(subject.status.counts().decode_errors, 0, "another's object was decoded");
}
