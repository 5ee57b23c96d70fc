//! Connections that are secure, as clients of all kinds see them.

use crate::{
    identities::{Folder, Identity, SERVER, TlsClient, ask, self_signed, small_demo},
    process::{eventually, get},
};
use http::Version;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::SanType;
use rustls::{
    CipherSuite,
    crypto::ring::kx_group,
    version::{TLS12, TLS13},
};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tokio_rustls::TlsConnector;

fn is_served(client: &TlsClient, port: u16) -> bool {
    client.get(port, "/healthz").is_ok_and(|answer| answer.status == 200 && answer.text() == "OK")
}

#[test]
fn both_ports_speak_tls_and_nothing_else() {
    let folder = Folder::new();
    let (server, main, telemetry) = folder.serve(SERVER);
    let client = folder.client();
    assert!(is_served(&client, main));
    for (port, path) in [(main, "/metrics"), (main, "/"), (telemetry, "/metrics"), (telemetry, "/readyz")] {
        assert_eq!(client.get(port, path).unwrap().status, 200, "{path}");
        let plain = get(port, path);
        assert_eq!(plain.status, 400, "{path} without TLS");
        assert!(plain.text().contains("HTTPS"), "{}", plain.text());
    }
    assert!(server.log().contains(&format!("https://localhost:{main}/metrics")), "{}", server.log());

    let (_server, main, _) = small_demo(&["--tls-config="]);
    assert_eq!(get(main, "/healthz").status, 200);
    assert!(client.get(main, "/healthz").is_err(), "TLS without a configuration");
}

#[test]
fn versions_ciphers_and_curves_are_those_of_the_file() {
    let folder = Folder::new();
    let (_server, main, _) = folder.serve(SERVER);
    let configure = |more: &str| {
        folder.write("web.yml", &format!("{SERVER}{more}"));
    };
    let (tls12, tls13) = (folder.client().speaking(&TLS12), folder.client().speaking(&TLS13));
    let [aes128, aes256] = [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ];
    let negotiated =
        |client: &TlsClient| client.connect(main).unwrap().conn.negotiated_cipher_suite().unwrap().suite();
    assert!(is_served(&tls12, main) && is_served(&tls13, main));
    assert!(refuses_tls11(main));

    configure("  min_version: TLS13\n");
    assert!(!is_served(&tls12, main) && is_served(&tls13, main));
    configure("  max_version: TLS12\n");
    assert!(is_served(&tls12, main) && !is_served(&tls13, main));

    let ours = "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n";
    let theirs = [aes256, aes128];
    configure(ours);
    assert_eq!(negotiated(&tls12.clone().with_suites(&theirs)), aes128);
    configure(&format!("{ours}  prefer_server_cipher_suites: false\n"));
    assert_eq!(negotiated(&tls12.clone().with_suites(&theirs)), aes256);
    assert_eq!(negotiated(&tls12.clone().with_suites(&[aes128, aes256])), aes128);
    let chacha = [CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256];
    assert!(tls12.with_suites(&chacha).connect(main).is_err(), "no suite in common");

    configure("  min_version: TLS13\n  curve_preferences: [CurveP384]\n");
    assert!(is_served(&tls13.clone().with_groups(&[kx_group::SECP384R1]), main));
    assert!(is_served(&tls13, main), "after a second hello");
    assert!(tls13.with_groups(&[kx_group::SECP256R1, kx_group::X25519]).connect(main).is_err());
}

/// Whether an alert answers a hello of TLS 1.1.
fn refuses_tls11(port: u16) -> bool {
    let hello = [&[3, 2][..], &[7; 32], &[0], &[0, 4, 0xc0, 0x13, 0xc0, 0x14], &[1, 0]].concat();
    let length = |bytes: usize| u8::try_from(bytes).unwrap();
    let handshake = [&[1, 0, 0, length(hello.len())][..], &hello].concat();
    let record = [&[22, 3, 1, 0, length(handshake.len())][..], &handshake].concat();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(&record).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer.first() == Some(&21)
}

#[test]
fn client_certificates_are_asked_for_as_in_go() {
    let folder = Folder::new();
    let (_server, main, telemetry) = folder.serve(SERVER);
    let lone = self_signed(vec![SanType::DnsName("lone".try_into().unwrap())]);
    folder.write("lone.crt", &lone.certificate);
    let [none, good, old, servers, lone] = [
        folder.client(),
        folder.client().with(&folder.authority.issue(&["client"])),
        folder.client().with(&folder.authority.expired()),
        folder.client().with(&folder.authority.for_servers_only()),
        folder.client().with(&lone),
    ];
    for (configuration, served) in [
        ("NoClientCert", [true, true, true, true, true]),
        ("RequestClientCert", [true, true, true, true, true]),
        ("RequireAnyClientCert", [false, true, true, true, true]),
        ("RequireClientCert", [false, true, true, true, true]),
        ("VerifyClientCertIfGiven\n  client_ca_file: ca.crt", [true, true, false, false, false]),
        ("RequireAndVerifyClientCert\n  client_ca_file: ca.crt", [false, true, false, false, false]),
        // A certificate may be trusted by itself.
        ("RequireAndVerifyClientCert\n  client_ca_file: lone.crt", [false, false, false, false, true]),
        // Without authorities those of the system are asked, which don't know any of these.
        ("RequireAndVerifyClientCert", [false; 5]),
        ("VerifyClientCertIfGiven", [true, false, false, false, false]),
    ] {
        folder.write("web.yml", &format!("{SERVER}  client_auth_type: {configuration}\n"));
        for version in [&TLS12, &TLS13] {
            let are_served = [&none, &good, &old, &servers, &lone]
                .map(|client| is_served(&client.clone().speaking(version), main));
            assert_eq!(are_served, served, "{configuration} {version:?}");
        }
        let scraped = none.get(telemetry, "/metrics").is_ok_and(|answer| answer.status == 200);
        assert_eq!(scraped, served[0], "{configuration}");
    }
}

#[test]
fn a_client_certificate_needs_one_of_the_allowed_names() {
    let folder = Folder::new();
    let (_server, main, _) = folder.serve(SERVER);
    let named = folder.authority.issue_with(&["test3", "10.1.2.3", "fd00::7"], |parameters| {
        for name in [
            SanType::Rfc822Name("scraper@example.com".try_into().unwrap()),
            SanType::URI("spiffe://example.com/prometheus".try_into().unwrap()),
        ] {
            parameters.subject_alt_names.push(name);
        }
    });
    let client = folder.client().with(&named);
    let unnamed = folder.client().with(&folder.authority.issue(&[]));
    for policy in
        ["RequireAndVerifyClientCert", "VerifyClientCertIfGiven", "RequireAnyClientCert", "RequestClientCert"]
    {
        for (names, served) in [
            ("[one, test3, two]", true),
            ("[10.1.2.3]", true),
            ("['fd00::7']", true),
            ("[scraper@example.com]", true),
            ("['spiffe://example.com/prometheus']", true),
            ("[bad]", false),
            ("[test, '*', example.com]", false),
            ("[]", false),
        ] {
            folder.write(
                "web.yml",
                &format!("{SERVER}  client_auth_type: {policy}\n  client_ca_file: ca.crt\n  client_allowed_sans: {names}\n"),
            );
            assert_eq!(is_served(&client, main), served, "{policy} {names}");
            assert!(!is_served(&unnamed, main), "{policy} {names}");
            assert!(!is_served(&folder.client(), main), "{policy} {names}, without a certificate");
        }
    }
}

#[test]
fn certificates_rotate_under_load_without_a_lost_answer() {
    let folder = Folder::new();
    let configuration =
        format!("{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.crt\n");
    let other = crate::identities::Authority::new();
    let clients: [Identity; 2] = [folder.authority.issue(&["client"]), other.issue(&["client"])];
    let [first, second] = clients.map(|identity| folder.client().with(&identity));
    let (only_first, both, only_second) = (
        folder.authority.certificate.clone(),
        folder.authority.certificate.clone() + &other.certificate,
        other.certificate.clone(),
    );
    folder.write("clients.crt", &only_first);
    let (_server, main, _) = folder.serve(&configuration);
    assert!(is_served(&first, main) && !is_served(&second, main));

    let over = Arc::new(AtomicBool::new(false));
    let (first_may, second_may) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let withdrawals = Arc::new(AtomicUsize::new(0));
    let loads = [(first.clone(), Arc::clone(&first_may)), (second.clone(), Arc::clone(&second_may))].map(
        |(client, may)| {
            let (over, withdrawals) = (Arc::clone(&over), Arc::clone(&withdrawals));
            thread::spawn(move || {
                let mut answers = 0;
                while !over.load(Ordering::SeqCst) {
                    let before = withdrawals.load(Ordering::SeqCst);
                    if !may.load(Ordering::SeqCst) {
                        thread::sleep(Duration::from_millis(1));
                        continue;
                    }
                    match client.get(main, "/metrics") {
                        Ok(answer) => {
                            assert_eq!(answer.status, 200);
                            answers += 1;
                        }
                        Err(_) if withdrawals.load(Ordering::SeqCst) != before => {}
                        Err(error) => panic!("an answer was lost: {error}"),
                    }
                }
                answers
            })
        },
    );
    for _ in 0..3 {
        // The server's own certificate and key change one after the other, which do not fit meanwhile.
        folder.renew();
        folder.write("clients.crt", &both);
        second_may.store(true, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(100));
        first_may.store(false, Ordering::SeqCst);
        withdrawals.fetch_add(1, Ordering::SeqCst);
        folder.write("clients.crt", &only_second);
        assert!(!is_served(&first, main), "a certificate that is no longer accepted");
        folder.renew();
        thread::sleep(Duration::from_millis(100));
        folder.write("clients.crt", &both);
        // Else it might become a part of the next change, which is broken between its two files.
        assert!(is_served(&first, main), "a certificate that is accepted again");
        first_may.store(true, Ordering::SeqCst);
    }
    over.store(true, Ordering::SeqCst);
    for load in loads {
        let answers: usize = load.join().unwrap();
        assert!(answers > 5, "only {answers} answers");
    }
}

#[test]
fn a_new_certificate_is_shown_to_the_next_client_and_kept_from_no_old_one() {
    let folder = Folder::new();
    let (_server, main, _) = folder.serve(SERVER);
    let shown = || folder.client().connect(main).unwrap().conn.peer_certificates().unwrap()[0].clone();
    let before = shown();
    let mut old = folder.client().connect(main).unwrap();
    folder.renew();
    assert_ne!(shown(), before);
    assert_eq!(ask(&mut old, "/healthz", "").unwrap().status, 200);

    // One that can't be used doesn't replace it.
    let after = shown();
    let good = folder.read("server.crt");
    folder.write("server.crt", "nonsense");
    assert_eq!(shown(), after);
    folder.write("server.crt", &good);
    assert_eq!(shown(), after);
}

#[test]
fn http2_is_spoken_unless_it_is_off() {
    let folder = Folder::new();
    let (_server, main, _) = folder.serve(SERVER);
    let both = folder.client().offering(&["h2", "http/1.1"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let chosen = || both.connect(main).unwrap().conn.alpn_protocol().map(<[u8]>::to_vec);
    assert_eq!(chosen(), Some(b"h2".to_vec()));
    let (version, text) = runtime.block_on(over_http2(&folder.client().offering(&["h2"]), main)).unwrap();
    assert_eq!((version, text.as_str()), (Version::HTTP_2, "OK"));

    folder.write("web.yml", &format!("{SERVER}http_server_config:\n  http2: false\n"));
    eventually("HTTP/1.1", || (chosen() == Some(b"http/1.1".to_vec())).then_some(()));
    assert!(is_served(&folder.client(), main));
    assert!(runtime.block_on(over_http2(&folder.client(), main)).is_err(), "HTTP/2 that was not agreed on");
    assert!(folder.client().offering(&["h2"]).connect(main).is_err(), "a client of HTTP/2 only");
}

async fn over_http2(client: &TlsClient, port: u16) -> Result<(Version, String), Box<dyn std::error::Error>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    let connector = TlsConnector::from(Arc::new(client.config()));
    let secure = connector.connect("localhost".try_into()?, stream).await?;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(secure)).await?;
    tokio::spawn(connection);
    let request = http::Request::get(format!("https://localhost:{port}/healthz"));
    let response = sender.send_request(request.body(Empty::<bytes::Bytes>::new())?).await?;
    let version = response.version();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((version, String::from_utf8(body.to_vec())?))
}
