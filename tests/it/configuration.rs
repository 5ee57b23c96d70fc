//! The configuration file, read once.

use crate::process::{Server, errors, get, run};
use std::fs;
use tempfile::TempDir;

fn file(content: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kstate.yml");
    fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn a_check_lists_all_that_is_wrong() {
    let (_folder, path) = file("port: eighty\nprot: 1\nresources:\n  pod: {}\n");
    let output = run(&["config", "check", &path], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(errors(&output), "");
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with(&format!("{path}:1: port: ")), "{said}");
    assert!(lines[1].starts_with(&format!("{path}:4: resources: has no kind \"pod\"")), "{said}");
    let strict = run(&["config", "check", "--strict-config", &path], b"");
    assert_eq!(String::from_utf8(strict.stdout).unwrap().lines().count(), 3);

    fs::write(&path, "port: 80\nprot: 1\n").unwrap();
    let output = run(&["config", "check", &path], b"");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with(&format!("{path}:2: prot: ")) && said.lines().count() == 1, "{said}");
    assert_eq!(run(&["config", "check", "--strict-config", &path], b"").status.code(), Some(2));
    fs::remove_file(&path).unwrap();
    let output = run(&["config", "check", &path], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains(&path));
}

#[test]
fn a_file_that_can_not_be_used_ends_the_start_with_one_line() {
    let (_folder, path) = file("");
    let missing = format!("{path}.missing");
    for (content, more, named) in [
        ("port: eighty", &[][..], ":1: port: "),
        ("\nresources: {pod: {}}\nnode: []\n", &[], ":2: resources: has no kind"),
        ("prot: 1", &["--strict-config"], ":1: prot: "),
        (
            "telemetry_port: 0\nkubeconfig: /nowhere/config",
            &["--port=0"],
            ":2: kubeconfig: /nowhere/config: ",
        ),
        (
            "port: 0\ntls_config: /nowhere/web.yml",
            &["--telemetry-port=0"],
            ":2: tls_config: /nowhere/web.yml: ",
        ),
        ("port: 0\napiserver: '::::'", &["--telemetry-port=0"], ":2: apiserver: ::::: "),
    ] {
        fs::write(&path, content).unwrap();
        let output = run(&[&["--config", &path], more].concat(), b"");
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{content}: {errors}");
        let said: Vec<&str> = errors.lines().filter(|line| line.starts_with("kstate: ")).collect();
        assert!(
            said.len() == 1 && said[0].starts_with(&format!("kstate: {path}{named}")),
            "{content}: {errors}"
        );
    }
    let output = run(&["--config", &missing], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).starts_with(&format!("kstate: {missing}: ")), "{}", errors(&output));
}

#[test]
fn a_file_counts_more_than_flags_and_may_be_missing_where_that_is_allowed() {
    let simulator =
        Server::start(&["simulate", "--listen=127.0.0.1:0", "--nodes=1", "--updates-per-second=0"]);
    let server = format!("--apiserver=http://{}", simulator.printed("http://").trim_end_matches('.'));
    let (_folder, path) = file("host: 127.0.0.1\nport: 0\nresources: {nodes: {}}\nprot: 1\n");
    let missing = format!("{path}.missing");
    let start = |flags: &[&str]| Server::start(&[&[&*server, "--telemetry-port=0"], flags].concat());
    let kinds = |exporter: &Server| {
        let (main, telemetry) = exporter.ports();
        crate::process::eventually("readiness", || (get(telemetry, "/readyz").status == 200).then_some(()));
        let text = get(main, "/metrics").text().to_owned();
        (text.contains("kube_node_info{"), text.contains("kube_pod_info{"))
    };
    let exporter = start(&["--config", &path, "--port=1", "--resources=pods"]);
    assert_eq!(kinds(&exporter), (true, false));
    assert!(exporter.log().contains(&format!("{path}:4: prot: ")), "{}", exporter.log());
    let exporter =
        start(&["--config", &missing, "--continue-without-config", "--port=0", "--resources=pods"]);
    assert_eq!(kinds(&exporter), (false, true));
    assert!(exporter.log().contains(&missing), "{}", exporter.log());
}

#[test]
fn commands_that_take_the_exporters_flags_take_its_file() {
    let (_folder, path) =
        file("resources: {namespaces: {}}\nnamespaces: [a]\nexternal_labels: {cluster: x}\nport: 1\n");
    let objects = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a, uid: u}\nstatus: {phase: Active}\n";
    let rendered = run(&["render", "--config", &path, "--resources=pods", "-"], objects);
    let text = String::from_utf8(rendered.stdout.clone()).unwrap();
    assert!(
        text.contains("kube_namespace_status_phase{") && text.contains("cluster=\"x\""),
        "{text}{}",
        errors(&rendered)
    );
    let roles = run(&["rbac", "--config", &path], b"");
    let text = String::from_utf8(roles.stdout.clone()).unwrap();
    assert!(text.contains("namespaces") && !text.contains("nodes"), "{text}{}", errors(&roles));
    fs::write(&path, "resources: {nope: {}}").unwrap();
    for command in ["render", "rbac"] {
        let output = run(
            &[&[command, "--config", &path][..], if command == "render" { &["-"] } else { &[] }].concat(),
            b"",
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            errors(&output).starts_with(&format!("kstate: {path}:1: resources: ")),
            "{}",
            errors(&output)
        );
    }
}
