//! Whose certificates are accepted from clients.

use super::{Fault, certificates::Material, file::Tls, files::Files, notation::Policy};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use std::{net::IpAddr, sync::Arc};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate};

/// Who may issue certificates of clients.
#[derive(Debug, Clone)]
pub struct Authorities(Arc<Trust>);

impl Authorities {
    /// Reads certificates in PEM, which stand at `place`.
    pub fn parse(place: &str, pem: &[u8]) -> Result<Self, Fault> {
        let material = Material { name: place.to_owned(), pem: pem.to_vec() };
        Trust::configured(&material, &Arc::new(ring::default_provider())).map(|trust| Self(Arc::new(trust)))
    }

    /// Whether a client may use this chain at this time; its own certificate comes first.
    pub fn check(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Error> {
        let (own, intermediates) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        self.0.check(own, intermediates, now)
    }
}

/// Checks clients' certificates by one of Go's policies.
#[derive(Debug)]
pub(super) struct ClientAuth {
    mandatory: bool,
    trust: Trust,
    /// Of these names a certificate must have one.
    names: Option<Vec<String>>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Trust {
    Anyone,
    Authorities {
        /// Those that are also accepted as the client's own certificate.
        certificates: Vec<CertificateDer<'static>>,
        /// None where there is no authority at all.
        verifier: Option<Arc<dyn ClientCertVerifier>>,
    },
}

impl ClientAuth {
    /// The check that a configuration asks for, if any.
    pub(super) fn verifier(
        policy: Policy,
        tls: &Tls,
        provider: &Arc<CryptoProvider>,
        files: &mut Files,
    ) -> Result<Option<Arc<dyn ClientCertVerifier>>, Fault> {
        let (mandatory, verified) = match policy {
            Policy::NoClientCert => return Ok(None),
            Policy::RequestClientCert => (false, false),
            Policy::RequireAnyClientCert => (true, false),
            Policy::VerifyClientCertIfGiven => (false, true),
            Policy::RequireAndVerifyClientCert => (true, true),
        };
        let authorities = Material::find(
            ("client_ca", tls.client_ca.as_ref()),
            ("client_ca_file", tls.client_ca_file.as_ref()),
            files,
        )?;
        let trust = match authorities {
            // Read even where nothing is verified, so that mistakes show.
            Some(authorities) if !verified => authorities.certificates().map(|_| Trust::Anyone)?,
            Some(authorities) => Trust::configured(&authorities, provider)?,
            None if verified => Trust::system(provider)?,
            None => Trust::Anyone,
        };
        let names = tls.client_allowed_sans.clone();
        // A certificate without an allowed name is refused, so one that is not sent is, too.
        let mandatory = mandatory || names.is_some();
        Ok(Some(Arc::new(Self { mandatory, trust, names, provider: Arc::clone(provider) })))
    }

    fn check_names(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let Some(allowed) = &self.names else { return Ok(()) };
        let names = names(certificate).ok_or(CertificateError::BadEncoding)?;
        if names.iter().any(|name| allowed.contains(name)) {
            Ok(())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }
}

impl Trust {
    fn configured(authorities: &Material, provider: &Arc<CryptoProvider>) -> Result<Self, Fault> {
        let certificates = authorities.certificates()?;
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.clone())
                .map_err(|error| Fault::material(&authorities.name, error.to_string()))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| Fault::material(&authorities.name, error.to_string()))?;
        Ok(Self::Authorities { certificates, verifier: Some(verifier) })
    }

    /// Without authorities of their own, Go's servers trust those of the system.
    fn system(provider: &Arc<CryptoProvider>) -> Result<Self, Fault> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let verifier = if roots.is_empty() {
            None
        } else {
            let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            // To name them all to each client would be long.
            let built = builder.clear_root_hint_subjects().build();
            Some(built.map_err(|error| Fault::material("client_auth_type", error.to_string()))?)
        };
        Ok(Self::Authorities { certificates: Vec::new(), verifier })
    }

    fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        match self {
            Self::Anyone => Ok(()),
            Self::Authorities { certificates, .. } if certificates.contains(certificate) => {
                usable(certificate, now)
            }
            Self::Authorities { verifier: Some(verifier), .. } => {
                verifier.verify_client_cert(certificate, intermediates, now).map(|_| ())
            }
            Self::Authorities { verifier: None, .. } => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

/// Whether a certificate that is trusted itself may be used, at this time and by a client. `webpki`
/// refuses such a one where it is an authority, which Go doesn't and OpenSSL makes by default.
fn usable(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let (_, certificate) =
        X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now < certificate.validity().not_before.timestamp() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > certificate.validity().not_after.timestamp() {
        return Err(CertificateError::Expired.into());
    }
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if !(usage.value.any || usage.value.client_auth) => {
            Err(CertificateError::InvalidPurpose.into())
        }
        Ok(_) => Ok(()),
        Err(_) => Err(CertificateError::BadEncoding.into()),
    }
}

/// All alternative names of a certificate as Go writes them; `None` where it can't be read.
fn names(certificate: &CertificateDer<'_>) -> Option<Vec<String>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut names = Vec::new();
    for extension in certificate.extensions() {
        let ParsedExtension::SubjectAlternativeName(alternative) = extension.parsed_extension() else {
            continue;
        };
        names.extend(alternative.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
                Some((*name).to_owned())
            }
            GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
            _ => None,
        }));
    }
    Some(names)
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(octets).map(|octets| IpAddr::from(octets).to_canonical());
    v4.or_else(|_| v6()).ok()
}

impl ClientCertVerifier for ClientAuth {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        match &self.trust {
            Trust::Authorities { verifier: Some(verifier), .. } => verifier.root_hint_subjects(),
            _ => &[],
        }
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.trust.check(end_entity, intermediates, now)?;
        self.check_names(end_entity)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
