//! A real Prometheus, which scrapes over TLS with a service account's token.
//!
//! It takes a minute; `KSTATE_SCRAPE_MINUTES` makes it longer.

use crate::{
    changes,
    harness::{
        Cluster, Exporter, Prometheus, allow, eventually, generated_pods, load, reference_objects, token,
    },
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde_json::{Value, json};
use std::{
    fs, io,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Time between two scrapes. Idle connections are closed sooner, so that each scrape has a handshake.
const INTERVAL: Duration = Duration::from_secs(2);
const IDLE: &str = "--server-idle-timeout=1s";
/// Time between two certificates, in which objects change as well.
const PAUSE: Duration = Duration::from_secs(5);
/// As many pods change their state.
const STANDING: usize = 100;

/// What Prometheus counts of samples that it doesn't take.
const REFUSED: [&str; 4] = [
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
];

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_scrapes_over_tls_while_certificates_and_objects_change() {
    let minutes = std::env::var("KSTATE_SCRAPE_MINUTES").map_or(1.0, |minutes| minutes.parse().unwrap());
    let duration = Duration::from_secs_f64(minutes * 60.0);
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    let mut objects = reference_objects();
    objects.extend(generated_pods(STANDING));
    load(&client, objects).await;

    let certificates = Certificates::new();
    let web = certificates.web_configuration();
    let exporter = Exporter::start(&cluster.kubeconfig(), &["--auth-filter", &web, IDLE]);
    let address = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    let (main, telemetry) = (address(&exporter.url("")), address(&exporter.telemetry_url("")));
    eventually("the exporter's readiness", Duration::from_secs(30), async || {
        let mut stream = certificates.connect(&telemetry).await.map_err(|error| error.to_string())?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        if answer.starts_with("HTTP/1.0 200 ") { Ok(()) } else { Err(answer) }
    })
    .await;
    let secret = certificates.folder.path().join("token");
    fs::write(&secret, token(&cluster, &client, "prometheus").await).unwrap();
    let account = json!({ "kind": "ServiceAccount", "name": "prometheus", "namespace": "default" });
    let scraping = json!([{ "nonResourceURLs": ["/metrics"], "verbs": ["get"] }]);
    allow(&client, "scraping", &account, scraping).await;
    // The server follows its own rules with a delay, and denials are remembered for half a minute.
    tokio::time::sleep(Duration::from_secs(2)).await;

    let job = |name: &str, target: &str| {
        json!({
            "job_name": name,
            "scheme": "https",
            "honor_labels": true,
            "tls_config": { "ca_file": certificates.authority_file(), "server_name": "localhost" },
            "authorization": { "credentials_file": secret },
            "static_configs": [{ "targets": [target] }],
        })
    };
    let interval = format!("{}s", INTERVAL.as_secs());
    let prometheus = Prometheus::start(&json!({
        "global": { "scrape_interval": interval, "scrape_timeout": interval },
        "scrape_configs": [job("cluster", &main), job("exporter", &telemetry)],
    }))
    .await;

    let (started, mut round) = (Instant::now(), 0);
    while started.elapsed() < duration {
        let newest = certificates.renew();
        changes::write(client.clone(), round).await;
        round += 1;
        tokio::time::sleep(PAUSE).await;
        assert!(certificates.shown(&main).await == newest, "the newest certificate isn't used");
    }

    let up = prometheus.query("up[1h]").await;
    assert_eq!(up.len(), 2, "{up:?}");
    for target in &up {
        let values = target["values"].as_array().unwrap();
        let wanted = started.elapsed().as_secs() / INTERVAL.as_secs() * 9 / 10;
        assert!(values.len() as u64 >= wanted, "{} scrapes of {}", values.len(), target["metric"]);
        // The first may come before the server knows what the account may do.
        let down: Vec<&Value> = values.iter().skip(1).filter(|value| value[1] != "1").collect();
        assert!(down.is_empty(), "{}: down at {down:?} of {}", target["metric"], values.len());
        println!("{} good scrapes of {}, {round} certificates", values.len(), target["metric"]);
    }
    let families = number(&prometheus, "count(count by (__name__) ({__name__=~\"kube_.+\"}))").await;
    assert!(families > 200.0, "only {families} families have samples");
    // Nobody else asks for the cluster's metrics, and only answers with gzip are made of what is kept.
    let sent = "max_over_time((kstate_scrape_sent_bytes / (kstate_scrape_text_bytes > 0))[1h:1s])";
    let hits = "kstate_gzip_cache_hits_total";
    let [sent, hits] = [number(&prometheus, sent).await, number(&prometheus, hits).await];
    assert!(sent < 0.3, "of the text of a scrape {sent} is sent");
    assert!(hits > 1000.0, "only {hits} pieces are sent again as they are");
    for counter in REFUSED {
        assert_eq!(prometheus.self_metric(counter).await, "0", "{counter}");
    }
    for (whose, log) in [("Prometheus", prometheus.log()), ("the exporter", exporter.log())] {
        let complaint = |line: &&String| ["WARN", "ERROR"].iter().any(|level| line.contains(level));
        let found: Vec<&String> = log.iter().filter(complaint).collect();
        assert!(!log.is_empty() && found.is_empty(), "{whose}: {found:#?}");
    }
    exporter.stop();
}

/// The value of the only series of an expression.
async fn number(prometheus: &Prometheus, expression: &str) -> f64 {
    let series = prometheus.query(expression).await;
    assert_eq!(series.len(), 1, "{expression}: {series:?}");
    series[0]["value"][1].as_str().unwrap().parse().unwrap()
}

/// An authority, and a server's certificate in a folder that changes as a mounted volume does.
struct Certificates {
    folder: TempDir,
    authority: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Certificates {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        fs::write(folder.path().join("ca.crt"), certificate.pem()).unwrap();
        let authority = certificate.der().clone();
        let new = Self { folder, authority, issuer: Issuer::new(parameters, key) };
        new.renew();
        new
    }

    fn authority_file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// The flag that names a configuration with the certificate.
    fn web_configuration(&self) -> String {
        let file = self.folder.path().join("web.yml");
        let tls = json!({ "cert_file": "data/server.crt", "key_file": "data/server.key" });
        fs::write(&file, json!({ "tls_server_config": tls }).to_string()).unwrap();
        format!("--tls-config={}", file.display())
    }

    /// Puts another certificate with another key in place of the current one, at once, and returns it.
    fn renew(&self) -> CertificateDer<'static> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let volume = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        fs::write(volume.join("server.crt"), signed.pem()).unwrap();
        fs::write(volume.join("server.key"), key.serialize_pem()).unwrap();
        let (link, new) = (self.folder.path().join("data"), self.folder.path().join("new"));
        symlink(&volume, &new).unwrap();
        fs::rename(&new, &link).unwrap();
        CertificateDer::from_pem_slice(signed.pem().as_bytes()).unwrap()
    }

    /// The certificate that a new client is shown.
    async fn shown(&self, address: &str) -> CertificateDer<'static> {
        let secure = self.connect(address).await.unwrap();
        secure.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// A connection that is secure.
    async fn connect(&self, address: &str) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await
    }
}
