//! The command beside its main work: its output's form, its start without a server and its end.

use crate::harness::{
    ADMIN, Cluster, Exporter, assert_promtool_is_silent, eventually, free_port, get, load, reference_objects,
    write_kubeconfig,
};
use std::{net::TcpListener, process::Command, time::Duration};

#[tokio::test(flavor = "multi_thread")]
async fn promtool_has_nothing_to_say() {
    let cluster = Cluster::start(&[]).await;
    load(&cluster.client().await, reference_objects()).await;
    let exporter = Exporter::start_ready(&cluster.kubeconfig(), &[]).await;
    let own = get(&exporter.telemetry_url("/metrics"), &[]).await.unwrap();
    for page in [exporter.scrape().await, own.text()] {
        assert!(page.lines().count() > 50, "{page}");
        assert_promtool_is_silent(&page);
    }
    exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_api_server_it_says_so_and_keeps_trying() {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let server = format!("http://127.0.0.1:{}", free_port());
    write_kubeconfig(&kubeconfig, &server, None, ADMIN);
    let exporter = Exporter::start(&kubeconfig, &[]);
    let failing = "kstate_resource_state{resource=\"pods\",state=\"failing\"}";
    eventually("the failure in the self metrics", Duration::from_secs(20), async || {
        get(&exporter.telemetry_url("/readyz"), &[]).await?;
        let value = exporter.self_metric(failing).await;
        if value == Some(1.0) { Ok(()) } else { Err(format!("{value:?}")) }
    })
    .await;
    let metrics = get(&exporter.url("/metrics"), &[]).await.unwrap();
    assert_eq!(metrics.status, 503);
    assert_eq!(metrics.text().lines().count(), 1, "{}", metrics.text());
    assert_eq!(get(&exporter.url("/livez"), &[]).await.unwrap().status, 200);
    assert_eq!(get(&exporter.telemetry_url("/readyz"), &[]).await.unwrap().status, 503);
    let log = exporter.log();
    let clear = log.iter().any(|line| line.contains("WARN") && line.contains("refused"));
    assert!(clear, "{log:#?}");
    exporter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_and_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    write_kubeconfig(&kubeconfig, &format!("http://127.0.0.1:{}", free_port()), None, ADMIN);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for flag in ["port", "telemetry-port"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kstate"));
        command
            .args(["--host=127.0.0.1", "--telemetry-host=127.0.0.1"])
            .arg(format!("--kubeconfig={}", kubeconfig.display()))
            .args([format!("--port={}", free_port()), format!("--telemetry-port={}", free_port())])
            .arg(format!("--{flag}={}", address.port()));
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.lines().count() == 1 && said.contains(&address.to_string()), "{said}");
    }
}
