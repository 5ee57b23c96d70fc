//! Lists of no more than so many objects.

use super::{
    Clients, Subject,
    server::{Server, events, page, thing},
    things, tuning,
};
use crate::{shard::Shard, watch::Request};
use kube::Config;

async fn subject(server: &Server, request: Request) -> Subject {
    let clients = Clients::fixed(Config::new(server.url().parse().unwrap())).await.unwrap();
    Subject::asking(&clients, request, tuning())
}

/// The limits that the server was asked for, and the questions.
fn asked(server: &Server) -> Vec<(String, String)> {
    let limit = |url: &str| {
        let limit = url.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("limit="));
        limit.unwrap_or_default().to_owned()
    };
    server.asked().iter().map(|asked| limit(&asked.url)).zip(server.questions()).collect()
}

fn wanted(asked: &[(&str, &str)]) -> Vec<(String, String)> {
    asked.iter().map(|(limit, question)| ((*limit).to_owned(), (*question).to_owned())).collect()
}

#[tokio::test]
async fn a_limited_list_ends_in_its_middle_and_its_watch_is_not_limited() {
    let server = Server::start([
        page(&["a", "b"], "10", "t1"),
        page(&["c"], "10", "t2"),
        events([thing("ADDED", "d", "11"), thing("MODIFIED", "e", "12")]).then_silence(),
    ])
    .await;
    let mut subject = subject(&server, Request { limit: Some(3), ..things() }).await;
    assert_eq!(subject.next(7).await, ["init", "init a", "init b", "init c", "done", "apply d", "apply e"]);
    assert_eq!(asked(&server), wanted(&[("2", "page"), ("1", "page t1"), ("", "watch 10")]));
    assert_eq!(subject.status.counts().listed, 3);
}

#[tokio::test]
async fn what_a_server_sends_beyond_the_limit_is_dropped() {
    let server = Server::start([page(&["a", "b", "c"], "10", "")]).await;
    let request = Request { limit: Some(1), cached: true, ..things() };
    let mut subject = subject(&server, request).await;
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    assert!(server.asked()[0].url.ends_with("?limit=1&resourceVersion=0"), "{:?}", server.asked());
    assert_eq!(subject.status.counts().listed, 1);
}

#[tokio::test]
async fn the_limit_is_of_all_shards_together() {
    let server = Server::start([page(&["abc-2", "abc-6"], "10", "t1")]).await;
    let shard = Shard { ordinal: 1, total: 2, ..Shard::default() };
    let mut subject = subject(&server, Request { limit: Some(2), shard, ..things() }).await;
    assert_eq!(subject.next(3).await, ["init", "init abc-2", "done"]);
    assert_eq!(subject.status.counts().listed, 2);
}
