//! Usage as the command's flags and its configuration file ask for it.

use crate::{
    process::{Server, eventually, get},
    world::{Exporter, url},
};
use std::fs;

/// As often as it can be asked for.
const OFTEN: [&str; 4] = [
    "--usage-span=15s",
    "--metric-resolution=1s",
    "--kubelet-request-timeout=900ms",
    "--kubelet-access=proxy",
];

#[test]
fn usage_is_asked_for_and_told_of() {
    let exporter = Exporter::start(&[&OFTEN[..], &["--usage", "--resources=nodes"]].concat());
    let value = |series: &str| exporter.self_metric(series).and_then(|value| value.parse::<f64>().ok());
    eventually("rates of both nodes", || value("kstate_usage_nodes").filter(|nodes| *nodes > 1.5));
    assert_eq!(value("kstate_kubelet_nodes"), Some(2.0));
    assert_eq!(value("kstate_kubelet_nodes_answered"), Some(2.0));
    assert!(value("kstate_usage_containers").is_some_and(|containers| containers > 5.0));
    assert!(
        value("kstate_kubelet_request_duration_seconds_count{result=\"success\"}")
            .is_some_and(|times| times >= 4.0)
    );
    assert!(value("kstate_kubelet_round_timestamp_seconds").is_some_and(|at| at > 1.7e9));

    // Nothing of it without the flag.
    let without = Exporter::start(&["--resources=nodes"]);
    let text = get(without.telemetry, "/metrics").text().to_owned();
    assert!(!text.contains("kubelet") && !text.contains("usage"), "{text}");
}

#[test]
fn usage_follows_the_configuration_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kstate.yml");
    let write = |text: &str| {
        let new = folder.path().join("new.yml");
        fs::write(&new, text).unwrap();
        fs::rename(&new, &file).unwrap();
    };
    write("usage: false\n");
    let (config, apiserver) = (format!("--config={}", file.display()), format!("--apiserver={}", url()));
    let ports = ["--host=127.0.0.1", "--port=0", "--telemetry-host=127.0.0.1", "--telemetry-port=0"];
    let exporter =
        Exporter::start_as_is(&[&ports[..], &OFTEN, &[&config, &apiserver, "--resources=nodes"]].concat());
    let value = |series: &str| exporter.self_metric(series).and_then(|value| value.parse::<f64>().ok());
    assert_eq!(value("kstate_usage_nodes"), None);
    write("usage: true\n");
    eventually("rates of both nodes", || value("kstate_usage_nodes").filter(|nodes| *nodes > 1.5));

    // Another way, on which nothing answers: what can't be understood changes nothing.
    write("usage: true\nkubelet_client_key: /nowhere\n");
    let refused = "kubelet_client_key: its --kubelet-client-certificate is missing";
    eventually("a complaint", || exporter.server.log().contains(refused).then_some(()));
    write("usage: true\nkubelet_certificate_authority: /nowhere\nkubelet_access: direct\n");
    eventually("another", || {
        exporter.server.log().contains("kubelet_certificate_authority: /nowhere: ").then_some(())
    });
    assert_eq!(value("kstate_usage_nodes"), Some(2.0));

    write("usage: false\n");
    eventually("the end of it", || value("kstate_usage_nodes").is_none().then_some(()));
    let times = value("kstate_kubelet_request_duration_seconds_count{result=\"success\"}");
    write("usage: true\n");
    eventually("rates again", || value("kstate_usage_nodes").filter(|nodes| *nodes > 1.5));
    assert!(value("kstate_kubelet_request_duration_seconds_count{result=\"success\"}") > times);
}

#[test]
fn files_that_can_not_be_used_are_told_at_the_start() {
    let apiserver = format!("--apiserver={}", url());
    let mut server = Server::start(&[
        "--port=0",
        "--telemetry-port=0",
        &apiserver,
        "--usage",
        "--kubelet-certificate-authority=/nowhere",
    ]);
    assert_eq!(server.exit_code(), 2);
    let log = server.log();
    assert!(log.contains("kstate: --kubelet-certificate-authority: /nowhere: "), "{log}");
}
