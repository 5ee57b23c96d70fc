//! What a web configuration file says.

use super::{
    Fault,
    notation::{self, Curve, Policy, Span, Suite, Version},
};
use serde::Deserialize;
use serde_saphyr::Error;
use std::collections::BTreeMap;

/// The file. What is missing or null has its default.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) tls_server_config: Option<Tls>,
    pub(super) http_server_config: Option<Http>,
    pub(super) basic_auth_users: Option<BTreeMap<String, Option<String>>>,
    pub(super) rate_limit: Option<Rate>,
}

/// How connections are made secure. Where a file and text are given for the same, the file counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) cert: Option<String>,
    pub(super) key: Option<String>,
    pub(super) client_ca: Option<String>,
    pub(super) cert_file: Option<String>,
    pub(super) key_file: Option<String>,
    pub(super) client_auth_type: Option<Policy>,
    pub(super) client_ca_file: Option<String>,
    pub(super) client_allowed_sans: Option<Vec<String>>,
    pub(super) min_version: Option<Version>,
    pub(super) max_version: Option<Version>,
    pub(super) cipher_suites: Option<Vec<Suite>>,
    pub(super) prefer_server_cipher_suites: Option<bool>,
    pub(super) curve_preferences: Option<Vec<Curve>>,
}

/// What holds for all answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Http {
    pub(super) http2: Option<bool>,
    pub(super) headers: Option<Headers>,
}

/// The headers that may be set. An empty one is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Headers {
    #[serde(rename = "Content-Security-Policy", deserialize_with = "notation::header")]
    pub(super) content_security_policy: String,
    #[serde(rename = "X-Frame-Options", deserialize_with = "notation::frame_options")]
    pub(super) x_frame_options: String,
    #[serde(rename = "X-Content-Type-Options", deserialize_with = "notation::content_type_options")]
    pub(super) x_content_type_options: String,
    #[serde(rename = "X-XSS-Protection", deserialize_with = "notation::header")]
    pub(super) x_xss_protection: String,
    #[serde(rename = "Strict-Transport-Security", deserialize_with = "notation::header")]
    pub(super) strict_transport_security: String,
}

/// How many requests are answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rate {
    pub(super) interval: Option<Span>,
    pub(super) burst: Option<i64>,
}

impl File {
    /// Reads a file. Unknown and repeated keys are errors, which name the line.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|error| Fault::Form(error.to_string()))?;
        let file = serde_saphyr::from_str::<Option<Self>>(text);
        file.map(Option::unwrap_or_default).map_err(|error| Fault::Form(explained(&error)))
    }
}

fn explained(error: &Error) -> String {
    let error = error.without_snippet();
    let text = match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            let hint = nearest(field, expected).map(|key| format!("; did you mean {key:?}?"));
            format!("unknown key {field:?}{} (known are {})", hint.unwrap_or_default(), expected.join(", "))
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("the key {key:?} is there twice"),
        Error::Message { msg, .. } => msg.clone(),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    match error.location() {
        // What the parser itself says has the line already, as a rule.
        Some(place) if place.line() > 0 && !text.contains(&format!("line {}", place.line())) => {
            format!("line {}: {text}", place.line())
        }
        _ => text,
    }
}

fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(key, known), *known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.7)
        .map(|(_, known)| known)
}
