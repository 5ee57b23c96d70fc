//! What kube-state-metrics' Helm chart and its example manifests pass to the exporter and ask of it.
//!
//! `deployments/sets.json` holds the facts: the arguments of the container, its ports by name, and
//! the probes, of the chart 8.4.0 rendered with eight sets of values and of the examples of release
//! 2.20. Behind kube-rbac-proxy the container has no ports of its own: `proxied` says where the
//! proxies pass requests on to, which they receive with TLS.

mod container;

use crate::{
    process::{Server, eventually, get},
    world,
};
use container::{Container, Environment, Listener};
use std::thread;

/// What the pod's environment says.
const ENVIRONMENT: &Environment<'_> =
    &[("POD_NAME", "kube-state-metrics-1"), ("POD_NAMESPACE", "monitoring"), ("NODE_NAME", "node-0001")];

#[test]
fn every_deployment_starts_and_every_probe_succeeds() {
    let sets: Vec<Container> = serde_json::from_str(include_str!("deployments/sets.json")).unwrap();
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

fn check(set: &Container) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = set.arguments(folder.path(), ENVIRONMENT);
    let config = Container::config(&arguments);

    // The same arguments, but with ports that are free, and a cluster from outside.
    let apiserver = format!("--apiserver={}", world::url());
    let ours =
        ["--host=127.0.0.1", "--port=0", "--telemetry-host=127.0.0.1", "--telemetry-port=0", &apiserver];
    let server = Server::start(&[arguments.iter().map(String::as_str).collect(), ours.to_vec()].concat());
    let (main, telemetry) = server.ports();
    for probe in &set.probes {
        let what = format!("{} of {}", probe.kind, set.name);
        let port = match set.listener(probe, &config) {
            Listener::Main => main,
            Listener::Telemetry => telemetry,
        };
        if probe.kind == "readiness" {
            eventually(&what, || (get(port, &probe.path).status == 200).then_some(()));
        } else {
            // These are not waited for, but hold from the first moment on.
            assert_eq!(get(port, &probe.path).status, 200, "{what}");
        }
    }
    let metrics = get(main, "/metrics");
    if config.auth_filter {
        assert_eq!(metrics.status, 401, "{}", set.name);
    } else {
        assert!(metrics.status == 200 && metrics.text().contains("# HELP "), "{}", set.name);
    }
}
