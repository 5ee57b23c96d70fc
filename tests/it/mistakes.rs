//! Input that makes no sense: one line, the right exit code, and nothing lost. The values of the
//! exporter's flags are in `flags`.

use crate::process::{Server, errors, run};
use std::fs;

#[test]
fn mistakes_end_with_one_line_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("kubeconfig");
    fs::write(&bad, "clusters: [\n").unwrap();
    let bad = bad.to_str().unwrap();
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let unwritable = folder.path().join("no/folder").to_str().unwrap().to_owned();
    for (arguments, named) in [
        (&["--prot=1"][..], "--port"),
        (&["--resources=pods,deploymnets"], "did you mean \"deployments\"?"),
        (&["--port=0", "--telemetry-port=0", "--kubeconfig", bad], bad),
        (&["--port=0", "--telemetry-port=0", "--kubeconfig", &missing], &missing),
        (&["--port=0", "--telemetry-port=0", "--apiserver=::::"], "--apiserver"),
        (&["render", &missing], &missing),
        (&["render"], "FILE"),
        (&["render", "--resources=nothing", "-"], "nothing"),
        (&["demo", "--updates-per-second=-1"], "--updates-per-second"),
        (&["demo", "--once=perhaps"], "--once"),
        (
            &["simulate", "--listen=127.0.0.1:0", "--nodes=0", "--write-kubeconfig", &unwritable],
            "--write-kubeconfig",
        ),
        (&["metrics", "--resources=deploymnets"], "did you mean \"deployments\"?"),
        (&["metrics", "--format=xml"], "--format"),
        (&["rbac", "--resources=deploymnets"], "did you mean \"deployments\"?"),
        (&["rbac", "--service-account=kstate"], "--service-account"),
        (&["--shard=3", "--total-shards=3"], "from 0 to 2"),
        (&["render", "--shard=2", "--total-shards=2", "-"], "--shard=2"),
        (&["explode"], "explode"),
    ] {
        let output = run(arguments, b"");
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert_eq!(errors.lines().count(), 1, "{arguments:?}: {errors}");
        assert!(errors.contains(named), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_server_that_can_not_shard_ends_it_with_one_line() {
    let simulator =
        Server::start(&["simulate", "--listen=127.0.0.1:0", "--nodes=1", "--updates-per-second=0"]);
    let address = simulator.printed("http://").trim_end_matches('.').to_owned();
    let server = format!("--apiserver=http://{address}");
    for (flags, named) in [
        (&["--pod=kstate-0", "--pod-namespace=default"][..], &["--pod", "default/kstate-0"][..]),
        (&["--server-side-sharding", "--total-shards=2"], &["--server-side-sharding", "ShardedListAndWatch"]),
    ] {
        let output = run(&[&["--port=0", "--telemetry-port=0", &server], flags].concat(), b"");
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        let said: Vec<&str> = errors.lines().filter(|line| line.starts_with("kstate: ")).collect();
        assert!(said.len() == 1 && named.iter().all(|name| said[0].contains(name)), "{errors}");
    }
}

#[test]
fn a_configuration_is_missed_outside_of_a_pod() {
    let output = run(&["--port=0", "--telemetry-port=0"], b"");
    let errors = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--kubeconfig") && errors.lines().count() == 1, "{errors}");
}
