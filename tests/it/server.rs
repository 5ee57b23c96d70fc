//! Both ports of a running exporter, as clients see them.

use crate::{
    identities::small_demo,
    process::{Server, eventually, get, kstate, receive, request, run, send},
};
use flate2::read::MultiGzDecoder;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
    time::Instant,
};

/// A demonstration that doesn't change, on free ports.
fn demo(pods_per_node: usize) -> (Server, u16, u16) {
    let pods = format!("--pods-per-node={pods_per_node}");
    let server = Server::start(&[
        "demo",
        "--port=0",
        "--telemetry-port=0",
        "--updates-per-second=0",
        "--nodes=20",
        &pods,
    ]);
    let (main, telemetry) = server.ports();
    (server, main, telemetry)
}

#[test]
fn answers_are_negotiated() {
    let (_server, main, _) = demo(15);
    let plain = get(main, "/metrics");
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(plain.header("vary"), "Accept, Accept-Encoding");
    assert!(plain.text().contains("\nkube_pod_info{namespace=\""));
    assert!(plain.text().lines().filter(|line| !line.starts_with('#')).count() > 10_000);

    let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2\r\n";
    let open_metrics = request(main, "GET", "/metrics", accept);
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";
    assert_eq!(open_metrics.header("content-type"), content_type);
    assert_eq!(open_metrics.text(), plain.text().to_owned() + "# EOF\n");

    let gzip = request(main, "GET", "/metrics", "Accept-Encoding: gzip\r\n");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&gzip.body[..]).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.body);
    assert!(gzip.body.len() * 3 < plain.body.len());

    let nodes = get(main, "/metrics?resources=nodes");
    assert!(nodes.text().contains("kube_node_info{") && !nodes.text().contains("kube_pod_info{"));
    assert!(plain.text().contains(nodes.text()));
    assert_eq!(get(main, "/metrics?resources=").body.len(), 0);
}

#[test]
fn methods_and_paths_are_those_of_an_exporter() {
    let (_server, main, telemetry) = demo(1);
    for (port, method, path, status) in [
        (main, "GET", "/", 200),
        (main, "GET", "/healthz", 200),
        (main, "GET", "/livez", 200),
        (main, "POST", "/metrics", 200),
        (main, "GET", "/readyz", 404),
        (main, "GET", "/metrics/", 404),
        (main, "GET", "/nowhere", 404),
        (main, "DELETE", "/healthz", 405),
        (telemetry, "GET", "/", 200),
        (telemetry, "GET", "/readyz", 200),
        (telemetry, "GET", "/metrics", 200),
        (telemetry, "GET", "/livez", 404),
        (telemetry, "PUT", "/readyz", 405),
    ] {
        let answer = request(port, method, path, "");
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(status != 405 || answer.header("allow").contains("GET"), "{}", answer.head);
    }
    for path in ["/healthz", "/livez"] {
        assert_eq!(get(main, path).text(), "OK");
    }
    for (port, link) in [(main, "href=\"/metrics\""), (telemetry, "href=\"/readyz\"")] {
        let page = get(port, "/");
        assert!(page.header("content-type").starts_with("text/html") && page.text().contains(link));
    }
    for (port, path) in [(main, "/metrics"), (main, "/healthz"), (telemetry, "/metrics")] {
        let head = request(port, "HEAD", path, "");
        assert_eq!((head.status, head.body.len()), (200, 0), "HEAD {path}");
        assert_eq!(head.header("content-type"), get(port, path).header("content-type"));
    }
    assert_eq!(
        request(main, "HEAD", "/metrics", "").header("content-length"),
        "",
        "a length that isn't known"
    );
}

#[test]
fn telemetry_tells_of_scrapes_and_kinds() {
    let (_server, main, telemetry) = demo(15);
    let samples = get(main, "/metrics").text().lines().filter(|line| !line.starts_with('#')).count();
    let wanted = format!("kstate_scrape_samples {samples}");
    eventually(&wanted, || get(telemetry, "/metrics").text().lines().any(|l| l == wanted).then_some(()));
    let metrics = get(telemetry, "/metrics");
    for line in [
        "kstate_resource_objects{resource=\"nodes\"} 20",
        "kstate_resource_complete{resource=\"pods\"} 1",
        "kstate_resource_state{resource=\"pods\",state=\"complete\"} 1",
        "kstate_resource_decode_errors_total{resource=\"pods\"} 0",
        "kube_state_metrics_list_total{result=\"success\",resource=\"*v1.Pod\"} 1",
        "http_request_duration_seconds_count{handler=\"metrics\",method=\"get\"} 1",
    ] {
        assert!(metrics.text().lines().any(|l| l == line), "{line} is missing in\n{}", metrics.text());
    }
}

#[test]
fn a_slow_reader_holds_up_nobody() {
    let (_server, main, _) = demo(200);
    let slow: Vec<TcpStream> = (0..4).map(|_| send(main, "GET", "/metrics", "")).collect();
    let whole = get(main, "/metrics").body.len();
    assert!(whole > 20_000_000, "{whole} bytes fit into the buffers of sockets");
    let answers: Vec<usize> = slow.into_iter().map(|stream| receive(stream).body.len()).collect();
    assert!(answers.iter().all(|&length| length == whole), "{answers:?}");
}

#[test]
fn more_scrapes_than_are_good_are_refused() {
    let (_server, main, telemetry) = demo(200);
    let stalled: Vec<TcpStream> = (0..40).map(|_| send(main, "GET", "/metrics", "")).collect();
    for stream in &stalled {
        stream.peek(&mut [0; 1]).unwrap();
    }
    let refused = get(main, "/metrics");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(refused.text().lines().count(), 1, "{}", refused.text());
    assert!(get(telemetry, "/metrics").text().contains("\nkstate_scrapes_refused_total 1\n"));
    drop(stalled);
    eventually("a free place", || (get(main, "/metrics").status == 200).then_some(()));
}

#[test]
fn idle_connections_cost_no_answers() {
    // Without it they would not be idle for long.
    let (_server, main, _) = small_demo(&["--server-read-header-timeout=1m"]);
    let idle: Vec<TcpStream> = (0..1000).map(|_| TcpStream::connect(("127.0.0.1", main)).unwrap()).collect();
    assert_eq!(get(main, "/healthz").status, 200);
    // Each of them may speak up at last.
    for mut stream in idle.into_iter().step_by(100) {
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(receive(stream).text(), "OK");
    }
}

#[test]
fn a_signal_lets_running_scrapes_finish() {
    for signal in ["TERM", "INT"] {
        let (mut server, main, _) = demo(200);
        let whole = get(main, "/metrics").body.len();
        let running = send(main, "GET", "/metrics", "");
        // The answer has begun, and most of it waits for its reader.
        running.peek(&mut [0; 1]).unwrap();
        let asked = Instant::now();
        server.signal(signal);
        eventually("a closed port", || TcpStream::connect(("127.0.0.1", main)).err());
        assert_eq!(receive(running).body.len(), whole);
        assert_eq!(server.exit_code(), 0);
        assert!(asked.elapsed().as_secs() < 10, "nobody was left to wait for");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("--port={}", taken.local_addr().unwrap().port());
    let output = run(&["demo", "--host=127.0.0.1", &port, "--telemetry-port=0"], b"");
    let errors = crate::process::errors(&output);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(&taken.local_addr().unwrap().to_string()), "{errors}");
}

#[test]
fn one_exposition_goes_to_standard_output() {
    let once = |seed: &str| run(&["demo", "--once", "--nodes=3", "--updates-per-second=0", seed], b"");
    let output = once("--seed=7");
    assert!(output.status.success(), "{}", crate::process::errors(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("\nkube_node_info{").count(), 3);
    // A reader that has seen enough is no error.
    let mut child =
        kstate(&["demo", "--once"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
