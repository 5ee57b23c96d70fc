//! What the API server says when it refuses something.

use crate::wire::{DecodeError, Field, Fields, envelope};
use std::{fmt, time::Duration};

/// `metav1.Status`, reduced.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ApiStatus {
    /// As an HTTP status.
    pub(super) code: u16,
    /// In one word, such as `Expired`.
    pub(super) reason: String,
    /// In a sentence.
    pub(super) message: String,
    details: Details,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    causes: Vec<Cause>,
    retry_after_seconds: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
struct Cause {
    reason: String,
}

/// The longest text taken over, since it goes into the log.
const LONGEST_TEXT: usize = 300;

impl ApiStatus {
    /// The status of a response, from whatever its body is.
    pub(super) fn of_response(code: u16, body: &[u8]) -> Self {
        let decoded = match envelope(body) {
            Ok((_, bytes)) => Self::decode(bytes).ok(),
            Err(_) => Self::of_json(body).ok(),
        };
        let mut status = decoded.unwrap_or_else(|| {
            let message = short_line(&String::from_utf8_lossy(body));
            Self { message, ..Self::default() }
        });
        status.code = code;
        status
    }

    /// The status of an event in protobuf, whose object is enveloped.
    pub(super) fn of_event(object: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(envelope(object)?.1)
    }

    /// The status in JSON.
    pub(super) fn of_json(object: &[u8]) -> Result<Self, DecodeError> {
        let mut status: Self = serde_json::from_slice(object).map_err(DecodeError::Json)?;
        status.message = short_line(&status.message);
        Ok(status)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut status = Self::default();
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match number {
                3 => status.message = short_line(field.text()?),
                4 => field.text()?.clone_into(&mut status.reason),
                5 => status.details = Details::decode(field)?,
                6 => status.code = u16::try_from(field.integer()?).unwrap_or(500),
                _ => {}
            }
        }
        Ok(status)
    }

    /// True where the state asked for is no longer kept, so everything has to be read again.
    pub(super) fn is_expired(&self) -> bool {
        self.code == 410 || self.reason == "Expired" || self.reason == "Gone" || self.is_too_new()
    }

    /// True where the server hasn't come to the state asked for, as after its storage was put
    /// back to an earlier one.
    fn is_too_new(&self) -> bool {
        let causes = &self.details.causes;
        self.code == 504 && causes.iter().any(|cause| cause.reason == "ResourceVersionTooLarge")
    }

    /// When to ask again, as the body has it.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.details.retry_after_seconds;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }
}

impl Details {
    fn decode(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut details = Self::default();
        let mut fields = field.fields()?;
        while let Some((number, field)) = fields.next()? {
            match number {
                4 => {
                    let mut cause = Cause::default();
                    let mut fields = field.fields()?;
                    while let Some((number, field)) = fields.next()? {
                        if number == 1 {
                            field.text()?.clone_into(&mut cause.reason);
                        }
                    }
                    details.causes.push(cause);
                }
                5 => details.retry_after_seconds = u32::try_from(field.integer()?).unwrap_or(0),
                _ => {}
            }
        }
        Ok(details)
    }
}

impl fmt::Display for ApiStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.reason.is_empty() {
            write!(f, " {}", self.reason)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

/// The first line of a text that says something, shortened.
fn short_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_from_json_and_from_whatever_a_proxy_says() {
        let json = br#"{"kind":"Status","message":"no","reason":"Expired","code":500,
            "details":{"retryAfterSeconds":3,"causes":[{"reason":"x"}]}}"#;
        let status = ApiStatus::of_response(410, json);
        assert_eq!(status.to_string(), "410 Expired: no");
        assert_eq!(status.retry_after(), Some(Duration::from_secs(3)));
        assert!(status.is_expired());

        let status = ApiStatus::of_response(502, b"\n  <html>Bad Gateway</html>\n<!-- -->");
        assert_eq!(status.to_string(), "502: <html>Bad Gateway</html>");
    }
}
