//! The simulated cluster that everything is measured on, in a process of its own.

use super::{client, process::Process};
use anyhow::Context as _;
use kstate::wire::{Field, Fields, envelope};
use std::{net::SocketAddr, path::PathBuf};

/// 1,000 nodes with 30 pods each and 3,000 of each other kind but namespaces.
const OPTIONS: [&str; 6] = ["--nodes", "1000", "--pods-per-node", "30", "--objects-per-kind", "3000"];

/// None of them ever changes.
const STILL: [&str; 5] = ["simulate", "--listen", "127.0.0.1:0", "--updates-per-second", "0"];

/// The path and the header of the pods' list in protobuf.
pub(super) const LIST: (&str, &str) = ("/api/v1/pods", "Accept: application/vnd.kubernetes.protobuf\r\n");

/// The same as a streaming list.
pub(super) const STREAMING_LIST: (&str, &str) = (
    "/api/v1/pods?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    "Accept: application/vnd.kubernetes.protobuf;stream=watch\r\n",
);

/// A simulated API server.
pub(super) struct Cluster {
    pub(super) address: SocketAddr,
    kubeconfig: PathBuf,
    _directory: tempfile::TempDir,
    _process: Process,
}

impl Cluster {
    /// Starts the one that all figures but those of the kinds are of, and waits until it serves.
    pub(super) fn start() -> anyhow::Result<Self> {
        Self::of(&OPTIONS)
    }

    /// The same of another size.
    pub(super) fn of(options: &[&str]) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let kubeconfig = directory.path().join("kubeconfig");
        let path = kubeconfig.to_str().context("a directory whose name is no text")?;
        let mut process = Process::start(&[&STILL[..], options, &["--write-kubeconfig", path]].concat())?;
        let line = process.first_line()?;
        let address =
            line.rsplit("http://").next().and_then(|rest| rest.trim().trim_end_matches('.').parse().ok());
        let address = address.with_context(|| format!("the simulator says {line:?}"))?;
        Ok(Self { address, kubeconfig, _directory: directory, _process: process })
    }

    /// The file that leads to it.
    pub(super) fn kubeconfig(&self) -> &str {
        self.kubeconfig.to_str().unwrap_or_default()
    }

    /// All its pods.
    pub(super) fn pods(&self) -> anyhow::Result<Pods> {
        Ok(Pods { list: client::body(self.address, LIST.0, LIST.1)? })
    }
}

/// Pods in protobuf as a server sends them.
pub(super) struct Pods {
    list: Vec<u8>,
}

impl Pods {
    /// The bytes of each.
    pub(super) fn each(&self) -> anyhow::Result<Vec<&[u8]>> {
        let mut pods = Vec::new();
        let mut fields = Fields(envelope(&self.list)?.1);
        while let Some((number, field)) = fields.next()? {
            if let (2, Field::Bytes(pod)) = (number, field) {
                pods.push(pod);
            }
        }
        Ok(pods)
    }
}
