//! The resource metrics API on a port of its own, with a stand-in for the API server that reviews.

use crate::{
    identities::{Authority, Folder, TlsClient},
    process::{Server, eventually},
};
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
use rcgen::{DistinguishedName, DnType};
use serde_json::{Value, json};
use std::{fs, io::Read as _};
use tokio::{net::TcpListener, runtime::Runtime};

const NODES: &str = "/apis/metrics.k8s.io/v1beta1/nodes";
const PODS: &str = "/apis/metrics.k8s.io/v1beta1/pods";

/// An API server: reviews are answered here, everything else by a simulated cluster.
struct ApiServer {
    port: u16,
    _simulator: Simulator,
    _runtime: Runtime,
}

impl ApiServer {
    fn start(nodes: usize) -> Self {
        let runtime = Runtime::new().unwrap();
        let options = Options { nodes, pods_per_node: 30, updates_per_second: 0.0, ..Options::default() };
        let simulator = runtime.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options)).unwrap();
        let router = Router::new()
            .route("/apis/authentication.k8s.io/v1/tokenreviews", post(review))
            .route("/apis/authorization.k8s.io/v1/subjectaccessreviews", post(review))
            .fallback(forward)
            .with_state(simulator.address().to_string());
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { port, _simulator: simulator, _runtime: runtime }
    }

    /// The exporter with the API, and its port.
    fn exporter(&self, flags: &[&str]) -> (Server, u16) {
        let apiserver = format!("--apiserver=http://127.0.0.1:{}", self.port);
        let usual = [
            "--host=127.0.0.1",
            "--port=0",
            "--telemetry-port=0",
            "--resources=nodes,pods",
            "--bind-address=127.0.0.1",
            "--kubelet-access=proxy",
            "--metric-resolution=1s",
            "--kubelet-request-timeout=900ms",
            "--authentication-skip-lookup",
            &apiserver,
        ];
        let server = Server::start(&[&usual[..], flags].concat());
        let port = secure_port(&server);
        (server, port)
    }
}

fn secure_port(server: &Server) -> u16 {
    server.printed("The resource metrics API is served. address=127.0.0.1:").parse().unwrap()
}

/// Tokens are names, and who is called `allowed` may do everything.
async fn review(request: Request) -> Response {
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let mut review: Value = serde_json::from_slice(&body).unwrap();
    review["status"] = match review["spec"]["token"].as_str() {
        Some(token) => json!({ "authenticated": token != "expired", "user": { "username": token } }),
        None => json!({ "allowed": review["spec"]["user"] == "allowed" }),
    };
    (StatusCode::CREATED, [("content-type", "application/json")], review.to_string()).into_response()
}

async fn forward(State(cluster): State<String>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().unwrap().as_str();
    *request.uri_mut() = format!("http://{cluster}{path}").parse().unwrap();
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    match client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

fn get(client: &TlsClient, port: u16, path: &str, headers: &str) -> (u16, Value) {
    let answer = client.request(port, path, headers).unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn front(authority: &Authority) -> crate::identities::Identity {
    authority.issue_with(&[], |parameters| {
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, "front");
    })
}

#[test]
fn the_port_answers_those_whom_a_certificate_vouches_for() {
    let (server, folder) = (ApiServer::start(20), Folder::new());
    let path = |name: &str| folder.write(name, &folder.read(name)).display().to_string();
    let (first, second) = (Authority::new(), Authority::new());
    folder.write("front.crt", &first.certificate);
    let flags = [
        "--resource-metrics-api".to_owned(),
        "--secure-port=0".to_owned(),
        format!("--tls-cert-file={}", path("server.crt")),
        format!("--tls-private-key-file={}", path("server.key")),
        format!("--requestheader-client-ca-file={}", path("front.crt")),
        "--requestheader-allowed-names=front".to_owned(),
    ];
    let (exporter, port) = server.exporter(&flags.each_ref().map(String::as_str));
    let allowed = "X-Remote-User: allowed\r\n";
    let [client, other] = [&first, &second].map(|authority| folder.client().with(&front(authority)));
    eventually("readiness", || (get(&folder.client(), port, "/readyz", "").0 == 200).then_some(()));
    let list = eventually("all nodes", || {
        let (status, list) = get(&client, port, NODES, allowed);
        assert_eq!(status, 200, "{list}");
        (list["items"].as_array().unwrap().len() == 20).then_some(list)
    });
    assert_eq!(list["items"][0]["metadata"]["name"], "node-0001");
    // All labels are there, which no flag selects for the metrics.
    assert!(list["items"][0]["metadata"]["labels"]["kubernetes.io/hostname"].is_string(), "{list}");
    assert_eq!(get(&client, port, NODES, "").0, 403, "the certificate without a user");
    assert_eq!(get(&client, port, NODES, "X-Remote-User: denied\r\n").0, 403);
    assert_eq!(get(&folder.client(), port, NODES, allowed).0, 403, "headers without a certificate");
    assert_eq!(get(&other, port, NODES, allowed).0, 401);
    assert_eq!(get(&folder.client(), port, NODES, "Authorization: Bearer allowed\r\n").0, 200);

    // Large lists are compressed for those who take that.
    let answer = client.request(port, PODS, &format!("{allowed}Accept-Encoding: gzip\r\n")).unwrap();
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&answer.body[..]).read_to_string(&mut text).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    assert!(list["items"].as_array().unwrap().len() > 100, "{}", text.len());
    assert!(text.len() > 128 * 1024);

    // Files that change are followed.
    folder.write("front.crt", &second.certificate);
    eventually("another authority", || (get(&other, port, NODES, allowed).0 == 200).then_some(()));
    assert_eq!(get(&client, port, NODES, allowed).0, 401);
    let shown = || folder.client().connect(port).unwrap().conn.peer_certificates().unwrap()[0].clone();
    let before = shown();
    folder.renew();
    eventually("another certificate", || (shown() != before).then_some(()));
    assert!(!exporter.log().contains("ERROR"), "{}", exporter.log());
}

#[test]
fn the_port_follows_the_configuration() {
    let (server, folder) = (ApiServer::start(1), Folder::new());
    let config = folder.write("kstate.yaml", "resource_metrics_api: true\nsecure_port: 0\n");
    let (exporter, first) = server.exporter(&[&format!("--config={}", config.display())]);
    // The certificate is one that nobody knows.
    let token = "Authorization: Bearer allowed\r\n";
    assert!(folder.client().request(first, NODES, token).is_err());
    let connects = |port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(connects(first));

    let [certificate, key] = ["server.crt", "server.key"].map(|name| folder.write(name, &folder.read(name)));
    let files =
        format!("tls_cert_file: {}\ntls_private_key_file: {}\n", certificate.display(), key.display());
    folder.write("kstate.yaml", &format!("resource_metrics_api: true\nsecure_port: 0\n{files}"));
    eventually("the certificate of files", || {
        let answer = folder.client().request(first, NODES, token).ok()?;
        (answer.status == 200).then_some(())
    });
    let port = free_port();
    folder.write("kstate.yaml", &format!("resource_metrics_api: true\nsecure_port: {port}\n{files}"));
    eventually("another port", || connects(port).then_some(()));
    eventually("the end of the first one", || (!connects(first)).then_some(()));
    folder.write("kstate.yaml", "resource_metrics_api: true\nsecure_port: 0\ntls_cert_file: /missing\ntls_private_key_file: /missing\n");
    eventually("a complaint", || exporter.log().contains("/missing: No such file").then_some(()));
    assert_eq!(get(&folder.client(), port, NODES, token).0, 200, "what was in force stays");
    folder.write("kstate.yaml", "resource_metrics_api: false\n");
    eventually("the end", || (!connects(port)).then_some(()));
    fs::remove_file(config).unwrap();
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
