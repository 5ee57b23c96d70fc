//! Why a request is not answered, in the API's form.

use super::{media::JSON, path::GROUP};
use axum::{
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use k8s_openapi::api::authorization::v1::ResourceAttributes;
use serde_json::{Map, Value, json};

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// Nobody knows who asks.
    Unauthorized,
    /// Somebody may not do this, of these objects.
    Forbidden(String, Map<String, Value>),
    /// An object is not there. The group is empty for one of the core group.
    NotFound { group: &'static str, kind: &'static str, name: String },
    /// A parameter makes no sense.
    BadRequest(String),
    /// This can't be done with objects of this kind, or with anything.
    Method { verb: &'static str, kind: String },
    /// None of what is wanted can be had.
    NotAcceptable,
    /// The objects were not read yet.
    NotReady(&'static str),
    /// The API server did not say what is allowed.
    Internal,
    /// There is no such page.
    NoPage,
}

impl Refusal {
    pub(super) fn forbidden(user: &str, verb: &str, path: &str, of: Option<&ResourceAttributes>) -> Self {
        let Some(of) = of else {
            return Self::Forbidden(
                format!("forbidden: User {user:?} cannot {verb} path {path:?}"),
                Map::new(),
            );
        };
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (resource, name) = (part(&of.resource), part(&of.name));
        let whole = match part(&of.subresource) {
            subresource if subresource.is_empty() => resource.clone(),
            subresource => format!("{resource}/{subresource}"),
        };
        let place = match &of.namespace {
            Some(namespace) => format!("in the namespace {namespace:?}"),
            None => "at the cluster scope".to_owned(),
        };
        let what = if name.is_empty() { String::new() } else { format!(" {name:?}") };
        let message = format!(
            "{resource}.{GROUP}{what} is forbidden: User {user:?} cannot {verb} resource {whole:?} in API group {GROUP:?} {place}"
        );
        Self::Forbidden(message, details(GROUP, &resource, &name))
    }

    /// Code, reason, message and details.
    fn parts(self) -> (StatusCode, &'static str, String, Map<String, Value>) {
        let plain = |code, reason, message: &str| (code, reason, message.to_owned(), Map::new());
        match self {
            Self::Unauthorized => plain(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized"),
            Self::Forbidden(message, details) => (StatusCode::FORBIDDEN, "Forbidden", message, details),
            Self::NotFound { group, kind, name } => {
                let dot = if group.is_empty() { "" } else { "." };
                let message = format!("{kind}{dot}{group} {name:?} not found");
                (StatusCode::NOT_FOUND, "NotFound", message, details(group, kind, &name))
            }
            Self::BadRequest(message) => plain(StatusCode::BAD_REQUEST, "BadRequest", &message),
            Self::Method { verb, kind } => {
                let message = format!("{verb} is not supported on resources of kind {kind:?}");
                plain(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &message)
            }
            Self::NotAcceptable => plain(
                StatusCode::NOT_ACCEPTABLE,
                "NotAcceptable",
                "only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1",
            ),
            Self::NotReady(what) => {
                let message = format!("the {what} of the cluster were not read yet");
                plain(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", &message)
            }
            Self::Internal => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "Internal error occurred: the API server did not say what is allowed",
            ),
            Self::NoPage => {
                plain(StatusCode::NOT_FOUND, "NotFound", "the server could not find the requested resource")
            }
        }
    }
}

fn details(group: &str, kind: &str, name: &str) -> Map<String, Value> {
    let given =
        [("name", name), ("group", group), ("kind", kind)].into_iter().filter(|(_, text)| !text.is_empty());
    given.map(|(key, text)| (key.to_owned(), text.into())).collect()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (code, reason, message, mut details) = self.parts();
        let later = code == StatusCode::SERVICE_UNAVAILABLE;
        if later {
            details.insert("retryAfterSeconds".to_owned(), 1.into());
        }
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "details": details, "code": code.as_u16(),
        });
        let body = (code, [(CONTENT_TYPE, JSON)], status.to_string());
        if later { ([(RETRY_AFTER, "1")], body).into_response() } else { body.into_response() }
    }
}
