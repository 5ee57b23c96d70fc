//! `kstate compare` as a command, on files, pipes and servers.

use crate::{
    identities::{Folder, SERVER, small_demo},
    process::{errors, get, kstate, run},
};
use expect_test::expect;
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::{fs, io::Write as _, path::Path, process::Output};

const OLD: &str = r#"# HELP a What it is.
# TYPE a gauge
a{x="1"} 1
a{x="2"} 2
a{x="3"} 3
# TYPE kube_lease_renew_time gauge
kube_lease_renew_time{lease="a"} 1.7e+09
# TYPE gone gauge
gone 1
"#;

const NEW: &str = r#"# HELP a It is what.
# TYPE a counter
a{y="9"} 4
a{x="2"} 2.5
# TYPE kube_lease_renew_time gauge
kube_lease_renew_time{lease="a"} 1.70000001e+09
# TYPE come gauge
come{z="1"} +Inf
# EOF
"#;

/// A folder with the expositions `old` and `new`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old"), OLD).unwrap();
    fs::write(folder.path().join("new"), NEW).unwrap();
    folder
}

/// Compares in a folder.
fn compare(folder: &Path, arguments: &[&str]) -> Output {
    kstate(&[&["compare"], arguments].concat()).current_dir(folder).output().unwrap()
}

fn text(output: &Output, code: i32) -> String {
    assert_eq!((output.status.code(), errors(output)), (Some(code), String::new()));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn differences_are_listed_by_family_with_a_summary() {
    let folder = folder();
    let text = text(&compare(folder.path(), &["old", "new", "--examples=1"]), 1);
    // When files were written is not the same each time.
    let head = text.lines().take(2).map(|line| line.rsplit_once(", 20").unwrap().0);
    let rest = text.lines().skip(2);
    let text = head.chain(rest).collect::<Vec<_>>().join("\n") + "\n";
    expect![[r#"
        --- old: 3 families, 5 samples
        +++ new: 3 families, 4 samples, OpenMetrics
            Only one is OpenMetrics: types are compared as the text format has them.

        a: 2 only in old, 1 only in new, 1 with another value, another type, other label names
          type: gauge -> counter
        + labels: y
        - a{x="1"} 1
          … and 1 more
        + a{y="9"} 4
        ~ a{x="2"} 2 -> 2.5

        come: only in new, 1 sample
        + come{z="1"} +Inf

        gone: only in old, 1 sample
        - gone 1

        kube_lease_renew_time: 1 with another value
        ~ kube_lease_renew_time{lease="a"} 1.7e+09 -> 1.70000001e+09

        4 families differ; families: 1 only in old, 1 only in new, 1 with another type, 1 with other label names; samples: 3 only in old, 2 only in new, 2 with another value.
    "#]].assert_eq(&text);
}

#[test]
fn tolerance_help_and_all_examples_are_flags() {
    let folder = folder();
    let at = |flags: &[&str]| text(&compare(folder.path(), &[&["old", "new"], flags].concat()), 1);
    assert!(
        at(&["--tolerance=9s"]).contains("~ kube_lease_renew_time{lease=\"a\"} 1.7e+09 -> 1.70000001e+09\n")
    );
    assert!(!at(&["--tolerance=10s"]).contains("kube_lease_renew_time"));
    assert!(at(&["--help-texts"]).contains("\n  help: What it is. -> It is what.\n"));
    let few = at(&["--examples=1"]);
    assert!(few.contains("- a{x=\"1\"} 1\n  … and 1 more\n") && !few.contains("- a{x=\"3\"} 3"), "{few}");
    assert!(at(&["--examples=1", "--all"]).contains("- a{x=\"1\"} 1\n- a{x=\"3\"} 3\n"));
    assert!(!at(&["--examples=0"]).contains("\n- a{"));
}

#[test]
fn json_has_the_same_under_keys_that_stay() {
    let folder = folder();
    let output = compare(folder.path(), &["old", "new", "-o", "json"]);
    let mut report: Value = serde_json::from_str(&text(&output, 1)).unwrap();
    for side in ["old", "new"] {
        assert!(report[side]["time"].take().as_str().unwrap().ends_with('Z'));
    }
    report["families"].as_array_mut().unwrap().truncate(1);
    expect![[r#"
        {
          "empty_families_of_one_side": 0,
          "families": [
            {
              "examples_changed": [
                {
                  "new": "2.5",
                  "old": "2",
                  "series": "a{x=\"2\"}"
                }
              ],
              "examples_only_in": {
                "new": [
                  "a{y=\"9\"} 4"
                ],
                "old": [
                  "a{x=\"1\"} 1",
                  "a{x=\"3\"} 3"
                ]
              },
              "helps": null,
              "labels_only_in": {
                "new": [
                  "y"
                ],
                "old": []
              },
              "name": "a",
              "samples": {
                "new": 2,
                "old": 3
              },
              "samples_only_in": {
                "new": 1,
                "old": 2
              },
              "types": {
                "new": "counter",
                "old": "gauge"
              },
              "values_changed": 1
            }
          ],
          "new": {
            "families": 3,
            "format": "openmetrics",
            "repeated_samples": 0,
            "samples": 4,
            "source": "new",
            "time": null
          },
          "old": {
            "families": 3,
            "format": "text",
            "repeated_samples": 0,
            "samples": 5,
            "source": "old",
            "time": null
          },
          "same": false,
          "seconds_apart": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn what_is_the_same_ends_with_0_however_it_comes() {
    let folder = folder();
    fs::write(folder.path().join("packed"), gzip(OLD.as_bytes())).unwrap();
    for arguments in [["old", "old"], ["old", "packed"], ["packed", "old"]] {
        let text = text(&compare(folder.path(), &arguments), 0);
        assert_eq!(text.lines().last().unwrap(), "The same: 3 families, 5 samples.", "{text}");
    }
    let old = folder.path().join("old");
    for input in [OLD.as_bytes(), &gzip(OLD.as_bytes())] {
        let output = run(&["compare", "-", old.to_str().unwrap()], input);
        assert!(text(&output, 0).starts_with("--- standard input: 3 families, 5 samples\n"));
    }
}

#[test]
fn servers_are_scraped() {
    let (_server, main, telemetry) = small_demo(&[]);
    let url = format!("http://127.0.0.1:{main}/metrics");
    let scraped = get(main, "/metrics").body;
    let output = run(&["compare", &url, "-"], &scraped);
    let text = text(&output, 0);
    assert!(text.starts_with(&format!("--- {url}: ")), "{text}");

    // The query is a part of the URL.
    let output = run(&["compare", &format!("{url}?resources=nodes"), &url], b"");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("kube_pod_info: only in new, ") && !text.contains("kube_node_info"), "{text}");

    let output = run(&["compare", &url, &format!("http://127.0.0.1:{telemetry}/nowhere")], b"");
    assert_eq!(output.status.code(), Some(2));
    let said = errors(&output);
    assert!(said.contains("/nowhere: the server answered 404") && said.lines().count() == 1, "{said}");
}

#[test]
fn servers_may_ask_for_tls_and_tokens() {
    let folder = Folder::new();
    let (_server, main, _) = folder.serve(SERVER);
    let url = format!("https://localhost:{main}/metrics");
    let roots = folder.write("roots.pem", &folder.authority.certificate);
    let trusting = kstate(&["compare", &url, &url]).env("SSL_CERT_FILE", &roots).output().unwrap();
    assert_eq!(errors(&trusting), "");
    assert!(trusting.status.success());
    let any = run(&["compare", &url, &url, "--insecure-skip-tls-verify"], b"");
    assert!(any.status.success(), "{}", errors(&any));
    let output = run(&["compare", &url, &url], b"");
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("certificate") && said.lines().count() == 1, "{said}");
}

#[test]
fn the_token_of_a_file_is_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            std::io::Read::read_exact(&mut stream, &mut byte).unwrap();
            head.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\na 1\n").unwrap();
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "Secret\n").unwrap();
    let flag = format!("--bearer-token-file={}", token.display());
    let output = run(&["compare", &url, "-", &flag], b"a 1\n");
    assert!(output.status.success(), "{}", errors(&output));
    let head = server.join().unwrap();
    assert!(head.contains("\r\nauthorization: bearer secret\r\n"), "{head}");
    assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
}

#[test]
fn what_can_not_be_read_gets_one_line_with_its_place() {
    let folder = folder();
    let packed = gzip(OLD.as_bytes());
    fs::write(folder.path().join("cut"), &packed[..packed.len() / 2]).unwrap();
    fs::write(folder.path().join("page"), "a 1\n<html>\n").unwrap();
    fs::write(folder.path().join("half"), "a 1\na{x=\"1").unwrap();
    for (arguments, said) in [
        (&["old", "page"][..], "kstate: page: line 2: a metric's name was expected at \"<html>\""),
        (&["half", "old"], "kstate: half: line 2: it has no line break, so that something may be missing"),
        (&["old", "cut"], "kstate: cut: line "),
        (&["missing", "old"], "kstate: missing can't be read: "),
        (&["-", "-"], "kstate: OLD and NEW can't both be standard input"),
        (&["http://", "old"], "kstate: \"http://\" is no URL of a server"),
        (&["http://127.0.0.1:1/metrics", "old"], "kstate: http://127.0.0.1:1/metrics: "),
        (&["old", "new", "--bearer-token-file=missing"], "kstate: --bearer-token-file: missing: "),
        (&["old"], "kstate: the following required arguments were not provided: <NEW>"),
    ] {
        let output = compare(folder.path(), arguments);
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.starts_with(said) && errors.lines().count() == 1, "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty());
    }
}
