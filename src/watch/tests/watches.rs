//! Following changes.

use super::{
    State, Subject, Tuning, proto,
    server::{Server, end_mark, error, events, raw, refusal, set, thing},
    tuning,
};
use std::time::Duration;

#[tokio::test]
async fn a_watch_resumes_from_the_last_version() {
    let bookmark = proto::event("BOOKMARK", &proto::envelope("Thing", &proto::object("", "30")));
    let server = Server::start([
        events([thing("ADDED", "a", "1"), end_mark("5"), thing("MODIFIED", "a", "8")]).then_break(),
        events([thing("ADDED", "b", "20")]),
        events([bookmark]),
        events([thing("DELETED", "b", "31")]).then_silence(),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(6).await, ["init", "init a", "done", "apply a", "apply b", "delete b"]);
    assert_eq!(server.questions(), ["stream", "watch 8", "watch 20", "watch 30"]);
    let counts = subject.status.counts();
    assert_eq!((counts.lists, counts.relists, counts.watches, counts.watch_errors), (1, 0, 4, 1));
}

#[tokio::test]
async fn an_expired_version_means_reading_everything_again() {
    for expired in [refusal(410, "Expired", "too old"), events([error(410, "Gone")])] {
        let server = Server::start([set(&["a"], "5"), expired, set(&["a", "b"], "50").then_silence()]).await;
        let mut subject = Subject::of(&server).await;
        assert_eq!(subject.next(7).await, ["init", "init a", "done", "init", "init a", "init b", "done"]);
        assert_eq!(server.questions(), ["stream", "watch 5", "stream"]);
        assert_eq!(subject.status.counts().relists, 1);
    }
}

#[tokio::test]
async fn after_an_outage_everything_is_read_as_soon_as_the_server_says_so() {
    let tuning = Tuning { backoff: (Duration::from_millis(20), Duration::from_mins(1)), ..tuning() };
    let away = (0..4).map(|_| refusal(503, "ServiceUnavailable", ""));
    let back = [refusal(410, "Expired", ""), set(&["b"], "9").then_silence()];
    let server = Server::start(std::iter::once(set(&["a"], "5")).chain(away).chain(back)).await;
    let mut subject = Subject::with(&server, tuning).await;
    assert_eq!(subject.next(6).await, ["init", "init a", "done", "init", "init b", "done"]);
    let asked = server.asked();
    let waited = asked[6].at - asked[5].at;
    assert!(waited < Duration::from_millis(100), "{waited:?}");
}

#[tokio::test]
async fn versions_that_go_back_mean_reading_everything_again() {
    let earlier = proto::event("BOOKMARK", &proto::envelope("Thing", &proto::object("", "40")));
    let server =
        Server::start([set(&["a"], "500"), events([earlier]).then_silence(), set(&["b"], "41")]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(6).await, ["init", "init a", "done", "init", "init b", "done"]);
}

#[tokio::test]
async fn silence_means_reconnecting_without_a_relist() {
    let tuning = Tuning {
        watch: Duration::from_millis(100)..=Duration::from_millis(150),
        margin: Duration::from_millis(50),
        ..tuning()
    };
    let server = Server::start([
        set(&["a"], "5").then_silence(),
        events([thing("ADDED", "b", "9")]).then_silence(),
        events([thing("ADDED", "c", "12")]).then_silence(),
    ])
    .await;
    let mut subject = Subject::with(&server, tuning).await;
    assert_eq!(subject.next(5).await, ["init", "init a", "done", "apply b", "apply c"]);
    assert_eq!(server.questions(), ["stream", "watch 5", "watch 9"]);
    assert_eq!(subject.status.counts().lists, 1);
}

#[tokio::test]
async fn malformed_objects_and_unknown_events_cost_only_themselves() {
    // A number where the metadata belongs, behind sound metadata a text where a number belongs, no
    // envelope at all, and a frame of garbage.
    let wrong_metadata = proto::event("ADDED", &proto::envelope("Thing", &[1 << 3, 7]));
    let wrong_size = [proto::object("x", "6"), proto::field(2, b"text")].concat();
    let server = Server::start([events([
        end_mark("5"),
        wrong_metadata,
        proto::event("ADDED", &proto::envelope("Thing", &wrong_size)),
        proto::event("MODIFIED", b"{\"kind\":\"Thing\"}"),
        vec![0xff; 30],
        proto::event("RENAMED", b""),
        thing("ADDED", "b", "7"),
    ])
    .then_break()])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(3).await, ["init", "done", "apply b"]);
    assert!(subject.is_quiet(Duration::from_millis(150)).await);
    let counts = subject.status.counts();
    assert_eq!((counts.decode_errors, counts.unknown_events, counts.relists), (4, 1, 0));
    assert_eq!(server.questions()[1], "watch 7");
}

#[tokio::test]
async fn a_stream_that_is_no_stream_of_frames_is_left() {
    let garbage = raw("application/vnd.kubernetes.protobuf;stream=watch", vec![vec![0x7f; 100].into()]);
    let server = Server::start([
        set(&["a"], "5"),
        garbage.then_silence(),
        events([thing("ADDED", "b", "9")]).then_silence(),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(4).await, ["init", "init a", "done", "apply b"]);
    assert_eq!(server.questions(), ["stream", "watch 5", "watch 5"]);
}

#[tokio::test]
async fn watches_that_end_at_once_are_no_storm() {
    let script = std::iter::once(set(&["a"], "5")).chain((0..500).map(|_| events([])));
    let server = Server::start(script).await;
    let mut subject = Subject::of(&server).await;
    subject.next(3).await;
    assert!(subject.is_quiet(Duration::from_millis(300)).await);
    assert!((3..40).contains(&server.questions().len()), "{} requests", server.questions().len());
    assert!(matches!(subject.status.state(), State::Failing { .. }));
}

#[tokio::test]
async fn a_server_that_forgets_at_once_is_no_storm() {
    let cycle = (0..300).flat_map(|_| [set(&["a"], "5"), refusal(410, "Expired", "")]);
    let server = Server::start(cycle).await;
    let mut subject = Subject::of(&server).await;
    let watch = async { while !subject.next(1).await.is_empty() {} };
    let _ = tokio::time::timeout(Duration::from_millis(300), watch).await;
    assert!((4..80).contains(&server.questions().len()), "{} requests", server.questions().len());
}

#[tokio::test]
async fn a_watch_at_rest_takes_little_memory() {
    let server = Server::start([set(&[], "5").then_silence()]).await;
    // There may be one for each kind and each of some hundred namespaces.
    let size = size_of_val(&*Subject::of(&server).await.events);
    assert!(size < 3000, "{size} bytes");
}
