//! The errors of the API, as `meta/v1.Status` objects.

use serde_json::{Value, json};

use super::codec::Object;

/// An answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    /// The HTTP status.
    pub(super) code: u16,
    reason: &'static str,
    message: String,
    /// Seconds after which the client may try again.
    pub(super) retry_after: Option<u32>,
}

impl ApiError {
    /// An error with the reason that belongs to its code.
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        let reason = match code {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            406 => "NotAcceptable",
            409 => "AlreadyExists",
            410 => "Expired",
            415 => "UnsupportedMediaType",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        Self { code, reason, message: message.into(), retry_after: None }
    }

    /// The path leads nowhere.
    pub(super) fn no_such_path() -> Self {
        Self::new(404, "the server could not find the requested resource")
    }

    /// The version that a watch or page asks for is not in the history any more.
    pub(super) fn expired(version: u64) -> Self {
        Self::new(410, format!("too old resource version: {version}"))
    }

    /// The `Status` object without `apiVersion` and `kind`.
    pub(super) fn status(&self) -> Object {
        let mut status = json!({
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        });
        if let Some(seconds) = self.retry_after {
            status["details"] = json!({"retryAfterSeconds": seconds});
        }
        match status {
            Value::Object(status) => status,
            _ => Object::new(),
        }
    }
}
