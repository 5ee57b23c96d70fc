//! Certificates made for a test, and a client that speaks TLS.

use crate::process::{Answer, LIMIT, Server, answer};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd,
};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::{CryptoProvider, SupportedKxGroup, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
};

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// Who signs certificates.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(parameters, key) }
    }

    /// A certificate for names and addresses of servers.
    pub(crate) fn issue(&self, names: &[&str]) -> Identity {
        self.issue_with(names, |_| {})
    }

    pub(crate) fn issue_with(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut parameters = CertificateParams::new(names).unwrap();
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    pub(crate) fn expired(&self) -> Identity {
        self.issue_with(&["expired"], |parameters| {
            parameters.not_before = date_time_ymd(2000, 1, 1);
            parameters.not_after = date_time_ymd(2001, 1, 1);
        })
    }

    pub(crate) fn for_servers_only(&self) -> Identity {
        self.issue_with(&["server"], |parameters| {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        })
    }
}

/// A certificate that nobody else signed, as `openssl req -x509` makes it: an authority, too.
pub(crate) fn self_signed(names: Vec<SanType>) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.subject_alt_names = names;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key).unwrap().pem();
    Identity { certificate, key: key.serialize_pem() }
}

/// A folder with a server's certificate, an authority, and configuration files.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    pub(crate) authority: Authority,
}

/// The beginning of a configuration with the files that every folder has.
pub(crate) const SERVER: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap(), authority: Authority::new() };
        folder.renew();
        folder.write("ca.crt", &folder.authority.certificate);
        folder
    }

    /// Another certificate for the server.
    pub(crate) fn renew(&self) {
        let Identity { certificate, key } = self.authority.issue(&["localhost", "127.0.0.1"]);
        self.write("server.crt", &certificate);
        self.write("server.key", &key);
    }

    /// Writes a file as a mounted volume changes: at once.
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let (path, new) = (self.folder.path().join(name), self.folder.path().join("new"));
        fs::write(&new, content).unwrap();
        fs::rename(&new, &path).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// A small demonstration with this configuration.
    pub(crate) fn serve(&self, configuration: &str) -> (Server, u16, u16) {
        let file = self.write("web.yml", configuration);
        small_demo(&["--tls-config", file.to_str().unwrap()])
    }

    /// A client that trusts the server.
    pub(crate) fn client(&self) -> TlsClient {
        TlsClient {
            authority: self.authority.certificate.clone(),
            identity: None,
            versions: rustls::DEFAULT_VERSIONS.to_vec(),
            provider: ring::default_provider(),
            protocols: Vec::new(),
        }
    }
}

/// A demonstration of a few objects that doesn't change.
pub(crate) fn small_demo(flags: &[&str]) -> (Server, u16, u16) {
    let arguments = [
        "demo",
        "--port=0",
        "--telemetry-port=0",
        "--updates-per-second=0",
        "--nodes=1",
        "--pods-per-node=1",
    ];
    let server = Server::start(&[&arguments[..], flags].concat());
    let (main, telemetry) = server.ports();
    (server, main, telemetry)
}

/// A client that speaks TLS.
#[derive(Clone)]
pub(crate) struct TlsClient {
    authority: String,
    identity: Option<(String, String)>,
    versions: Vec<&'static SupportedProtocolVersion>,
    provider: CryptoProvider,
    protocols: Vec<Vec<u8>>,
}

/// A connection that is to be secure once something is sent.
pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

impl TlsClient {
    pub(crate) fn with(mut self, identity: &Identity) -> Self {
        self.identity = Some((identity.certificate.clone(), identity.key.clone()));
        self
    }

    pub(crate) fn speaking(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    pub(crate) fn with_suites(mut self, suites: &[CipherSuite]) -> Self {
        let find = |suite: &CipherSuite| {
            *ring::ALL_CIPHER_SUITES.iter().find(|known| known.suite() == *suite).unwrap()
        };
        self.provider.cipher_suites = suites.iter().map(find).collect();
        self
    }

    pub(crate) fn with_groups(mut self, groups: &[&'static dyn SupportedKxGroup]) -> Self {
        self.provider.kx_groups = groups.to_vec();
        self
    }

    pub(crate) fn offering(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        self
    }

    pub(crate) fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(self.provider.clone()))
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        config.alpn_protocols.clone_from(&self.protocols);
        config
    }

    /// Connects and handshakes.
    pub(crate) fn connect(&self, port: u16) -> io::Result<Secure> {
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(self.config()), name).map_err(io::Error::other)?;
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(LIMIT))?;
        let mut secure = StreamOwned::new(connection, stream);
        while secure.conn.is_handshaking() {
            secure.conn.complete_io(&mut secure.sock)?;
        }
        Ok(secure)
    }

    /// A GET with further headers.
    pub(crate) fn request(&self, port: u16, path: &str, headers: &str) -> io::Result<Answer> {
        ask(&mut self.connect(port)?, path, headers)
    }

    pub(crate) fn get(&self, port: u16, path: &str) -> io::Result<Answer> {
        self.request(port, path, "")
    }
}

/// Sends the last request of a connection.
pub(crate) fn ask(secure: &mut Secure, path: &str, headers: &str) -> io::Result<Answer> {
    write!(secure, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")?;
    let mut bytes = Vec::new();
    secure.read_to_end(&mut bytes)?;
    Ok(answer(&bytes))
}
