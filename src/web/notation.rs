//! Values of the file: to read one is to check it.

use rustls::{
    CipherSuite, SupportedCipherSuite, SupportedProtocolVersion,
    crypto::{
        SupportedKxGroup,
        ring::{ALL_CIPHER_SUITES, kx_group},
    },
    version::{TLS12, TLS13},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{fmt, str::FromStr, time::Duration};

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

impl Version {
    /// The versions between two, both included.
    pub(super) fn between(min: Self, max: Self) -> Vec<&'static SupportedProtocolVersion> {
        let all = [(Self::Tls12, &TLS12), (Self::Tls13, &TLS13)];
        all.into_iter().filter(|(version, _)| (min..=max).contains(version)).map(|(_, tls)| tls).collect()
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "TLS12" => Ok(Self::Tls12),
            "TLS13" => Ok(Self::Tls13),
            "TLS10" | "TLS11" => {
                Err(format!("{text} is not supported since it is insecure; use TLS12 or TLS13"))
            }
            _ => Err(format!("unknown TLS version {text:?}; use TLS12 or TLS13")),
        }
    }
}

/// A cipher suite, by its name in Go, which is the one that IANA registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suite(pub(super) SupportedCipherSuite);

impl Suite {
    pub(super) fn is_of_tls13(self) -> bool {
        self.0.tls13().is_some()
    }

    /// Whether it is one of those that the HTTP/2 standard asks for, one for each kind of key.
    pub(super) fn is_for_http2(self) -> bool {
        let required = [
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ];
        required.contains(&self.0.suite())
    }

    /// The suites of TLS 1.3, which can't be chosen among.
    pub(super) fn all_of_tls13() -> impl Iterator<Item = SupportedCipherSuite> {
        ALL_CIPHER_SUITES.iter().copied().filter(|suite| suite.tls13().is_some())
    }

    fn name(suite: SupportedCipherSuite) -> String {
        let name = suite.suite().as_str().unwrap_or_default();
        name.replacen("TLS13_", "TLS_", 1)
    }
}

impl FromStr for Suite {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(suite) = ALL_CIPHER_SUITES.iter().find(|suite| Self::name(**suite) == text) {
            return Ok(Self(*suite));
        }
        let tls12 = ALL_CIPHER_SUITES.iter().filter(|suite| suite.tls13().is_none());
        let alternatives: Vec<String> = tls12.map(|suite| Self::name(*suite)).collect();
        let is_weak =
            ["_CBC_", "_RC4_"].iter().any(|weak| text.contains(weak)) || text.starts_with("TLS_RSA_WITH_");
        let wrong = if is_weak && text.starts_with("TLS_") {
            format!("cipher {text} is not supported since it is insecure")
        } else {
            format!("unknown cipher {text:?}")
        };
        Err(format!("{wrong}; use {}", alternatives.join(", ")))
    }
}

/// A group for the exchange of keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve(pub(super) &'static dyn SupportedKxGroup);

impl FromStr for Curve {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const USE: &str = "use X25519, CurveP256 or CurveP384";
        match text {
            "X25519" => Ok(Self(kx_group::X25519)),
            "CurveP256" => Ok(Self(kx_group::SECP256R1)),
            "CurveP384" => Ok(Self(kx_group::SECP384R1)),
            "CurveP521" => Err(format!("curve CurveP521 is not supported; {USE}")),
            _ => Err(format!("unknown curve {text:?}; {USE}")),
        }
    }
}

/// What is asked of clients' certificates, in Go's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    NoClientCert,
    RequestClientCert,
    RequireAnyClientCert,
    VerifyClientCertIfGiven,
    RequireAndVerifyClientCert,
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "NoClientCert" => Ok(Self::NoClientCert),
            "RequestClientCert" => Ok(Self::RequestClientCert),
            // The second is what the first was called in early versions of the toolkit.
            "RequireAnyClientCert" | "RequireClientCert" => Ok(Self::RequireAnyClientCert),
            "VerifyClientCertIfGiven" => Ok(Self::VerifyClientCertIfGiven),
            "RequireAndVerifyClientCert" => Ok(Self::RequireAndVerifyClientCert),
            _ => Err(format!(
                "unknown client_auth_type {text:?}; use NoClientCert, RequestClientCert, RequireAnyClientCert, \
                 VerifyClientCertIfGiven or RequireAndVerifyClientCert"
            )),
        }
    }
}

/// Reads a type through its `FromStr`, so that errors have a line.
macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(Error::custom)
            }
        }
    )*};
}

from_text!(Version, Suite, Curve, Policy);

/// A span of time: Go's notation, or nanoseconds. None is as short as zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Notation;

        impl Visitor<'_> for Notation {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as 1s or 500ms")
            }

            fn visit_u64<E: Error>(self, nanoseconds: u64) -> Result<Span, E> {
                Ok(Span(Duration::from_nanos(nanoseconds)))
            }

            fn visit_i64<E: Error>(self, nanoseconds: i64) -> Result<Span, E> {
                Ok(Span(Duration::from_nanos(nanoseconds.max(0).cast_unsigned())))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                if text == "0" {
                    return Ok(Span::default());
                }
                let span: jiff::SignedDuration = text
                    .parse()
                    .map_err(|_| E::custom(format!("{text:?} is no duration such as 1s or 500ms")))?;
                Ok(Span(Duration::try_from(span).unwrap_or_default()))
            }
        }

        deserializer.deserialize_any(Notation)
    }
}

/// A header's value, empty where it is null.
pub(super) fn header<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    if http::HeaderValue::from_str(&value).is_err() {
        return Err(Error::custom("a header's value is one line of text"));
    }
    Ok(value)
}

pub(super) fn frame_options<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    one_of(&["deny", "sameorigin"], "X-Frame-Options", deserializer)
}

pub(super) fn content_type_options<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    one_of(&["nosniff"], "X-Content-Type-Options", deserializer)
}

fn one_of<'de, D: Deserializer<'de>>(
    known: &[&str],
    name: &str,
    deserializer: D,
) -> Result<String, D::Error> {
    let value = header(deserializer)?;
    if value.is_empty() || known.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(Error::custom(format!("invalid value {value:?} for {name}; use {}", known.join(" or "))))
}
