//! Keeping metrics from those who may not read them.

use super::{Served, refusal};
use crate::access::{Access, Denial};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::AUTHORIZATION},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use std::sync::Arc;

/// Serves these routes to those only who may read them, where access is limited at all. All that
/// tells of the cluster or the process goes through here; health endpoints and landing pages don't.
pub(super) fn guarded(routes: Router<Served>, served: &Served) -> Router<Served> {
    match &served.access {
        None => routes,
        Some(access) => routes.route_layer(from_fn_with_state(Arc::clone(access), admit)),
    }
}

async fn admit(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let authorization = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let checked = access.check(authorization, request.method().as_str(), request.uri().path()).await;
    match checked {
        Ok(()) => next.run(request).await,
        Err(denial) => {
            let status = match denial {
                Denial::Unauthenticated => StatusCode::UNAUTHORIZED,
                Denial::Forbidden(_) => StatusCode::FORBIDDEN,
                Denial::NotAuthenticated | Denial::NotAuthorized(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            refusal(status, denial.to_string())
        }
    }
}
