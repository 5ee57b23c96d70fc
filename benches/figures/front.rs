//! TLS before the simulator, as every real API server has it. HTTP/2 is agreed upon in its handshake,
//! so that without it no two watches share a connection.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::json;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

/// A server that speaks TLS and forwards what it hears. It ends with this value.
pub(super) struct Front {
    pub(super) address: SocketAddr,
    kubeconfig: PathBuf,
    _directory: tempfile::TempDir,
    _runtime: Runtime,
}

impl Front {
    /// Starts it before a server.
    pub(super) fn start(server: SocketAddr) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()])?.self_signed(&key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        runtime.spawn(accept(listener, TlsAcceptor::from(Arc::new(tls)), server));

        let directory = tempfile::tempdir()?;
        let kubeconfig = directory.path().join("kubeconfig");
        let authority = STANDARD.encode(certificate.pem());
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "simulator",
                "cluster": { "server": format!("https://{address}"), "certificate-authority-data": authority },
            }],
            "contexts": [{ "name": "simulator", "context": { "cluster": "simulator", "user": "" } }],
            "current-context": "simulator",
        });
        std::fs::write(&kubeconfig, config.to_string())?;
        Ok(Self { address, kubeconfig, _directory: directory, _runtime: runtime })
    }

    /// The file that leads to it.
    pub(super) fn kubeconfig(&self) -> anyhow::Result<&str> {
        self.kubeconfig.to_str().context("a directory whose name is no text")
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, server: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            let mut secure = tls.accept(stream).await?;
            let mut plain = TcpStream::connect(server).await?;
            // The simulator tells HTTP/2 by its first bytes.
            copy_bidirectional(&mut secure, &mut plain).await
        });
    }
}
