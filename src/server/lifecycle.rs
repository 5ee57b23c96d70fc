//! `POST /-/reload`, as Prometheus has it: reading the configuration again, now.

use super::{Served, refusal};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use tokio::sync::{mpsc, oneshot};

/// Asks for the configuration to be read again. The answer is what became of it; what is wrong is said
/// in one line.
pub type Reloads = mpsc::Sender<oneshot::Sender<Result<(), String>>>;

/// Answers once the configuration is in force, or why it can't be.
pub(super) async fn reload(State(served): State<Served>) -> Response {
    let Some(reloads) = &served.reloads else {
        return refusal(
            StatusCode::FORBIDDEN,
            "Reloading by request is off; --enable-lifecycle turns it on.",
        );
    };
    let (answer, outcome) = oneshot::channel();
    // Where nobody listens any longer, the answer is dropped.
    let _ = reloads.send(answer).await;
    match outcome.await {
        Ok(Ok(())) => "OK\n".into_response(),
        Ok(Err(wrong)) => refusal(StatusCode::INTERNAL_SERVER_ERROR, wrong),
        Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE, "The process is about to end."),
    }
}
