//! A registry, and its clients' opinion of an image.

use crate::harness::{component, eventually, free_port, get};
use serde_json::Value;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A registry in memory. It is stopped when it is dropped.
pub(super) struct Registry {
    server: Child,
    port: u16,
}

impl Registry {
    /// Starts one.
    pub(super) async fn start() -> Self {
        let port = free_port();
        let server = Command::new(component("crane"))
            .args(["registry", "serve", &format!("--address=127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { server, port };
        eventually("the registry", Duration::from_secs(20), async || {
            get(&format!("http://127.0.0.1:{port}/v2/"), &[]).await
        })
        .await;
        this
    }

    /// Pushes all platforms of a layout. What the registry has then is validated.
    pub(super) fn push(&self, layout: &Path) {
        crane(&["push", layout.to_str().unwrap(), &self.image()]);
        crane(&["validate", "--remote", &self.image()]);
    }

    /// The configuration of a platform's image.
    pub(super) fn config(&self, platform: &str) -> Value {
        serde_json::from_slice(&crane(&["config", "--platform", platform, &self.image()])).unwrap()
    }

    /// The file system of a platform's image, a tar archive.
    pub(super) fn export(&self, platform: &str) -> Vec<u8> {
        crane(&["export", "--platform", platform, &self.image(), "-"])
    }

    fn image(&self) -> String {
        format!("127.0.0.1:{}/kstate:v1", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn crane(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(component("crane")).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "crane {arguments:?} ended with {}: {errors}", output.status);
    output.stdout
}
