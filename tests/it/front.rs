//! What a web configuration asks of requests: users, headers, a limit, and all of it while it changes.

use crate::{
    identities::{Folder, SERVER},
    process::{Answer, eventually, get, request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fs, thread, time::Duration};

/// Passwords are cheap to check here; the documentation's own have a test below.
fn user(name: &str, password: &str) -> String {
    format!("  {name}: {}\n", bcrypt::hash(password, 4).unwrap())
}

fn basic(name: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{name}:{password}")))
}

fn self_metric(answer: &Answer, line: &str) -> bool {
    answer.text().lines().any(|l| {
        l.starts_with(line.split_once('}').unwrap().0) && l.ends_with(line.split_once('}').unwrap().1)
    })
}

#[test]
fn users_need_their_passwords_for_every_path() {
    let folder = Folder::new();
    let users = format!("basic_auth_users:\n{}{}", user("alice", "wonder:land"), user("bob", "builder"));
    let (_server, main, telemetry) = folder.serve(&users);
    for (port, path) in [
        (main, "/metrics"),
        (main, "/healthz"),
        (main, "/"),
        (main, "/nowhere"),
        (telemetry, "/metrics"),
        (telemetry, "/readyz"),
    ] {
        let stranger = get(port, path);
        assert_eq!((stranger.status, stranger.text()), (401, "Unauthorized\n"), "{path}");
        assert_eq!(stranger.header("www-authenticate"), "Basic");
        let found = if path == "/nowhere" { 404 } else { 200 };
        for (name, password, status) in [
            ("alice", "wonder:land", found),
            ("bob", "builder", found),
            ("bob", "wonder:land", 401),
            ("carol", "builder", 401),
            ("", "", 401),
        ] {
            assert_eq!(request(port, "GET", path, &basic(name, password)).status, status, "{name} {path}");
        }
    }
    assert_eq!(request(main, "GET", "/metrics", "Authorization: Bearer x\r\n").status, 401);
}

#[test]
fn the_documentations_users_are_let_in_over_tls_too() {
    let folder = Folder::new();
    let users = "basic_auth_users:
  alice: $2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby
  carol: $2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu
  dave: $2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq
";
    let (_server, main, _) = folder.serve(&format!("{SERVER}{users}"));
    let client = folder.client();
    let status = |headers: &str| client.request(main, "/healthz", headers).unwrap().status;
    assert_eq!(status(""), 401);
    for (name, password, wanted) in [
        ("dave", "dave123", 200),
        ("carol", "carol123", 200),
        ("dave", "bad", 401),
        ("nonexistent", "nonexistent", 401),
    ] {
        assert_eq!(status(&basic(name, password)), wanted, "{name}");
    }
}

#[test]
fn the_five_headers_are_set_on_answers() {
    let folder = Folder::new();
    let (_server, main, telemetry) = folder.serve(
        "http_server_config:
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1
    Content-Security-Policy: \"default-src 'self' *.test.example.net\"
",
    );
    for (port, path) in [(main, "/metrics"), (main, "/nowhere"), (telemetry, "/readyz")] {
        let answer = get(port, path);
        for (name, value) in [
            ("x-frame-options", "deny"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "1"),
            ("content-security-policy", "default-src 'self' *.test.example.net"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
    folder.write("web.yml", "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n");
    let changed = get(main, "/metrics");
    assert_eq!((changed.header("x-frame-options"), changed.header("x-xss-protection")), ("sameorigin", ""));
}

#[test]
fn requests_beyond_the_limit_get_429() {
    let folder = Folder::new();
    let (_server, main, telemetry) = folder.serve("rate_limit: {interval: 1h, burst: 3}\n");
    let statuses = |port| -> Vec<u16> { (0..5).map(|_| get(port, "/healthz").status).collect() };
    assert_eq!(statuses(main), [200, 200, 200, 429, 429]);
    let refused = get(main, "/metrics");
    assert_eq!((refused.status, refused.text()), (429, "Too Many Requests\n"));
    // Each port has a limit of its own.
    assert_eq!(get(telemetry, "/readyz").status, 200);

    folder.write("web.yml", "rate_limit: {interval: 0, burst: 0}\n");
    assert_eq!(statuses(main), [200; 5]);
    folder.write("web.yml", "rate_limit: {interval: \"1s\", burst: 0}\n");
    assert_eq!(statuses(main), [429; 5]);
    folder.write("web.yml", "rate_limit: {interval: 50ms, burst: 1}\n");
    assert_eq!(get(main, "/healthz").status, 200);
    eventually("the next request", || (get(main, "/healthz").status == 200).then_some(()));
}

#[test]
fn a_changed_file_counts_for_the_next_request_and_a_broken_one_never() {
    let folder = Folder::new();
    let with = |users: &str| format!("basic_auth_users:\n{users}");
    let (alice, bob) = (user("alice", "a"), user("bob", "b"));
    let (server, main, telemetry) = folder.serve(&with(&alice));
    let status = |name: &str, password: &str| request(main, "GET", "/healthz", &basic(name, password)).status;
    let usable = |name: &str, password: &str, value: &str| {
        let own = request(telemetry, "GET", "/metrics", &basic(name, password));
        self_metric(&own, &format!("kstate_web_config_usable{{filename=\"}} {value}"))
    };
    assert!(usable("alice", "a", "1"));
    // As fast as it can be written: no clock need tell the changes apart.
    for _ in 0..20 {
        folder.write("web.yml", &with(&bob));
        assert_eq!((status("alice", "a"), status("bob", "b")), (401, 200));
        folder.write("web.yml", &with(&alice));
        assert_eq!((status("alice", "a"), status("bob", "b")), (200, 401));
    }
    let path = folder.write("web.yml", "basic_auth_user: {}\n");
    for broken in ["basic_auth_user: {}\n", "basic_auth_users: {eve: secret}\n", "", SERVER] {
        folder.write("web.yml", broken);
        assert_eq!((status("alice", "a"), get(main, "/healthz").status), (200, 401), "{broken}");
        assert!(usable("alice", "a", "0"), "{broken}");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(status("alice", "a"), 200);
    for (reason, times) in [
        ("did you mean \\\"basic_auth_users\\\"?", 1),
        ("no bcrypt hash", 1),
        ("has become empty", 1),
        ("switched on by a restart only", 1),
        ("No such file", 1),
    ] {
        let plain = reason.replace("\\\"", "\"");
        let is_it = |line: &&str| line.contains(reason) || line.contains(&plain);
        // What is written before an answer may be read after it.
        eventually(reason, || (server.log().lines().filter(is_it).count() == times).then_some(()));
    }
    folder.write("web.yml", &with(&bob));
    assert_eq!((status("alice", "a"), status("bob", "b")), (401, 200));
    assert!(usable("bob", "b", "1"));
}

#[test]
fn a_configmaps_links_are_followed() {
    let folder = Folder::new();
    let root = folder.write("web.yml", "").parent().unwrap().to_owned();
    for (version, name) in [("v1", "alice"), ("v2", "bob")] {
        fs::create_dir(root.join(version)).unwrap();
        let users = format!("basic_auth_users:\n{}", user(name, "x"));
        fs::write(root.join(version).join("web.yml"), users).unwrap();
    }
    std::os::unix::fs::symlink("v1", root.join("..data")).unwrap();
    fs::remove_file(root.join("web.yml")).unwrap();
    std::os::unix::fs::symlink("..data/web.yml", root.join("web.yml")).unwrap();
    let file = root.join("web.yml");
    let (_server, main, _) = crate::identities::small_demo(&["--tls-config", file.to_str().unwrap()]);
    let status = |name: &str| request(main, "GET", "/healthz", &basic(name, "x")).status;
    assert_eq!((status("alice"), status("bob")), (200, 401));
    std::os::unix::fs::symlink("v2", root.join("..new")).unwrap();
    fs::rename(root.join("..new"), root.join("..data")).unwrap();
    assert_eq!((status("alice"), status("bob")), (401, 200));
}

#[test]
fn many_requests_with_one_slow_password_are_all_answered() {
    let folder = Folder::new();
    let hash = bcrypt::hash("slow", 9).unwrap();
    let (_server, main, _) = folder.serve(&format!("basic_auth_users:\n  alice: {hash}\n"));
    let requests: Vec<_> = (0..40)
        .map(|number| {
            let password = if number % 2 == 0 { "slow" } else { "wrong" };
            thread::spawn(move || request(main, "GET", "/healthz", &basic("alice", password)).status)
        })
        .collect();
    let statuses: Vec<u16> = requests.into_iter().map(|request| request.join().unwrap()).collect();
    assert!(statuses.chunks(2).all(|pair| pair == [200, 401]), "{statuses:?}");
    thread::sleep(Duration::from_millis(1));
}
