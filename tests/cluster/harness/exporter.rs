//! The exporter as a process.

use super::{
    eventually,
    http::{Answer, get},
    objects::resources,
    ports::free_port,
    process::Process,
};
use std::{path::Path, process::Command, time::Duration};
use tempfile::TempDir;

/// How long the exporter may take until it serves a small cluster.
const READY: Duration = Duration::from_secs(30);
/// How long it may take to end.
const STOP: Duration = Duration::from_secs(12);

/// A running exporter. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Exporter {
    process: Process,
    port: u16,
    telemetry_port: u16,
    _folder: TempDir,
}

impl Exporter {
    /// Starts it with a kubeconfig and further flags. Its kinds are those of these tests unless a flag
    /// names others.
    pub(crate) fn start(kubeconfig: &Path, flags: &[&str]) -> Self {
        let kinds = format!("--resources={}", resources());
        if flags.iter().any(|flag| flag.starts_with("--resources=")) {
            Self::launch(kubeconfig, &[], flags)
        } else {
            Self::launch(kubeconfig, &[], &[flags, &[&*kinds]].concat())
        }
    }

    /// Starts it with the arguments of a manifest, of which those count that are about neither ports nor
    /// a kubeconfig.
    pub(crate) fn start_as_in_a_pod(kubeconfig: &Path, arguments: &[&str]) -> Self {
        Self::launch(kubeconfig, arguments, &[])
    }

    /// Starts it by another command, to which it adds ports and a kubeconfig, with the arguments of a
    /// manifest.
    pub(crate) fn start_by(command: Command, kubeconfig: &str, arguments: &[&str]) -> Self {
        Self::serve_by(command, arguments, &[&format!("--kubeconfig={kubeconfig}")])
    }

    /// Starts its demonstration and waits until it is ready.
    pub(crate) async fn start_demonstration(flags: &[&str]) -> Self {
        let mut exporter = Self::serve(&["demo"], flags);
        exporter.wait_until_ready(READY).await;
        exporter
    }

    /// Starts it with a kubeconfig, ports, and flags before and after them: the last one counts.
    fn launch(kubeconfig: &Path, before: &[&str], after: &[&str]) -> Self {
        let kubeconfig = format!("--kubeconfig={}", kubeconfig.display());
        Self::serve(before, &[&[&*kubeconfig], after].concat())
    }

    /// Starts it with ports, and arguments before and after them.
    fn serve(before: &[&str], after: &[&str]) -> Self {
        Self::serve_by(Command::new(env!("CARGO_BIN_EXE_kstate")), before, after)
    }

    fn serve_by(mut command: Command, before: &[&str], after: &[&str]) -> Self {
        let (port, telemetry_port) = (free_port(), free_port());
        let folder = tempfile::tempdir().unwrap();
        command
            .args(before)
            .args(["--host=127.0.0.1", "--telemetry-host=127.0.0.1"])
            .arg(format!("--port={port}"))
            .arg(format!("--telemetry-port={telemetry_port}"))
            .args(after)
            .env_remove("RUST_LOG");
        let process = Process::start("kstate", folder.path(), &mut command);
        Self { process, port, telemetry_port, _folder: folder }
    }

    /// Starts it and waits until it is ready.
    pub(crate) async fn start_ready(kubeconfig: &Path, flags: &[&str]) -> Self {
        let mut exporter = Self::start(kubeconfig, flags);
        exporter.wait_until_ready(READY).await;
        exporter
    }

    /// Waits until it is ready.
    pub(crate) async fn wait_until_ready(&mut self, limit: Duration) {
        eventually("the exporter's readiness", limit, async || {
            self.process.assert_running();
            let answer = get(&self.telemetry_url("/readyz"), &[]).await?;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
    }

    /// The URL of a page of the main port.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The URL of a page of the telemetry port.
    pub(crate) fn telemetry_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.telemetry_port)
    }

    /// The cluster's metrics, which must be there.
    pub(crate) async fn scrape(&self) -> String {
        self.scrape_as(&[]).await.text()
    }

    /// The same, asked for with certain headers.
    pub(crate) async fn scrape_as(&self, headers: &[(&str, &str)]) -> Answer {
        self.get("/metrics", headers).await
    }

    /// A page of the main port, which must be there.
    pub(crate) async fn get(&self, page: &str, headers: &[(&str, &str)]) -> Answer {
        let answer = get(&self.url(page), headers).await.unwrap();
        assert_eq!(answer.status, 200, "{page}: {}", String::from_utf8_lossy(&answer.body));
        answer
    }

    /// A metric of the exporter itself, by its whole name with labels.
    pub(crate) async fn self_metric(&self, series: &str) -> Option<f64> {
        let page = get(&self.telemetry_url("/metrics"), &[]).await.unwrap().text();
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(line.parse().unwrap())
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The lines that it has logged.
    pub(crate) fn log(&self) -> Vec<String> {
        self.process.output().lines().map(str::to_owned).collect()
    }

    /// Stops it as Kubernetes does, which it has to take well.
    pub(crate) fn stop(mut self) {
        self.process.terminate();
        let status = self.process.wait(STOP);
        assert_eq!(status.code(), Some(0), "after SIGTERM: {status}");
    }
}
