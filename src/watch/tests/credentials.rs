//! Tokens, servers and proxies that come from files.

use super::{
    Clients, Subject,
    server::{Server, events, refusal, set, thing},
    tuning,
};
use crate::watch::Source;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

fn kubeconfig(folder: &Path, server: &str, token: &str, more: &str) -> PathBuf {
    let path = folder.join("config");
    let text = format!(
        "{{apiVersion: v1, kind: Config, current-context: c, \
         contexts: [{{name: c, context: {{cluster: k, user: u}}}}], \
         clusters: [{{name: k, cluster: {{server: '{server}'{more}}}}}], \
         users: [{{name: u, user: {{token: {token}}}}}]}}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

async fn clients(kubeconfig: PathBuf) -> Clients {
    let source = Source { kubeconfig: Some(kubeconfig), apiserver: None };
    let clients = Clients::load(source).await.unwrap();
    let fresh = clients.clone();
    tokio::spawn(async move { fresh.keep_fresh(Duration::from_millis(20)).await });
    clients
}

#[tokio::test]
async fn changed_credentials_take_over_without_a_relist() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([set(&["a"], "5").then_silence()]).await;
    let clients = clients(kubeconfig(folder.path(), &server.url(), "first", "")).await;
    let mut subject = Subject::over(&clients, tuning());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    server.add(events([thing("ADDED", "b", "6")]).then_silence());
    kubeconfig(folder.path(), &server.url(), "second", "");
    assert_eq!(subject.next(1).await, ["apply b"]);
    assert_eq!(server.questions(), ["stream", "watch 5"]);
    let asked = server.asked();
    assert_eq!(asked[0].headers["authorization"], "Bearer first");
    assert_eq!(asked[1].headers["authorization"], "Bearer second");
    let agent = asked[1].headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("kstate/") && agent.ends_with(')'), "{agent}");
}

#[tokio::test]
async fn a_half_written_file_leaves_the_old_client() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([set(&["a"], "5").then_silence()]).await;
    let path = kubeconfig(folder.path(), &server.url(), "first", "");
    let clients = clients(path.clone()).await;
    let mut subject = Subject::over(&clients, tuning());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    std::fs::write(&path, "clusters: [{").unwrap();
    assert!(subject.is_quiet(Duration::from_millis(100)).await);
    server.add(events([thing("ADDED", "b", "6")]).then_silence());
    kubeconfig(folder.path(), &server.url(), "second", "");
    assert_eq!(subject.next(1).await, ["apply b"]);
}

#[tokio::test]
async fn another_server_means_reading_everything_again() {
    let folder = tempfile::tempdir().unwrap();
    let old = Server::start([set(&["a"], "5").then_silence()]).await;
    let clients = clients(kubeconfig(folder.path(), &old.url(), "t", "")).await;
    let mut subject = Subject::over(&clients, tuning());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    let new = Server::start([set(&["b"], "5").then_silence()]).await;
    kubeconfig(folder.path(), &new.url(), "t", "");
    assert_eq!(subject.next(3).await, ["init", "init b", "done"]);
    assert_eq!(new.questions(), ["stream"]);
}

#[tokio::test]
async fn new_credentials_end_the_wait_after_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([
        refusal(401, "Unauthorized", ""),
        refusal(401, "Unauthorized", ""),
        refusal(401, "Unauthorized", ""),
        set(&["a"], "5").then_silence(),
    ])
    .await;
    let clients = clients(kubeconfig(folder.path(), &server.url(), "first", "")).await;
    let mut subject = Subject::over(&clients, tuning());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
}

#[tokio::test]
async fn a_proxy_is_asked_to_tunnel() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([set(&["a"], "5").then_silence()]).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let more = format!(", proxy-url: 'http://me:pa%40ss@{}'", proxy.local_addr().unwrap());
    let clients = clients(kubeconfig(folder.path(), "http://api.example:80", "t", &more)).await;
    let target = server.address();
    let tunnel = tokio::spawn(async move {
        let (mut client, _) = proxy.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut server = TcpStream::connect(target).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        String::from_utf8(head).unwrap()
    });
    let mut subject = Subject::over(&clients, tuning());
    assert_eq!(subject.next(3).await, ["init", "init a", "done"]);
    let head = tunnel.await.unwrap().to_lowercase();
    assert!(head.starts_with("connect api.example:80 http/1.1\r\n"), "{head}");
    // "me:pa@ss"
    assert!(head.contains("proxy-authorization: basic bwu6cgfac3m=\r\n"), "{head}");
}
