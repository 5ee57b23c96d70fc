//! The page of the HTTP endpoints.

use super::table;
use kstate::server::{MAIN_PAGES, TELEMETRY_PAGES};

/// What each page answers, by port. The page is not made where one lacks.
const MAIN: &[(&str, &str)] = &[
    (
        "/metrics",
        "The objects, in text format 0.0.4 or OpenMetrics 1.0, plain or gzip, as `Accept` and `Accept-Encoding` ask. `HEAD` has the head only, and costs nothing. 503 with one line while kinds are still being read, and while as many scrapes as `--max-concurrent-scrapes` are being answered; 406 where `Accept-Encoding` excludes what there is. An answer is cut off when Prometheus has stopped waiting for it, which it says with `X-Prometheus-Scrape-Timeout-Seconds`.",
    ),
    (
        "/api/v1/top",
        "The views that there are. `/api/v1/top/nodes` and so on answer what [`kstate top`](top.md) prints, as JSON, and `/api/v1/top/nodes/schema` says what that looks like.",
    ),
    ("/healthz", "`OK` while the process answers."),
    (
        "/livez",
        "`OK` while all tasks of the process run; 503 asks for a restart. The API server is not asked.",
    ),
    ("/", "Links to the pages of the port."),
];
const TELEMETRY: &[(&str, &str)] = &[
    (
        "/metrics",
        "The [exporter's own metrics](self-metrics.md), in text format 0.0.4, plain or gzip; with `?name[]=kstate_scrapes_total`, which may be repeated, these only.",
    ),
    (
        "/debug/cardinality",
        "How many samples, and bytes of text, each family and each namespace has: a page, or JSON with `?format=json` or `Accept: application/json`. It takes the queries of the main port's `/metrics` and renders what they choose, for one client at a time.",
    ),
    (
        "/-/reload",
        "With `--enable-lifecycle`, `POST` and `PUT` read the [configuration file](configuration.md) and the credentials again, as SIGHUP does: `OK` once they are in force, 500 with one line that says why they can't be. 403 without the flag.",
    ),
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
Queries of `/metrics` choose what is shown. Names stand in lists with commas, parameters may be repeated, and what several
parameters choose must be chosen by all of them:

- `/metrics?resources=pods,nodes` has these kinds only, by their plural names, and with an empty list nothing;
- `/metrics?exclude_resources=pods` has all but these kinds;
- `/metrics?family=kube_pod_info&family=kube_node_*` has these families only, by their names or by how they begin;
- `/metrics?namespace=team-a` has what belongs to this namespace: its objects and the namespace itself, but no nodes or
  other objects of the whole cluster;
- `/metrics?part=1&of=3` has the first of three parts, so that one exporter can be scraped as several targets. Parts are
  counted from 1, share no series and add up to the whole. A family is in one part only, and stays there as long as the
  exporter is configured as it is.

Names that are not known choose nothing, and parameters that are not known are ignored. A query that makes no sense, as
`part=4&of=3`, gets 400 with one line.

Questions at `/api/v1/top/<view>` are put with `namespace` and `name` (lists with commas), `labelSelector` and
`fieldSelector` (as the API server takes them), `problems=true`, `by` (image, registry, node or namespace), `sortBy`,
`span` (for how long what was used is looked at, as in 15m), `limit`, and `continue` with what the answer before says of it. A question that makes no sense, or needs what isn't
read, gets 400 with one line; 503 while kinds are still being read, and while four others are answered. Answers have an
`ETag` that stays as long as nothing but the time is another one.

## The telemetry port

8081 unless `--telemetry-port` says otherwise.

{}
## The port of the resource metrics API

10250 unless `--secure-port` says otherwise, over TLS, with `--resource-metrics-api`. What is under `/apis/metrics.k8s.io` is
[described on its own page](resource-metrics-api.md), and who may read it, too. `/healthz`, `/livez` and `/readyz` are for
all; the last is 200 once the cluster was read and some usage was measured.

## Access

A path that a [web configuration](https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md)
(`--tls-config`) keeps for users answers 401 to others, and any path 429 beyond its limit of requests. With
`--auth-filter`, `/metrics` of both ports, `/api/…`, `/debug/…` and `/-/reload` answer 401 without a bearer token that the API server knows, 403 where the
token's owner may not `get` (or `post`) the URL, and 500 while the API server can't be asked.
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
