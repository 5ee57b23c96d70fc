//! What the file says, as a configuration of `rustls`.

use super::{
    Fault,
    certificates::Material,
    client_auth::ClientAuth,
    file::Tls,
    files::Files,
    notation::{Policy, Suite, Version},
};
use rustls::{
    ServerConfig, SupportedCipherSuite,
    crypto::{CryptoProvider, ring},
};
use std::sync::Arc;

/// The configuration of connections, or none where the file asks for plain HTTP.
pub(super) fn server_config(
    tls: &Tls,
    http2: bool,
    files: &mut Files,
) -> Result<Option<ServerConfig>, Fault> {
    let certificate = given(tls.cert.as_ref()) || given(tls.cert_file.as_ref());
    let key = given(tls.key.as_ref()) || given(tls.key_file.as_ref());
    let authority = given(tls.client_ca.as_ref()) || given(tls.client_ca_file.as_ref());
    if !(certificate || key || authority || tls.client_auth_type.is_some()) {
        return Ok(None);
    }
    if !certificate {
        return Err(Fault::contradiction("tls_server_config: cert or cert_file is missing"));
    }
    if !key {
        return Err(Fault::contradiction("tls_server_config: key or key_file is missing"));
    }
    let policy = tls.client_auth_type.unwrap_or(Policy::NoClientCert);
    if policy == Policy::NoClientCert {
        for (key, given) in
            [("client_ca", authority), ("client_allowed_sans", tls.client_allowed_sans.is_some())]
        {
            if given {
                let text = format!("tls_server_config: {key} has no effect without a client_auth_type");
                return Err(Fault::Contradiction(text));
            }
        }
    }
    let (min, max) = (tls.min_version.unwrap_or(Version::Tls12), tls.max_version.unwrap_or(Version::Tls13));
    if min > max {
        return Err(Fault::contradiction("tls_server_config: min_version is above max_version"));
    }
    let provider = provider(tls, min, http2)?;
    let chain = Material::find(("cert", tls.cert.as_ref()), ("cert_file", tls.cert_file.as_ref()), files)?
        .expect("a certificate is given");
    let key = Material::find(("key", tls.key.as_ref()), ("key_file", tls.key_file.as_ref()), files)?
        .expect("a key is given");
    let clients = ClientAuth::verifier(policy, tls, &provider, files)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&Version::between(min, max))
        .map_err(|error| Fault::material("cipher_suites", error.to_string()))?;
    let builder = match clients {
        Some(clients) => builder.with_client_cert_verifier(clients),
        None => builder.with_no_client_auth(),
    };
    let names = format!("{} and {}", chain.name, key.name);
    let mut config = builder
        .with_single_cert(chain.certificates()?, key.key()?)
        .map_err(|error| Fault::material(&names, error.to_string()))?;
    config.ignore_client_order = tls.prefer_server_cipher_suites.unwrap_or(true);
    config.alpn_protocols = if http2 { vec![b"h2".to_vec()] } else { Vec::new() };
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(Some(config))
}

fn given(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn provider(tls: &Tls, min: Version, http2: bool) -> Result<Arc<CryptoProvider>, Fault> {
    let mut provider = ring::default_provider();
    if let Some(chosen) = tls.cipher_suites.as_ref().filter(|suites| !suites.is_empty()) {
        if http2 && min < Version::Tls13 && !chosen.iter().any(|suite| suite.is_for_http2()) {
            return Err(Fault::contradiction(
                "cipher_suites: HTTP/2 needs TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or \
                 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256; add one, or set http2: false",
            ));
        }
        // Those of TLS 1.3 are always on, as in Go.
        let older = chosen.iter().filter(|suite| !suite.is_of_tls13()).map(|suite| suite.0);
        let suites: Vec<SupportedCipherSuite> = Suite::all_of_tls13().chain(older).collect();
        provider.cipher_suites = suites;
    }
    if let Some(chosen) = tls.curve_preferences.as_ref().filter(|curves| !curves.is_empty()) {
        provider.kx_groups = chosen.iter().map(|curve| curve.0).collect();
    }
    Ok(Arc::new(provider))
}
