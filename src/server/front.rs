//! What the web configuration asks of every request, whatever its path: that there are not too many
//! of them, that their users are known, and headers of answers.

use super::refusal;
use crate::web::{Bucket, WebConfig};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use std::{sync::Arc, time::Instant};

/// Puts a configuration in front of all that one port serves.
pub(super) fn layered(router: Router, web: &Arc<WebConfig>) -> Router {
    let front = Front { web: Arc::clone(web), bucket: Arc::default() };
    router.layer(from_fn_with_state(front, pass))
}

#[derive(Clone)]
struct Front {
    web: Arc<WebConfig>,
    bucket: Arc<Bucket>,
}

async fn pass(State(front): State<Front>, request: Request, next: Next) -> Response {
    let settings = front.web.current().await;
    if let Some(limit) = settings.rate_limit
        && !front.bucket.allows(limit, Instant::now())
    {
        return refusal(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    }
    let authorization = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let mut response = if settings.users.is_empty() || settings.users.admit(authorization).await {
        next.run(request).await
    } else {
        let mut response = refusal(StatusCode::UNAUTHORIZED, "Unauthorized");
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        response
    };
    for (name, value) in &settings.headers {
        // What an answer says of itself counts.
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}
