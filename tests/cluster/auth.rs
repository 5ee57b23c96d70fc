//! Metrics behind the API server's own tokens and rules.

use crate::harness::{
    Cluster, EXPORTER, Exporter, allow, eventually, get, kinds, load, reference_objects, token,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use k8s_openapi::api::rbac::v1::ClusterRole;
use ring::{rand::SystemRandom, rsa, signature::RSA_PKCS1_SHA256};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};
use serde_json::{Value, json};
use std::{fs, process::Command, time::Duration};

/// The server follows its own rules with a delay, and denials are remembered for half a minute.
const DELAY: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_reviewed_and_rules_are_followed() {
    let cluster = Cluster::start(&[]).await;
    let client = cluster.client().await;
    load(&client, reference_objects()).await;
    let exporter_itself =
        json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": EXPORTER.user });
    let reading =
        json!([{ "apiGroups": ["*"], "resources": kinds().collect::<Vec<_>>(), "verbs": ["list", "watch"] }]);
    allow(&client, "reading", &exporter_itself, reading).await;
    let kubeconfig = cluster.kubeconfig_through(cluster.port(), EXPORTER);
    let exporter = Exporter::start_ready(&kubeconfig, &["--auth-filter"]).await;
    let pages = [exporter.url("/metrics"), exporter.telemetry_url("/metrics")];

    let prometheus = token(&cluster, &client, "prometheus").await;
    let stranger = token(&cluster, &client, "stranger").await;
    let scraping = json!([{ "nonResourceURLs": ["/metrics"], "verbs": ["get"] }]);
    let account = json!({ "kind": "ServiceAccount", "name": "prometheus", "namespace": "default" });
    allow(&client, "scraping", &account, scraping).await;

    // Without leave to ask the server, nobody is let in.
    for page in &pages {
        assert_eq!(ask(page, Some(&prometheus)).await, (500, "Authentication failed\n".to_owned()));
    }
    allow(&client, "reviewing", &exporter_itself, printed_rules()).await;
    eventually("an answer for Prometheus", DELAY, async || match ask(&pages[0], Some(&prometheus)).await {
        (200, _) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;

    let expired = expired(&cluster, &prometheus);
    for page in &pages {
        let (status, text) = ask(page, Some(&prometheus)).await;
        assert!(status == 200 && text.contains("# TYPE "), "{page}: {status}");
        let denied = "Authorization denied for user system:serviceaccount:default:stranger\n";
        assert_eq!(ask(page, Some(&stranger)).await, (403, denied.to_owned()), "{page}");
        for nobody in [None, Some("made-up"), Some(expired.as_str())] {
            assert_eq!(ask(page, nobody).await, (401, "Unauthorized\n".to_owned()), "{page}");
        }
    }
    for page in ["/", "/healthz", "/livez"] {
        assert_eq!(ask(&exporter.url(page), None).await.0, 200, "{page}");
    }

    // Leave that is given later counts once the denial is forgotten.
    let account = json!({ "kind": "ServiceAccount", "name": "stranger", "namespace": "default" });
    let scraping = json!([{ "nonResourceURLs": ["/metrics"], "verbs": ["get"] }]);
    allow(&client, "late", &account, scraping).await;
    eventually("an answer for the stranger", DELAY, async || match ask(&pages[0], Some(&stranger)).await {
        (200, _) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    exporter.stop();
}

/// What `kstate rbac` grants an exporter that reads nothing else of the whole cluster.
fn printed_rules() -> Value {
    let flags = ["rbac", "--resources=pods", "--namespaces=default", "--auth-filter"];
    let output = Command::new(env!("CARGO_BIN_EXE_kstate")).args(flags).output().unwrap();
    let documents = String::from_utf8(output.stdout).unwrap();
    let role: ClusterRole = serde_saphyr::from_str(documents.split("---\n").next().unwrap()).unwrap();
    assert_eq!(role.metadata.name.as_deref(), Some("kube-system:kstate"));
    json!(role.rules.unwrap())
}

async fn ask(page: &str, token: Option<&str>) -> (u16, String) {
    let header = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = header.iter().map(|value| ("authorization", value.as_str())).collect();
    let answer = get(page, &headers).await.unwrap();
    (answer.status, answer.text())
}

/// The same token as it would be if it had been made yesterday, signed by the same key.
fn expired(cluster: &Cluster, token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    for claim in ["exp", "iat", "nbf"] {
        claims[claim] = json!(claims[claim].as_i64().unwrap() - 86_400);
    }
    let signed = format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()));
    let pem = fs::read(cluster.folder().join("certificates/apiserver.key")).unwrap();
    let key = match PrivateKeyDer::from_pem_slice(&pem).unwrap() {
        PrivateKeyDer::Pkcs1(key) => rsa::KeyPair::from_der(key.secret_pkcs1_der()).unwrap(),
        PrivateKeyDer::Pkcs8(key) => rsa::KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap(),
        _ => panic!("the server's key is no RSA key"),
    };
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
