//! `/debug/pprof/…`, which is of Go's runtime: why there is nothing, and what there is instead.

use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};

/// Answers 404 with the reason in one line.
pub(super) async fn missing(uri: Uri) -> Response {
    let reason = match uri.path().strip_prefix("/debug/pprof/") {
        Some("profile") => {
            "There is no CPU profile: to look up names in a profile, the process would hold its own debug \
             information in memory from then on. perf record -g -p PID profiles it from outside.\n"
        }
        Some("heap" | "allocs") => {
            "There is no heap profile: the allocator would need more memory at all times to take one. \
             kstate_memory_* and kstate_resource_bytes of /metrics tell of the heap.\n"
        }
        _ => "There are no profiles of Go's runtime, since there is none.\n",
    };
    (StatusCode::NOT_FOUND, reason).into_response()
}
