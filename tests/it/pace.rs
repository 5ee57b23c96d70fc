//! Time limits of connections.

use crate::{
    identities::{Folder, SERVER, small_demo},
    process::{LIMIT, eventually, get, receive, run, send},
};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// How long it takes until the server closes a connection.
fn closed_after(mut stream: &TcpStream) -> Duration {
    let start = Instant::now();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let mut bytes = [0; 4096];
    // A reset is an end as well.
    while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
    start.elapsed()
}

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_head_must_arrive_in_time() {
    let (_server, main, telemetry) = small_demo(&["--server-read-header-timeout=1s"]);
    let silent = connect(main);
    let mut trickling = connect(main);
    let trickle = trickling.try_clone().unwrap();
    thread::spawn(move || {
        while trickling.write_all(b"G").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    for (what, stream) in [("silent", &silent), ("trickling", &trickle)] {
        let waited = closed_after(stream);
        assert!(waited < SECOND * 5, "{what}: {waited:?}");
    }
    // The telemetry port has a limit of its own.
    let waited = closed_after(&connect(telemetry));
    assert!(waited > SECOND * 4 && waited < SECOND * 15, "{waited:?}");
    assert_eq!(get(main, "/healthz").status, 200);
}

#[test]
fn a_later_head_has_its_own_limit_and_silence_another() {
    let flags = ["--server-read-header-timeout=1s", "--server-idle-timeout=3s"];
    let (_server, main, _) = small_demo(&flags);
    let ask = |mut stream: &TcpStream| {
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).unwrap();
        assert!(bytes[..read].ends_with(b"OK"), "{:?}", String::from_utf8_lossy(&bytes[..read]));
    };
    let (idle, mut half) = (connect(main), connect(main));
    ask(&idle);
    ask(&half);
    // Longer than a head may take, but nobody asks for anything.
    thread::sleep(SECOND * 3 / 2);
    ask(&idle);
    half.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    let waited = closed_after(&half);
    assert!(waited < SECOND * 2, "half a head: {waited:?}");
    let waited = closed_after(&idle);
    assert!(waited > SECOND && waited < SECOND * 10, "idle: {waited:?}");
}

#[test]
fn an_answer_must_be_taken_in_time() {
    let (server, main, telemetry) =
        small_demo(&["--server-write-timeout=2s", "--nodes=20", "--pods-per-node=200"]);
    let whole = get(main, "/metrics").body.len();
    assert!(whole > 20_000_000, "{whole} bytes fit into the buffers of sockets");
    let start = Instant::now();
    let stalled = send(main, "GET", "/metrics", "");
    let trickling = send(main, "GET", "/metrics", "");
    let mut reader = trickling.try_clone().unwrap();
    let taken = thread::spawn(move || {
        let (mut taken, mut bytes) = (0, [0; 1024]);
        loop {
            match reader.read(&mut bytes) {
                Ok(read) if read > 0 => taken += read,
                _ => return taken,
            }
            thread::sleep(Duration::from_millis(20));
            // What the system has buffered is read fast once the server is gone.
            if start.elapsed() > SECOND * 5 {
                return taken;
            }
        }
    });
    let cut = || get(telemetry, "/metrics").text().contains("\nkstate_scrapes_aborted_total 2\n");
    eventually("both to be cut off", || cut().then_some(()));
    assert!(start.elapsed() >= SECOND * 2, "{:?}", start.elapsed());
    assert!(start.elapsed() < SECOND * 10, "{:?}", start.elapsed());
    assert!(taken.join().unwrap() < whole);
    let mut rest = Vec::new();
    let _ = { stalled }.read_to_end(&mut rest);
    assert!(rest.len() < whole && !rest.ends_with(b"\r\n0\r\n\r\n"), "{} of {whole}", rest.len());
    let said = || server.log().matches("A client was cut off").count() == 2;
    eventually("both to be told by the log", || said().then_some(()));
    // One that reads gets all of it.
    assert_eq!(receive(send(main, "GET", "/metrics", "")).body.len(), whole);
}

#[test]
fn limits_hold_for_secure_connections_too() {
    let folder = Folder::new();
    let file = folder.write("web.yml", SERVER);
    let (_server, main, telemetry) = small_demo(&[
        "--tls-config",
        file.to_str().unwrap(),
        "--server-read-header-timeout=1s",
        "--server-write-timeout=2s",
        "--nodes=20",
        "--pods-per-node=200",
    ]);
    let waited = closed_after(&connect(main));
    assert!(waited < SECOND * 5, "no handshake: {waited:?}");
    let secure = folder.client().connect(main).unwrap();
    let waited = closed_after(&secure.sock);
    assert!(waited < SECOND * 5, "no request: {waited:?}");
    let mut stalled = folder.client().connect(main).unwrap();
    write!(stalled, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stalled.flush().unwrap();
    let cut = || {
        let own = folder.client().get(telemetry, "/metrics").unwrap();
        own.text().contains("\nkstate_scrapes_aborted_total 1\n")
    };
    eventually("the end of a stalled answer", || cut().then_some(()));
}

#[test]
fn an_http2_client_that_grants_no_window_is_cut_off() {
    let (_server, main, telemetry) =
        small_demo(&["--server-write-timeout=2s", "--nodes=20", "--pods-per-node=200"]);
    let runtime = Runtime::new().unwrap();
    let unread = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", main)).await.unwrap();
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::get(format!("http://localhost:{main}/metrics"));
        sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
    });
    assert_eq!(unread.status(), 200);
    let cut = || get(telemetry, "/metrics").text().contains("\nkstate_scrapes_aborted_total 1\n");
    eventually("the end of an answer that nobody reads", || cut().then_some(()));
}

#[test]
fn zero_is_no_limit_and_nonsense_is_refused() {
    let flags = [
        "--server-read-timeout=0",
        "--server-read-header-timeout=0",
        "--server-write-timeout=0s",
        "--server-idle-timeout=0",
    ];
    let (_server, main, _) = small_demo(&flags);
    let mut late = connect(main);
    thread::sleep(SECOND * 6);
    write!(late, "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(receive(late).text(), "OK");
    for flag in flags {
        let flag = flag.split('=').next().unwrap();
        for value in ["soon", "-1s", "5"] {
            let output = run(&["demo", &format!("{flag}={value}")], b"");
            let errors = crate::process::errors(&output);
            assert_eq!(output.status.code(), Some(2), "{errors}");
            assert!(errors.contains(flag) && errors.lines().count() == 1, "{errors}");
        }
    }
}
