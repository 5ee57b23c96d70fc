//! Servers that refuse, fail or are away.

use super::{
    Clients, State, Subject,
    server::{Server, events, page, raw, refusal, set, thing},
    tuning,
};
use kube::Config;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_server_says_when_to_come_back() {
    let server = Server::start([
        refusal(429, "TooManyRequests", "slow down").header("retry-after", "1"),
        set(&["a"], "5").then_silence(),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    // The longest wait is shortened to that of the tuning, so that nobody can send us away for ever.
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    let asked = server.asked();
    let waited = asked[1].at - asked[0].at;
    assert!(waited >= Duration::from_millis(160) && waited < Duration::from_millis(900), "{waited:?}");
}

#[tokio::test]
async fn what_is_forbidden_is_asked_for_slowly() {
    let no = || refusal(403, "Forbidden", "things is forbidden");
    let server = Server::start([no(), no(), no(), no(), set(&["a"], "5").then_silence()]).await;
    let mut subject = Subject::of(&server).await;
    let State::Forbidden(text) = subject.until(|state| matches!(state, State::Forbidden(_))).await else {
        panic!()
    };
    assert_eq!(&*text, "403 Forbidden: things is forbidden");
    assert!(subject.status.is_settled(Duration::MAX) && !subject.status.was_complete());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    assert_eq!(server.questions(), ["stream", "page", "stream", "page", "stream"]);
    let asked = server.asked();
    assert!(asked[2].at - asked[1].at >= Duration::from_millis(40));
    assert_eq!(subject.status.counts().list_errors, 2);
}

#[tokio::test]
async fn who_may_only_list_sees_the_objects_once() {
    let no = || refusal(403, "Forbidden", "cannot watch");
    let server = Server::start([no(), page(&["a"], "5", ""), no()]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    subject.until(|state| matches!(state, State::Forbidden(_))).await;
    assert!(subject.status.was_complete());
    assert_eq!(server.questions(), ["stream", "page", "watch 5"]);
}

#[tokio::test]
async fn a_kind_that_is_gone_is_emptied_at_the_second_word_of_it() {
    let no = || raw("text/plain", vec!["404 page not found\n".into()]).code(404);
    let server = Server::start([set(&["a"], "5"), no(), no(), no()]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    subject.until(|state| matches!(state, State::NotFound(_))).await;
    assert_eq!(subject.next(2).await, ["init", "done"]);
    assert_eq!(subject.status.state(), State::NotFound("404: 404 page not found".into()));
    server.add(set(&["b"], "9").then_silence());
    assert_eq!(subject.next(3).await, ["init", "init b", "done"]);
    assert_eq!(subject.status.state(), State::Complete);
}

#[tokio::test]
async fn a_kind_that_was_never_there_is_not_taken_for_an_empty_one() {
    let no = || raw("text/plain", vec!["404 page not found\n".into()]).code(404);
    let server = Server::start([no(), no(), no(), set(&["a"], "5").then_silence()]).await;
    let mut subject = Subject::of(&server).await;
    assert_eq!(subject.next(3).await, ["init", "init a", "done"], "nothing is said before it is there");
    assert_eq!(server.questions(), ["stream"; 4]);
}

#[tokio::test]
async fn a_kind_that_is_not_served_is_asked_for_again_once_discovery_names_it() {
    let no = || raw("text/plain", vec!["404 page not found\n".into()]).code(404);
    let server = Server::start([no(), set(&["a"], "5"), no(), set(&["b"], "9").then_silence()]).await;
    server.discover(false);
    let mut subject = Subject::of(&server).await;
    subject.until(|state| matches!(state, State::NotFound(_))).await;
    assert!(subject.status.is_settled(Duration::MAX) && !subject.status.was_complete());
    assert!(subject.is_quiet(Duration::from_millis(200)).await);
    assert_eq!(server.questions(), ["stream"], "only discovery is asked");
    assert!(server.discoveries().len() >= 4 && server.discoveries()[..2] == ["/api", "/apis"]);

    server.discover(true);
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    let asked = server.discoveries().len();
    server.discover(false);
    assert_eq!(subject.next(2).await, ["init", "done"], "discovery is the second word of its end");
    assert!(server.discoveries().len() > asked);
    server.discover(true);
    assert_eq!(subject.next(3).await, ["init", "init b", "done"]);
    assert_eq!(server.questions(), ["stream", "stream", "watch 5", "stream"]);
    let asked = server.discoveries().len();
    assert!(subject.is_quiet(Duration::from_millis(150)).await);
    assert_eq!(server.discoveries().len(), asked, "nobody waits any longer");
}

#[tokio::test]
async fn many_who_wait_look_together() {
    let no = || raw("text/plain", vec!["404 page not found\n".into()]).code(404);
    let server = Server::start((0..10).map(|_| no())).await;
    server.discover(false);
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    let mut subjects: Vec<Subject> = (0..10).map(|_| Subject::over(&clients, tuning())).collect();
    let quiet = subjects.iter_mut().map(|subject| subject.is_quiet(Duration::from_millis(400)));
    assert!(futures::future::join_all(quiet).await.into_iter().all(|quiet| quiet));
    // Two paths in at least 20 ms.
    assert!((4..=42).contains(&server.discoveries().len()), "{} requests", server.discoveries().len());
    assert_eq!(server.questions().len(), 10);
    // Whoever asks may leave.
    subjects.truncate(1);
    for _ in 0..10 {
        server.add(set(&["a"], "5").then_silence());
    }
    server.discover(true);
    assert_eq!(subjects[0].next(3).await, ["init", "init a", "done"]);
}

#[tokio::test]
async fn failures_that_may_pass_are_tried_again_and_said() {
    let server = Server::start([
        refusal(500, "InternalError", "etcd is away"),
        refusal(401, "Unauthorized", "who are you"),
        raw("text/html", vec!["<html>login</html>".into()]),
        raw("application/json", vec!["{}".into()]).then_silence(),
        set(&["a"], "5"),
        refusal(500, "InternalError", ""),
        events([thing("ADDED", "b", "6")]).then_silence(),
    ])
    .await;
    let mut subject = Subject::of(&server).await;
    let failing = |wanted: &'static str| move |state: &State| matches!(state, State::Failing { error, .. } if error.contains(wanted));
    let State::Failing { since, .. } = subject.until(failing("500 InternalError: etcd is away")).await else {
        panic!()
    };
    assert!(!subject.status.is_settled(Duration::from_mins(1)));
    assert!(subject.status.is_settled(Duration::ZERO));
    subject.until(failing("401 Unauthorized")).await;
    let last = subject.until(failing("\"application/json\" instead of protobuf")).await;
    assert!(matches!(last, State::Failing { since: later, .. } if later == since));
    assert_eq!(subject.next(4).await, ["init", "init a", "done", "apply b"]);
    assert_eq!(subject.until(|state| *state == State::Complete).await, State::Complete);
    let counts = subject.status.counts();
    // The watch behind the set ended at once, and the next one was refused.
    assert_eq!((counts.list_errors, counts.watch_errors, counts.relists), (4, 2, 0));
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_until_it_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config = Config::new(format!("http://{address}").parse().unwrap());
    let clients = Clients::fixed(config).await.unwrap();
    let mut subject = Subject::over(&clients, tuning());
    let state = subject.until(|state| matches!(state, State::Failing { .. })).await;
    let State::Failing { error, .. } = state else { panic!() };
    assert!(error.contains("Connection refused"), "{error}");

    let server = Server::at(address, [set(&["a"], "5").then_silence()]).await;
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    assert_eq!(server.questions(), ["stream"]);
}

#[tokio::test]
async fn a_server_that_takes_connections_but_never_answers_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = Config::new(format!("http://{}", listener.local_addr().unwrap()).parse().unwrap());
    let clients = Clients::fixed(config).await.unwrap();
    let mut subject = Subject::over(&clients, tuning());
    let start = Instant::now();
    let state = subject.until(|state| matches!(state, State::Failing { .. })).await;
    assert!(matches!(state, State::Failing { error, .. } if &*error == "no answer within 500ms"));
    assert!(start.elapsed() >= Duration::from_millis(500));
}
