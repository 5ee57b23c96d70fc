//! Who asks.

use super::{
    refusal::Refusal,
    trust::{Front, Trust},
};
use crate::{
    access::{Access, User, bearer},
    server::PeerCertificates,
};
use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION, request::Parts};
use k8s_openapi::api::authentication::v1::UserInfo;
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, UnixTime};
use std::{collections::BTreeMap, fmt::Write as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Everybody whose name is known.
const AUTHENTICATED: &str = "system:authenticated";

/// Finds out who asks: by headers where a certificate vouches for them, by a certificate of the user's
/// own, or by a token. Who shows nothing is nobody in particular, and who shows what can't be believed
/// is refused.
pub(super) async fn user(trust: &Trust, access: &Access, request: &Parts) -> Result<User, Refusal> {
    let mut doubtful = false;
    if let Some(PeerCertificates(chain)) = request.extensions.get() {
        match of_certificate(trust, chain, &request.headers) {
            Ok(Some(user)) => return Ok(user.with_group(AUTHENTICATED)),
            Ok(None) => {}
            Err(reason) => {
                tracing::debug!(reason, "A client's certificate is not accepted.");
                doubtful = true;
            }
        }
    }
    let authorization = request.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if let Some(token) = authorization.and_then(bearer) {
        match access.user(token).await {
            Ok(user) => return Ok(user.with_group(AUTHENTICATED)),
            Err(_) => doubtful = true,
        }
    }
    if doubtful {
        return Err(Refusal::Unauthorized);
    }
    Ok(User::new("system:anonymous", ["system:unauthenticated".to_owned()]))
}

/// Whom a certificate stands for, or vouches for; `None` where there is nothing to be believed.
fn of_certificate(
    trust: &Trust,
    chain: &[CertificateDer<'_>],
    headers: &HeaderMap,
) -> Result<Option<User>, String> {
    let Some(own) = chain.first() else { return Ok(None) };
    let subject = Subject::of(own).ok_or("it can't be read")?;
    let now = UnixTime::now();
    let mut wrong = None;
    if let Some(front) = &trust.front {
        match front.authorities.check(chain, now) {
            Err(error) => wrong = Some(error.to_string()),
            Ok(()) if front.names.is_empty() || front.names.contains(&subject.common_name) => {
                if let Some(user) = of_headers(front, headers) {
                    return Ok(Some(user));
                }
            }
            Ok(()) => wrong = Some(format!("{:?} is none of the allowed names", subject.common_name)),
        }
    }
    if let Some(clients) = &trust.clients {
        match clients.check(chain, now) {
            Err(error) => wrong = Some(error.to_string()),
            Ok(()) if subject.common_name.is_empty() => {}
            Ok(()) => return Ok(Some(subject.user(own))),
        }
    }
    wrong.map_or(Ok(None), Err)
}

/// Of whom a certificate speaks.
struct Subject {
    common_name: String,
    organizations: Vec<String>,
}

impl Subject {
    fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let subject = certificate.subject();
        let names = subject.iter_common_name().filter_map(|name| name.as_str().ok());
        let organizations = subject.iter_organization().filter_map(|name| name.as_str().ok());
        Some(Self {
            // As in Go, the last one counts.
            common_name: names.last().unwrap_or_default().to_owned(),
            organizations: organizations.map(str::to_owned).collect(),
        })
    }

    /// The user whose certificate it is. What was shown is told as the API server tells it.
    fn user(self, certificate: &CertificateDer<'_>) -> User {
        let mut shown = "X509SHA256=".to_owned();
        for byte in digest(&SHA256, certificate).as_ref() {
            let _ = write!(shown, "{byte:02x}");
        }
        let extra = BTreeMap::from([("authentication.kubernetes.io/credential-id".to_owned(), vec![shown])]);
        User::from(UserInfo {
            username: Some(self.common_name),
            groups: Some(self.organizations),
            extra: Some(extra),
            uid: None,
        })
    }
}

/// Who asks, as headers say; `None` where they don't.
fn of_headers(front: &Front, headers: &HeaderMap) -> Option<User> {
    let values = |names: &[String]| -> Vec<String> {
        let values = names.iter().flat_map(|name| headers.get_all(name.trim()).iter());
        values.map(text).filter(|value| !value.is_empty()).collect()
    };
    let mut extra: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for prefix in &front.extra {
        let prefix = prefix.trim().to_ascii_lowercase();
        for (name, value) in headers {
            if let Some(key) = name.as_str().strip_prefix(&prefix) {
                extra.entry(decoded(key)).or_default().push(text(value));
            }
        }
    }
    Some(User::from(UserInfo {
        username: Some(values(&front.user).into_iter().next()?),
        uid: values(&front.uid).into_iter().next(),
        groups: Some(values(&front.group)),
        extra: (!extra.is_empty()).then_some(extra),
    }))
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// A key whose odd bytes stand behind percent signs; one that can't be decoded is taken as it is.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
            let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                return key.to_owned();
            };
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded() {
        for (key, plain) in [
            ("scopes", "scopes"),
            ("example.com%2fa", "example.com/a"),
            ("a%2", "a%2"),
            ("a%zz", "a%zz"),
            ("%ff", "%ff"),
        ] {
            assert_eq!(decoded(key), plain);
        }
    }
}
