//! Kubelets that are asked directly, over TLS.

use super::{Scene, cluster, settings};
use crate::identities::{Authority, Identity};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kstate::{
    kubelets::{Access, Direct, Outcome, Settings},
    simulator::Simulator,
    watch::{Clients, Trust},
};
use kube::config::AuthInfo;
use parking_lot::Mutex;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use serde_json::json;
use std::{
    convert::Infallible,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

/// The kubelet of a node, and what it was asked.
struct Kubelet {
    port: u16,
    connections: Arc<AtomicUsize>,
    /// Path and credentials of each request, and whether there was a certificate.
    requests: Arc<Mutex<Vec<(String, String, bool)>>>,
    task: JoinHandle<()>,
}

impl Kubelet {
    /// Serves with this certificate, and takes those of clients that the authority signed.
    async fn start(simulator: Arc<Simulator>, identity: &Identity, authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.certificate.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .unwrap();
        let chain = vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (counted, recorded) = (Arc::clone(&connections), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::Relaxed);
                let Ok(stream) = acceptor.accept(socket).await else { continue };
                let shown = stream.get_ref().1.peer_certificates().is_some();
                let (simulator, recorded) = (Arc::clone(&simulator), Arc::clone(&recorded));
                let service = service_fn(move |request: Request<Incoming>| {
                    let header = |name| request.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
                    let path = format!("{}{}", header("host").unwrap(), request.uri().path());
                    recorded.lock().push((path, header("authorization").unwrap_or_default(), shown));
                    let text = simulator.kubelet("node-0001").unwrap();
                    async move { Ok::<_, Infallible>(Response::new(text)) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { port, connections, requests, task }
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A cluster of one node whose kubelet is at a port of this machine.
async fn cluster_of(port: u16) -> Arc<Simulator> {
    let simulator = cluster(1).await;
    let mut node = simulator.get("nodes", "", "node-0001").unwrap();
    node["status"]["addresses"] =
        json!([{"type": "Hostname", "address": "node-0001"}, {"type": "InternalIP", "address": "127.0.0.1"}]);
    node["status"]["daemonEndpoints"] = json!({"kubeletEndpoint": {"Port": port}});
    simulator.apply("nodes", node).unwrap();
    simulator
}

async fn with_token(simulator: &Simulator) -> Clients {
    let mut config = kube::Config::new(format!("http://{}", simulator.address()).parse().unwrap());
    config.auth_info = AuthInfo { token: Some("secret".to_owned().into()), ..AuthInfo::default() };
    Clients::fixed(config).await.unwrap()
}

fn directly(port: u16, trust: Trust) -> Settings {
    let address_types = vec!["InternalIP".to_owned(), "Hostname".to_owned()];
    let access = Access::Direct(Direct { port, status_port: port == 1, address_types, trust });
    Settings { access, ..settings() }
}

#[tokio::test(flavor = "multi_thread")]
async fn kubelets_are_asked_over_one_connection_with_our_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let authority = Authority::new();
    let answering = cluster(1).await;
    let kubelet = Kubelet::start(answering, &authority.issue(&["127.0.0.1"]), &authority).await;
    let ours = authority.issue(&["kstate"]);
    let certificate = Some((file("our.crt", &ours.certificate), file("our.key", &ours.key)));
    let trusted = file("ca.crt", &authority.certificate);
    let other = file("other.crt", &Authority::new().certificate);

    let simulator = cluster_of(kubelet.port).await;
    let whoever = Trust { any_certificate: true, ..Trust::default() };
    let known = Trust { authority: Some(trusted), certificate, ..Trust::default() };
    // The port of the status, and that of the flag.
    for (port, trust, shown) in [(1, whoever, false), (kubelet.port, known, true)] {
        let (before, asked) = (kubelet.connections.load(Ordering::Relaxed), kubelet.requests.lock().len());
        let scene = Scene::of(Arc::clone(&simulator), with_token(&simulator).await, directly(port, trust));
        scene.until("rates", |it| (it.usage.count().0 == 1).then_some(())).await;
        scene.rounds(2).await;
        assert_eq!(kubelet.connections.load(Ordering::Relaxed) - before, 1, "connections");
        let requests = kubelet.requests.lock()[asked..].to_vec();
        assert!(requests.len() > 3);
        let path = format!("127.0.0.1:{}/metrics/resource", kubelet.port);
        assert!(
            requests.iter().all(|it| *it == (path.clone(), "Bearer secret".to_owned(), shown)),
            "{requests:?}"
        );
    }
    assert!(!simulator.faults().requests().iter().any(|request| request.contains("/proxy/")));

    // Nobody else is told who we are.
    let asked = kubelet.requests.lock().len();
    let stranger = Trust { authority: Some(other), ..Trust::default() };
    let scene = Scene::of(Arc::clone(&simulator), with_token(&simulator).await, directly(1, stranger));
    scene.until("a failure", |it| (it.told.count(Outcome::Unreachable) > 1).then_some(())).await;
    assert_eq!(kubelet.requests.lock().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_change_take_effect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.crt");
    let authority = Authority::new();
    fs::write(&path, Authority::new().certificate).unwrap();
    let kubelet = Kubelet::start(cluster(1).await, &authority.issue(&["127.0.0.1"]), &authority).await;
    let simulator = cluster_of(kubelet.port).await;
    let trust = Trust { authority: Some(path.clone()), ..Trust::default() };
    let scene = Scene::of(Arc::clone(&simulator), with_token(&simulator).await, directly(1, trust));
    scene.until("a failure", |it| (it.told.count(Outcome::Unreachable) > 0).then_some(())).await;
    fs::write(&path, &authority.certificate).unwrap();
    scene.until("rates", |it| (it.usage.count().0 == 1).then_some(())).await;
    // What is no certificate changes nothing.
    fs::write(&path, "nonsense").unwrap();
    let failures = scene.told.count(Outcome::Unreachable);
    scene.rounds(2).await;
    assert_eq!(scene.told.count(Outcome::Unreachable), failures);
    assert!(scene.usage.node("node-0001").unwrap().window < Duration::from_secs(2));
}
