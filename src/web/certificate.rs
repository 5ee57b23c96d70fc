//! A certificate for a port that has no web configuration file.

use super::{
    Fault,
    file::{File, Tls},
    files::Files,
    notation::{Policy, Suite, Version},
};
use rcgen::{CertificateParams, DnType, Error, KeyPair};
use std::{fmt, path::PathBuf};

/// A certificate with its key, and how TLS is spoken with it. Clients are asked for certificates,
/// which they needn't have and which nobody has checked: whoever answers requests does.
#[derive(Debug, Clone)]
pub struct Certificate {
    held: Held,
    min_version: Option<Version>,
    cipher_suites: Option<Vec<Suite>>,
}

/// Where a certificate and its key lie, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, with those that lead to its authority behind it.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

#[derive(Clone)]
enum Held {
    Files(CertificateFiles),
    Here { certificate: String, key: String },
}

impl Certificate {
    /// From files, which are followed.
    pub fn of_files(files: CertificateFiles) -> Self {
        Self { held: Held::Files(files), min_version: None, cipher_suites: None }
    }

    /// One that nobody has signed but itself and that is held in memory only, for a server of these
    /// names.
    pub fn self_signed(names: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let mut parameters = CertificateParams::new(names.into_iter().collect::<Vec<_>>())?;
        parameters.distinguished_name.push(DnType::CommonName, "kstate");
        let key = KeyPair::generate()?;
        let certificate = parameters.self_signed(&key)?.pem();
        let held = Held::Here { certificate, key: key.serialize_pem() };
        Ok(Self { held, min_version: None, cipher_suites: None })
    }

    /// The same with other limits of TLS: the least version, such as `VersionTLS13`, and the suites for
    /// older ones. Empty ones leave it as it is. What is wrong is said in one line.
    pub fn speaking(self, min_version: &str, cipher_suites: &[String]) -> Result<Self, String> {
        let version = (!min_version.is_empty()).then(|| {
            min_version.strip_prefix("Version").unwrap_or(min_version).parse().map_err(|wrong: String| {
                wrong.replace("TLS12", "VersionTLS12").replace("TLS13", "VersionTLS13")
            })
        });
        let suites = cipher_suites.iter().map(|suite| suite.parse()).collect::<Result<Vec<Suite>, _>>()?;
        Ok(Self {
            min_version: version.transpose()?,
            cipher_suites: (!suites.is_empty()).then_some(suites),
            ..self
        })
    }

    /// What a web configuration file would say of it.
    pub(super) fn file(&self, files: &mut Files) -> Result<File, Fault> {
        let mut tls = Tls {
            client_auth_type: Some(Policy::RequestClientCert),
            min_version: self.min_version,
            cipher_suites: self.cipher_suites.clone(),
            ..Tls::default()
        };
        match &self.held {
            Held::Files(CertificateFiles { certificate, key }) => {
                tls.cert = Some(files.text("--tls-cert-file", certificate)?);
                tls.key = Some(files.text("--tls-private-key-file", key)?);
            }
            Held::Here { certificate, key } => {
                tls.cert = Some(certificate.clone());
                tls.key = Some(key.clone());
            }
        }
        Ok(File { tls_server_config: Some(tls), ..File::default() })
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => files.fmt(f),
            Self::Here { certificate, .. } => {
                f.debug_tuple("Here").field(certificate).finish_non_exhaustive()
            }
        }
    }
}
