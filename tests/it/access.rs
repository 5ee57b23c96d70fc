//! Who may read metrics, with a stand-in for the API server.

use crate::process::{Answer, Server, get, request};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use kstate::simulator::{Options, Simulator};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, runtime::Runtime};

/// An API server: reviews are answered here, everything else by a simulated cluster.
struct ApiServer {
    port: u16,
    reviews: Reviews,
    _simulator: Simulator,
    _runtime: Runtime,
}

/// What was reviewed, in order.
type Reviews = Arc<Mutex<Vec<Value>>>;

#[derive(Clone)]
struct Standing {
    cluster: String,
    reviews: Reviews,
}

impl ApiServer {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let options = Options { nodes: 1, pods_per_node: 1, updates_per_second: 0.0, ..Options::default() };
        let simulator = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options)).unwrap();
        let reviews = Reviews::default();
        let standing = Standing { cluster: simulator.address().to_string(), reviews: Arc::clone(&reviews) };
        let router = Router::new()
            .route("/apis/authentication.k8s.io/v1/tokenreviews", post(token_review))
            .route("/apis/authorization.k8s.io/v1/subjectaccessreviews", post(access_review))
            .fallback(forward)
            .with_state(standing);
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { port, reviews, _simulator: simulator, _runtime: runtime }
    }

    /// How often this kind of review was asked for.
    fn count(&self, kind: &str) -> usize {
        self.reviews.lock().unwrap().iter().filter(|review| review["kind"] == kind).count()
    }

    fn exporter(&self, flags: &[&str]) -> (Server, u16, u16) {
        let apiserver = format!("--apiserver=http://127.0.0.1:{}", self.port);
        let arguments = ["--port=0", "--telemetry-port=0", "--host=127.0.0.1", &apiserver, "--auth-filter"];
        let server = Server::start(&[&arguments[..], flags].concat());
        let (main, telemetry) = server.ports();
        crate::process::eventually("readiness", || (get(telemetry, "/readyz").status == 200).then_some(()));
        (server, main, telemetry)
    }
}

async fn recorded(standing: &Standing, request: Request) -> Value {
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let review: Value = serde_json::from_slice(&body).unwrap();
    standing.reviews.lock().unwrap().push(review.clone());
    review
}

fn reviewed(mut review: Value, status: Value) -> Response {
    review["status"] = status;
    (StatusCode::CREATED, [("content-type", "application/json")], review.to_string()).into_response()
}

async fn token_review(State(standing): State<Standing>, request: Request) -> Response {
    let review = recorded(&standing, request).await;
    let user = |name: &str| {
        json!({ "authenticated": true, "user": {
            "username": name, "uid": format!("uid-of-{name}"), "groups": ["scrapers"],
            "extra": { "pod": ["prometheus-0"] },
        }})
    };
    match review["spec"]["token"].as_str().unwrap() {
        "of-denied" => reviewed(review, user("denied")),
        "of-unclear" => reviewed(review, user("unclear")),
        "of-slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            reviewed(review, user("allowed"))
        }
        "expired" => reviewed(review, json!({ "authenticated": false, "error": "token has expired" })),
        "broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "once"
            if standing.reviews.lock().unwrap().iter().filter(|r| r["spec"]["token"] == "once").count()
                == 1 =>
        {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        "of-allowed" | "once" => reviewed(review, user("allowed")),
        "forbidden" => StatusCode::FORBIDDEN.into_response(),
        "empty" => (StatusCode::CREATED, review.to_string()).into_response(),
        "silent" => std::future::pending().await,
        _ => reviewed(review, json!({})),
    }
}

async fn access_review(State(standing): State<Standing>, request: Request) -> Response {
    let review = recorded(&standing, request).await;
    match review["spec"]["user"].as_str().unwrap() {
        "allowed" => {
            let allowed =
                review["spec"]["nonResourceAttributes"] == json!({ "path": "/metrics", "verb": "get" });
            reviewed(review, json!({ "allowed": allowed }))
        }
        "unclear" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => reviewed(review, json!({ "allowed": false, "reason": "no rule" })),
    }
}

async fn forward(State(standing): State<Standing>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().unwrap().as_str();
    *request.uri_mut() = format!("http://{}{path}", standing.cluster).parse().unwrap();
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    match client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

fn with_token(port: u16, method: &str, path: &str, token: &str) -> Answer {
    request(port, method, path, &format!("Authorization: Bearer {token}\r\n"))
}

#[test]
fn metrics_are_for_those_who_may_read_them() {
    let server = ApiServer::start();
    let (_exporter, main, telemetry) = server.exporter(&[]);
    for port in [main, telemetry] {
        for (token, status, text) in [
            ("of-allowed", 200, ""),
            ("of-denied", 403, "Authorization denied for user denied\n"),
            ("expired", 401, "Unauthorized\n"),
            ("made-up", 401, "Unauthorized\n"),
            ("broken", 500, "Authentication failed\n"),
            ("forbidden", 500, "Authentication failed\n"),
            ("empty", 500, "Authentication failed\n"),
            ("of-unclear", 500, "Authorization for user unclear failed\n"),
            ("once", 200, ""),
        ] {
            let answer = with_token(port, "GET", "/metrics", token);
            assert_eq!(answer.status, status, "{token}: {}", answer.text());
            assert!(status == 200 || answer.text() == text, "{token}: {}", answer.text());
        }
        for headers in ["", "Authorization: Basic b2YtYWxsb3dlZDo=\r\n", "Authorization: Bearer\r\n"] {
            let answer = request(port, "GET", "/metrics", headers);
            assert_eq!((answer.status, answer.text()), (401, "Unauthorized\n"), "{headers}");
        }
        // Permissions are for a method.
        assert_eq!(with_token(port, "POST", "/metrics", "of-allowed").status, 403);
        assert_eq!(with_token(port, "HEAD", "/metrics", "of-allowed").status, 403);
    }
    for (port, path) in
        [(main, "/"), (main, "/healthz"), (main, "/livez"), (telemetry, "/"), (telemetry, "/readyz")]
    {
        assert_eq!(get(port, path).status, 200, "{path}");
    }
    let metrics = with_token(telemetry, "GET", "/metrics", "of-allowed");
    let counted: Vec<&str> = metrics
        .text()
        .lines()
        .filter(|line| line.starts_with("http_request_duration_seconds_count"))
        .collect();
    assert_eq!(counted, ["http_request_duration_seconds_count{handler=\"metrics\",method=\"get\"} 2"]);
}

#[test]
fn all_that_is_known_of_a_user_is_asked_about() {
    let server = ApiServer::start();
    let (_exporter, main, _) = server.exporter(&[]);
    assert_eq!(with_token(main, "GET", "/metrics?resources=pods", "of-allowed").status, 200);
    let reviews = server.reviews.lock().unwrap();
    assert_eq!(reviews[0]["spec"], json!({ "token": "of-allowed" }));
    assert_eq!(
        reviews[1]["spec"],
        json!({
            "user": "allowed", "uid": "uid-of-allowed", "groups": ["scrapers"],
            "extra": { "pod": ["prometheus-0"] },
            "nonResourceAttributes": { "path": "/metrics", "verb": "get" },
        })
    );
}

#[test]
fn reviews_are_remembered_and_shared() {
    let server = ApiServer::start();
    let (exporter, main, telemetry) = server.exporter(&[]);
    let requests: Vec<_> = (0..20)
        .map(|number| {
            let port = if number % 2 == 0 { main } else { telemetry };
            thread::spawn(move || with_token(port, "GET", "/metrics", "of-slow").status)
        })
        .collect();
    assert!(requests.into_iter().all(|request| request.join().unwrap() == 200));
    for token in ["of-slow", "of-denied", "of-denied", "expired", "expired"] {
        with_token(main, "GET", "/metrics", token);
    }
    assert_eq!((server.count("TokenReview"), server.count("SubjectAccessReview")), (3, 2));
    // Failures are not remembered; each is tried three times.
    for _ in 0..2 {
        assert_eq!(with_token(main, "GET", "/metrics", "broken").status, 500);
    }
    assert_eq!(server.count("TokenReview"), 3 + 2 * 3);
    assert!(!exporter.log().contains("of-"), "no token is logged: {}", exporter.log());
}

#[test]
fn a_silent_server_lets_nobody_in() {
    let server = ApiServer::start();
    let (_exporter, main, _) = server.exporter(&[]);
    let start = Instant::now();
    let answer = with_token(main, "GET", "/metrics", "silent");
    assert_eq!((answer.status, answer.text()), (500, "Authentication failed\n"));
    assert!(start.elapsed() >= Duration::from_secs(10) && start.elapsed() < Duration::from_secs(20));
    assert_eq!(get(main, "/healthz").status, 200);
}

#[test]
fn the_filter_is_off_unless_it_is_asked_for() {
    let server = ApiServer::start();
    let (_exporter, main, telemetry) = server.exporter(&["--auth-filter=false"]);
    assert_eq!((get(main, "/metrics").status, get(telemetry, "/metrics").status), (200, 200));
    assert_eq!(server.reviews.lock().unwrap().len(), 0);
}
