//! Other servers that take the credentials of the API server's clients, such as kubelets.

use super::{
    client::{self, ClientError, Elsewhere, Lane},
    clients::Current,
    credentials::Loaded,
    failure::unwrapped,
};
use crate::files::Fingerprint;
use http::{Request, Response, Uri, uri::Authority};
use kube::{Client, Config, client::Body};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::sync::watch;
use tower::BoxError;

/// What is otherwise with such servers than with the API server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whether any certificate is taken for theirs.
    pub any_certificate: bool,
    /// Whose certificates are taken for theirs, in place of the API server's authority.
    pub authority: Option<PathBuf>,
    /// Our certificate and its key, in place of those that the API server is shown.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Why they can't be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// A file can't be read.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// It is no certificate or key.
    #[error("{0}: {1}")]
    Content(PathBuf, #[source] pem::Error),
    /// There is no client with these files and credentials.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl Trust {
    /// Reads the files, as far as they can be understood without each other.
    pub fn check(&self) -> Result<(), PeerError> {
        let read = |path: &PathBuf| fs::read(path).map_err(|error| PeerError::File(path.clone(), error));
        if let Some(path) = &self.authority {
            certificates(path, &read(path)?)?;
        }
        if let Some((certificate, key)) = &self.certificate {
            certificates(certificate, &read(certificate)?)?;
            let parsed = PrivateKeyDer::from_pem_slice(&read(key)?);
            parsed.map_err(|error| PeerError::Content(key.clone(), error))?;
        }
        Ok(())
    }
}

/// A client for such servers. It keeps a connection to each.
#[derive(Debug)]
pub struct Peers {
    client: ClientOf,
    files: Fingerprint,
    current: watch::Receiver<Current>,
}

struct ClientOf(Client);

impl std::fmt::Debug for ClientOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Peers {
    pub(super) async fn new(
        mut config: Config,
        trust: &Trust,
        current: watch::Receiver<Current>,
    ) -> Result<Self, PeerError> {
        let mut files = Fingerprint::default();
        // Requests name their servers.
        config.cluster_url = Uri::from_static("https://localhost");
        config.tls_server_name = None;
        config.accept_invalid_certs |= trust.any_certificate;
        if let Some(path) = &trust.authority {
            let read = files.read(path).map_err(|error| PeerError::File(path.clone(), error))?;
            config.root_cert = Some(certificates(path, &read)?);
            config.accept_invalid_certs = false;
        }
        if let Some((certificate, key)) = &trust.certificate {
            let user = &mut config.auth_info;
            user.client_certificate = Some(certificate.display().to_string());
            user.client_key = Some(key.display().to_string());
            (user.client_certificate_data, user.client_key_data) = (None, None);
            // What can't be read now is said when the client is made of it.
            let _ = (files.read(certificate), files.read(key));
        }
        let made = tokio::task::spawn_blocking(move || client::build(&Loaded::fixed(config)));
        let client = ClientOf(made.await.expect("setting up a client does not panic")?);
        Ok(Self { client, files, current })
    }

    /// Whether another client is to be made, since credentials or files have changed.
    pub fn is_stale(&self) -> bool {
        self.current.has_changed().unwrap_or_default() || !self.files.holds()
    }

    /// Asks a server for a path.
    pub async fn get(&self, server: Authority, path: &str) -> Result<Response<Body>, BoxError> {
        let request = Request::get(path).extension(Lane::Own).extension(Elsewhere(server));
        self.client.0.send(request.body(Body::empty())?).await.map_err(unwrapped)
    }
}

/// The certificates of a file, of which there has to be one.
fn certificates(path: &Path, content: &[u8]) -> Result<Vec<Vec<u8>>, PeerError> {
    let read = CertificateDer::pem_slice_iter(content).map(|it| it.map(|it| it.to_vec()));
    let none = Err(pem::Error::NoItemsFound);
    let read = read.collect::<Result<Vec<_>, _>>();
    let read = read.and_then(|all| if all.is_empty() { none } else { Ok(all) });
    read.map_err(|error| PeerError::Content(path.to_owned(), error))
}
