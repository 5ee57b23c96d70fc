//! Prometheus as a process.

use super::{components::component, eventually, http::get, ports::free_port, process::Process};
use form_urlencoded::byte_serialize;
use serde_json::Value;
use std::{fs, process::Command, time::Duration};
use tempfile::TempDir;

/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A running Prometheus. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Prometheus {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts it with a configuration, in JSON, and waits until it is ready.
    pub(crate) async fn start(configuration: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, configuration.to_string()).unwrap();
        let port = free_port();
        let mut command = Command::new(component("prometheus"));
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let process = Process::start("prometheus", folder.path(), &mut command);
        let mut prometheus = Self { process, port, _folder: folder };
        eventually("the start of Prometheus", START, async || {
            prometheus.process.assert_running();
            let answer = get(&prometheus.url("/-/ready"), &[]).await?;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        prometheus
    }

    /// The series that an expression yields, each with its labels and its values.
    pub(crate) async fn query(&self, expression: &str) -> Vec<Value> {
        let encoded: String = byte_serialize(expression.as_bytes()).collect();
        let answer = get(&self.url(&format!("/api/v1/query?query={encoded}")), &[]).await.unwrap();
        assert_eq!(answer.status, 200, "{expression}: {}", answer.text());
        let mut answer: Value = serde_json::from_slice(&answer.body).unwrap();
        serde_json::from_value(answer["data"]["result"].take()).unwrap()
    }

    /// The value of a metric of its own, which must be there.
    pub(crate) async fn self_metric(&self, name: &str) -> String {
        let page = get(&self.url("/metrics"), &[]).await.unwrap().text();
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("Prometheus has no {name}")).to_owned()
    }

    /// The lines that it has logged.
    pub(crate) fn log(&self) -> Vec<String> {
        self.process.output().lines().map(str::to_owned).collect()
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}
