//! The page of the HTTP endpoints.

use super::table;
use kstate::server::{MAIN_PAGES, TELEMETRY_PAGES};

/// What each page answers, by port. The page is not made where one lacks.
const MAIN: &[(&str, &str)] = &[
    (
        "/metrics",
        "The objects, in text format 0.0.4 or OpenMetrics 1.0, plain or gzip, as `Accept` and `Accept-Encoding` ask. 503 with one line while kinds are still being read, and while forty other scrapes are being answered.",
    ),
    ("/healthz", "`OK` while the process answers."),
    (
        "/livez",
        "`OK` while all tasks of the process run; 503 asks for a restart. The API server is not asked.",
    ),
    ("/", "Links to the pages of the port."),
];
const TELEMETRY: &[(&str, &str)] = &[
    ("/metrics", "The [exporter's own metrics](self-metrics.md), in text format 0.0.4."),
    ("/readyz", "`OK` once the cluster was read; 503 with one line that names what is missing."),
    ("/", "Links to the pages of the port."),
];

/// The page.
pub(super) fn page() -> String {
    format!(
        "# HTTP endpoints

## The main port

8080 unless `--port` says otherwise.

{}
Queries of `/metrics` choose kinds by their plural names, with commas between them:

- `/metrics?resources=pods,nodes` has these only, and with an empty list nothing;
- `/metrics?exclude_resources=pods` has all but these.

## The telemetry port

8081 unless `--telemetry-port` says otherwise.

{}
## Access

A path that a [web configuration](https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md)
(`--tls-config`) keeps for users answers 401 to others, and any path 429 beyond its limit of requests. With
`--auth-filter`, `/metrics` of both ports answers 401 without a bearer token that the API server knows, 403 where the
token's owner may not `get` the URL, and 500 while the API server can't be asked.
",
        rows(MAIN, MAIN_PAGES),
        rows(TELEMETRY, TELEMETRY_PAGES)
    )
}

fn rows(described: &[(&str, &str)], served: &[(&str, &str)]) -> String {
    for (path, _) in served {
        assert!(described.iter().any(|(known, _)| known == path), "{path} is not described");
    }
    let rows = described.iter().map(|(path, answer)| [format!("`{path}`"), (*answer).to_owned()]);
    table(["path", "answer"], rows)
}
