//! Both ports of a running exporter, as clients see them.

use crate::{
    identities::small_demo,
    process::{Server, eventually, get, kstate, receive, request, run, send},
};
use flate2::read::MultiGzDecoder;
use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
    time::Instant,
};

/// A demonstration that doesn't change, on free ports.
fn demo(pods_per_node: usize) -> (Server, u16, u16) {
    demo_with(pods_per_node, &[])
}

/// The same with more flags.
fn demo_with(pods_per_node: usize, flags: &[&str]) -> (Server, u16, u16) {
    let pods = format!("--pods-per-node={pods_per_node}");
    let own = ["demo", "--port=0", "--telemetry-port=0", "--updates-per-second=0", "--nodes=20", &pods];
    let server = Server::start(&[&own, flags].concat());
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

/// Whether a sample is of an object of a namespace. Others may name the namespace in other labels.
fn is_in(line: &str, namespace: &str) -> bool {
    ['{', ','].iter().any(|before| line.contains(&format!("{before}namespace=\"{namespace}\"")))
}

#[test]
fn queries_choose_families_namespaces_and_parts() {
    let (_server, main, _) = demo(15);
    let samples = |path: &str| -> BTreeSet<String> {
        let answer = get(main, path);
        assert_eq!(answer.status, 200, "{path}");
        answer.text().lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    let all = samples("/metrics");
    let info = samples("/metrics?family=kube_pod_info");
    assert_eq!(info.len(), 300);
    assert!(info.is_subset(&all) && info.iter().all(|line| line.starts_with("kube_pod_info{")));
    let label = info.first().unwrap().split([',', '{']).nth(1).unwrap();
    let namespace = label.split('"').nth(1).unwrap();
    let of_namespace = samples(&format!("/metrics?namespace={namespace}"));
    let wanted = all.iter().filter(|line| is_in(line, namespace)).cloned().collect();
    assert_eq!(of_namespace, wanted);
    let parts: Vec<_> = (1..=4).map(|part| samples(&format!("/metrics?part={part}&of=4"))).collect();
    assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), all.len());
    assert_eq!(parts.into_iter().flatten().collect::<BTreeSet<_>>(), all);

    for query in ["part=5&of=4", "part=1", "of=0&part=0", "family=a-b", "namespace="] {
        let answer = get(main, &format!("/metrics?{query}"));
        assert_eq!((answer.status, answer.text().lines().count()), (400, 1), "{query}: {}", answer.text());
    }
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
    let named =
        get(telemetry, "/metrics?name[]=kstate_scrapes_total&name%5B%5D=http_request_duration_seconds");
    let found: BTreeSet<&str> = named.text().lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(found, BTreeSet::from(["kstate_scrapes_total", "http_request_duration_seconds"]));
    assert!(named.text().contains("\nhttp_request_duration_seconds_bucket{"));
    assert_eq!(get(telemetry, "/metrics?name[]=kstate").text(), "");
    let gzip = request(telemetry, "GET", "/metrics?name[]=kstate_scrapes_total", "Accept-Encoding: gzip\r\n");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut unpacked = String::new();
    MultiGzDecoder::new(&gzip.body[..]).read_to_string(&mut unpacked).unwrap();
    assert!(unpacked.ends_with("\nkstate_scrapes_total 1\n"), "{unpacked}");
}

#[test]
fn samples_are_counted_by_family_and_namespace() {
    let (_server, main, telemetry) = demo(15);
    let count = |path: &str, accept: &str| -> serde_json::Value {
        let answer = request(telemetry, "GET", path, accept);
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}");
        serde_json::from_slice(&answer.body).unwrap()
    };
    let counted = count("/debug/cardinality?format=json", "");
    assert_eq!(count("/debug/cardinality", "Accept: application/json\r\n"), counted);
    let metrics = get(main, "/metrics");
    let samples: Vec<&str> = metrics.text().lines().filter(|line| !line.starts_with('#')).collect();
    let check = |counted: &serde_json::Value, is_one: &dyn Fn(&str) -> bool| {
        let wanted: Vec<&&str> = samples.iter().filter(|line| is_one(line)).collect();
        assert_eq!(counted["samples"], wanted.len(), "{counted}");
        assert_eq!(counted["bytes"], wanted.iter().map(|line| line.len() + 1).sum::<usize>(), "{counted}");
    };
    check(&counted, &|_| true);
    for family in counted["families"].as_array().unwrap() {
        let name = family["family"].as_str().unwrap();
        check(family, &|line| line.split(['{', ' ']).next() == Some(name));
    }
    let namespaces = counted["namespaces"].as_array().unwrap();
    for namespace in namespaces.iter().filter(|namespace| namespace["namespace"] != "") {
        let name = namespace["namespace"].as_str().unwrap();
        check(namespace, &|line| is_in(line, name));
    }
    assert!(namespaces.len() > 2 && namespaces.is_sorted_by_key(|n| -n["samples"].as_i64().unwrap()));

    let nodes = count("/debug/cardinality?format=json&resources=nodes&family=kube_node_info", "");
    assert_eq!((&nodes["samples"], nodes["families"].as_array().unwrap().len()), (&20.into(), 1));
    let page = get(telemetry, "/debug/cardinality");
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("<th>kube_pod_info</th><th>pods</th><td>300</td>"), "{}", page.text());
    assert_eq!(get(telemetry, "/debug/cardinality?part=2").status, 400);
}

#[test]
fn profiles_are_refused_with_the_reason() {
    let (_server, _, telemetry) = demo(1);
    for (path, said) in [
        ("/debug/pprof/profile?seconds=5", "perf record"),
        ("/debug/pprof/heap", "kstate_memory_"),
        ("/debug/pprof/trace", "Go's runtime"),
        ("/debug/pprof/", "Go's runtime"),
    ] {
        let answer = get(telemetry, path);
        assert_eq!((answer.status, answer.text().lines().count()), (404, 1), "{path}");
        assert!(answer.text().contains(said), "{path}: {}", answer.text());
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
    let (_server, main, telemetry) = demo_with(200, &["--max-concurrent-scrapes=3"]);
    let stalled: Vec<TcpStream> = (0..3).map(|_| send(main, "GET", "/metrics", "")).collect();
    for stream in &stalled {
        stream.peek(&mut [0; 1]).unwrap();
    }
    let refused = get(main, "/metrics");
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(refused.text().lines().count(), 1, "{}", refused.text());
    assert!(get(telemetry, "/metrics").text().contains("\nkstate_scrapes_refused_total 1\n"));
    assert_eq!(request(main, "HEAD", "/metrics", "").status, 200, "it takes no place");
    drop(stalled);
    eventually("a free place", || (get(main, "/metrics").status == 200).then_some(()));
}

#[test]
fn encodings_are_those_that_clients_take() {
    let (_server, main, _) = demo(1);
    let head =
        |encodings: &str| request(main, "HEAD", "/metrics", &format!("Accept-Encoding: {encodings}\r\n"));
    assert_eq!(head("gzip;q=0.5, identity").header("content-encoding"), "");
    assert_eq!(head("identity;q=0, gzip;q=0.5").header("content-encoding"), "gzip");
    assert_eq!(head("br\r\nAccept-Encoding: gzip").header("content-encoding"), "gzip", "a second line");
    let refused = request(main, "GET", "/metrics", "Accept-Encoding: br, *;q=0\r\n");
    assert_eq!((refused.status, refused.text().lines().count()), (406, 1));

    let (_server, main, _) = demo_with(1, &["--enable-gzip-encoding=false"]);
    let plain = request(main, "GET", "/metrics", "Accept-Encoding: gzip\r\n");
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept"));
    assert!(plain.text().contains("\nkube_pod_info{"));
}

#[test]
fn a_scrape_that_nobody_waits_for_ends() {
    let (_server, main, telemetry) = demo(200);
    let patience = "X-Prometheus-Scrape-Timeout-Seconds: 0.2\r\n";
    let mut late = send(main, "GET", "/metrics", patience);
    std::thread::sleep(std::time::Duration::from_millis(400));
    let mut read = Vec::new();
    let _ = late.read_to_end(&mut read);
    assert!(read.starts_with(b"HTTP/1.1 200") && !read.ends_with(b"0\r\n\r\n"), "it was cut off");
    eventually("a record of it", || {
        get(telemetry, "/metrics").text().contains("\nkstate_scrapes_aborted_total 1\n").then_some(())
    });
    let patient = request(main, "GET", "/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 25\r\n");
    assert!(patient.body.len() > read.len());
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
