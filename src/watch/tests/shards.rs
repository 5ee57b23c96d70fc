//! One process' share of the objects.

use super::{
    Clients, Subject, proto,
    representations::{COLUMNS, TABLE, event, row, table},
    server::{Answer, Server, end_mark, events, page, raw, refusal, thing},
    things, tuning,
};
use crate::{
    shard::{Placement, Shard},
    watch::{Request, places_objects},
};
use kube::Config;

/// Of these objects `abc-2` and `abc-4` are ours, `abc-6` and `test_uid` are the other's.
const OURS: Shard = Shard { ordinal: 1, total: 2, placement: Placement::Jump };

async fn subject(server: &Server, request: Request) -> Subject {
    subject_of(server, Request { shard: OURS, ..request }).await
}

async fn subject_of(server: &Server, request: Request) -> Subject {
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    Subject::asking(&clients, request, tuning())
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

/// A list of nothing, with the share that it is said to be.
fn share(selector: Option<&str>) -> Answer {
    let info = selector.map(|selector| proto::field(5, &proto::field(1, selector.as_bytes())));
    let metadata = [proto::field(2, b"7"), info.unwrap_or_default()].concat();
    let list = proto::envelope("ThingList", &proto::field(1, &metadata));
    raw("application/vnd.kubernetes.protobuf", vec![list.into()])
}

#[tokio::test]
async fn only_an_echo_shows_that_the_server_places_objects() {
    let shard = Shard { placement: Placement::Range, ..OURS };
    let selector = shard.selector().unwrap();
    let other = Shard { ordinal: 0, ..shard }.selector().unwrap();
    let server = Server::start([
        share(Some(&selector)),
        share(Some(&other)),
        share(None),
        refusal(403, "Forbidden", "no"),
        refusal(500, "InternalError", "no"),
        share(Some(&selector)),
    ])
    .await;
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    let request = Request { shard, cached: true, ..things() };
    let tuning = tuning();
    let ask = async |request: &Request| places_objects(&clients, request, &tuning).await;
    for placed in [true, false, false] {
        assert_eq!(ask(&request).await.unwrap(), placed);
    }
    for refused in [true, false] {
        assert_eq!(ask(&request).await.unwrap_err().is_refusal(), refused);
    }
    // Secrets must not come whole, not even one of them.
    assert!(ask(&Request { representation: TABLE, ..request.clone() }).await.unwrap());
    let asked = server.asked();
    let encoded: String = form_urlencoded::byte_serialize(selector.as_bytes()).collect();
    assert!(asked.iter().all(|asked| asked.url.contains(&format!("?limit=1&shardSelector={encoded}"))));
    assert!(asked[5].url.ends_with("&fieldSelector=metadata.name%3D-"), "{}", asked[5].url);
}

#[tokio::test]
async fn a_server_that_ignores_ranges_is_read_all_the_same_and_asked_again_after_a_failure() {
    let shard = Shard { ordinal: 0, total: 2, placement: Placement::Range };
    let mut kept: Vec<&str> = ["abc-2", "abc-6", "test_uid", "", "x"].into_iter().collect();
    let all = kept.clone();
    kept.retain(|uid| shard.keeps(uid));
    assert!(!kept.is_empty() && kept.len() < all.len());
    let list = all.iter().map(|uid| thing("ADDED", uid, "1")).chain([end_mark("6")]);
    let server = Server::start([refusal(500, "InternalError", "no"), share(None), events(list)]).await;
    let mut subject = subject_of(&server, Request { shard, ..things() }).await;
    let expected = kept.iter().map(|uid| format!("init {uid}"));
    let expected: Vec<String> =
        ["init".to_owned()].into_iter().chain(expected).chain(["done".to_owned()]).collect();
    assert_eq!(subject.next(expected.len()).await, expected);
    assert_eq!(server.questions()[..3], ["stream", "page", "stream"]);
}
