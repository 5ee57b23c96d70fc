//! One question to one kubelet.

use super::{Access, nodes::Kubelet, outcome::Failure};
use crate::watch::{Clients, PeerError, Peers, causes};
use arc_swap::ArcSwapOption;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::client::Body;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};

/// The most that a kubelet may answer, in bytes: a few thousand containers.
const LARGEST: usize = 8 << 20;

/// Whoever asks.
pub(super) struct Asking {
    clients: Clients,
    access: Access,
    /// The client of the moment for those that are asked directly.
    peers: ArcSwapOption<Peers>,
    making: Mutex<()>,
}

impl Asking {
    pub(super) fn new(clients: Clients, access: Access) -> Self {
        Self { clients, access, peers: ArcSwapOption::empty(), making: Mutex::default() }
    }

    /// Has another client made where credentials or files have changed. The one before stays where
    /// that fails.
    pub(super) async fn refresh(&self) -> Result<(), PeerError> {
        let Access::Direct(direct) = &self.access else { return Ok(()) };
        let _making = self.making.lock().await;
        if self.peers.load().as_ref().is_none_or(|peers| peers.is_stale()) {
            let peers = self.clients.peers(&direct.trust).await?;
            self.peers.store(Some(Arc::new(peers)));
        }
        Ok(())
    }

    /// What a kubelet answers.
    pub(super) async fn ask(&self, kubelet: &Kubelet, limit: Duration) -> Result<Vec<u8>, Failure> {
        timeout(limit, self.answer(kubelet)).await.unwrap_or(Err(Failure::Timeout(limit)))
    }

    async fn answer(&self, kubelet: &Kubelet) -> Result<Vec<u8>, Failure> {
        let (sent, permission) = match &self.access {
            Access::Proxy => {
                let path = format!("/api/v1/nodes/{}/proxy{}", kubelet.name, kubelet.path);
                (self.clients.get(&path).await, "nodes/proxy")
            }
            Access::Direct(direct) => {
                let server = kubelet.authority(direct).ok_or(Failure::Address)?;
                let peers = match self.peers.load_full() {
                    Some(peers) => peers,
                    None => Arc::new(self.clients.peers(&direct.trust).await.map_err(Failure::Client)?),
                };
                (peers.get(server, &kubelet.path).await, "nodes/metrics")
            }
        };
        let response = sent.map_err(|error| Failure::Send(causes(&*error)))?;
        match response.status() {
            StatusCode::OK => read(response).await,
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(Failure::Denied(status, permission))
            }
            status => Err(Failure::Status(status)),
        }
    }
}

/// The whole of an answer.
async fn read(response: Response<Body>) -> Result<Vec<u8>, Failure> {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::Broken(causes(&error)))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > LARGEST {
            return Err(Failure::TooLarge(LARGEST));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
