//! What kube-state-metrics' Helm chart and its example manifests pass to the exporter and ask of it.
//!
//! `deployments/sets.json` holds the facts: the arguments of the container, its ports by name, and
//! the probes, of the chart 8.4.0 rendered with eight sets of values and of the examples of release
//! 2.20. Behind kube-rbac-proxy the container has no ports of its own: `proxied` says where the
//! proxies pass requests on to, which they receive with TLS.

use crate::{
    process::{Server, eventually, get},
    world,
};
use kstate::{cli::Cli, config::Config};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, thread};

/// What the image's entry point puts in front of the arguments.
const ENTRY_POINT: [&str; 2] = ["--port=8080", "--telemetry-port=8081"];

/// What the pod's environment says.
const ENVIRONMENT: [(&str, &str); 3] =
    [("POD_NAME", "kube-state-metrics-1"), ("POD_NAMESPACE", "monitoring"), ("NODE_NAME", "node-0001")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    workload: String,
    args: Vec<String>,
    /// The variables that arguments may name.
    env: Vec<String>,
    ports: BTreeMap<String, u16>,
    probes: Vec<Probe>,
    /// Files of config maps that are mounted.
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    proxied: BTreeMap<String, u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    kind: String,
    path: String,
    port: String,
    scheme: String,
}

#[test]
fn every_deployment_starts_and_every_probe_succeeds() {
    let sets: Vec<Set> = serde_json::from_str(include_str!("deployments/sets.json")).unwrap();
    assert_eq!(sets.len(), 16);
    assert_eq!(sets.iter().map(|set| set.probes.len()).sum::<usize>(), 33);
    assert_eq!(sets.iter().filter(|set| set.workload == "StatefulSet").count(), 2);
    world::cluster();
    thread::scope(|scope| {
        // A few at a time: each reads a whole cluster.
        for some in sets.chunks(sets.len().div_ceil(3)) {
            scope.spawn(|| some.iter().for_each(check));
        }
    });
}

fn check(set: &Set) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments: Vec<String> = ENTRY_POINT.map(str::to_owned).to_vec();
    for argument in &set.args {
        let mut argument = argument.clone();
        for (name, value) in ENVIRONMENT.iter().filter(|(name, _)| set.env.iter().any(|n| n == name)) {
            argument = argument.replace(&format!("$({name})"), value);
        }
        for (number, (path, text)) in set.files.iter().enumerate() {
            let file = folder.path().join(number.to_string());
            fs::write(&file, text).unwrap();
            argument = argument.replace(path, file.to_str().unwrap());
        }
        arguments.push(argument);
    }
    let line = std::iter::once("kstate").chain(arguments.iter().map(String::as_str));
    let config = Config::try_from(Cli::read(line.map(Into::into)).unwrap().exporter).unwrap();

    // The same arguments, but with ports that are free, and a cluster from outside.
    let apiserver = format!("--apiserver={}", world::url());
    let ours =
        ["--host=127.0.0.1", "--port=0", "--telemetry-host=127.0.0.1", "--telemetry-port=0", &apiserver];
    let server = Server::start(&[arguments.iter().map(String::as_str).collect(), ours.to_vec()].concat());
    let (main, telemetry) = server.ports();
    for Probe { kind, path, port: name, scheme } in &set.probes {
        let what = format!("{kind} of {}: {scheme} {name}{path}", set.name);
        let port = match (set.ports.get(name), set.proxied.get(name)) {
            (Some(port), None) if scheme == "HTTP" => port,
            (None, Some(port)) if scheme == "HTTPS" => port,
            _ => panic!("{what}: no such port"),
        };
        let port = match *port {
            port if port == config.serving.main.1 => main,
            port if port == config.serving.telemetry.1 => telemetry,
            port => panic!("{what}: nothing listens on {port}"),
        };
        if kind == "readiness" {
            eventually(&what, || (get(port, path).status == 200).then_some(()));
        } else {
            // These are not waited for, but hold from the first moment on.
            assert_eq!(get(port, path).status, 200, "{what}");
        }
    }
    let metrics = get(main, "/metrics");
    if config.auth_filter {
        assert_eq!(metrics.status, 401, "{}", set.name);
    } else {
        assert!(metrics.status == 200 && metrics.text().contains("# HELP "), "{}", set.name);
    }
}
