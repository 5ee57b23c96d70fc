//! Web configuration files that can be used, and what is said of the others. The cases are those of
//! the exporter toolkit's documentation and tests, and those in which `rustls` differs from Go.

use crate::{
    identities::{Folder, SERVER},
    process::{errors, run},
};
use kstate::web::WebConfig;

/// What a server says of a configuration when it is started.
fn said(folder: &Folder, configuration: &str) -> Result<(), String> {
    let file = folder.write("web.yml", configuration);
    WebConfig::load(&file).map(|_| ()).map_err(|error| error.to_string())
}

/// Each of these can't be used, for a reason that is told in one line with these words in it.
fn assert_refused(folder: &Folder, cases: &[(&str, &[&str])]) {
    for (configuration, words) in cases {
        let line = said(folder, configuration).expect_err(configuration);
        assert!(line.starts_with("--tls-config ") && line.contains("web.yml: "), "{configuration}{line}");
        assert_eq!(line.lines().count(), 1, "{configuration}{line}");
        for word in *words {
            assert!(line.contains(word), "{word:?} is missing for\n{configuration}{line}");
        }
        assert!(!line.contains("doe"), "a password is nobody's business: {line}");
    }
}

#[test]
fn mistakes_of_form_are_told_with_their_lines() {
    let folder = Folder::new();
    let junk = "hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\nay3RiOtykgt4m6m3KOol\n";
    let cases: &[(&str, &[&str])] = &[
        (junk, &["line 1"]),
        ("tls_server_config: [\n", &["line"]),
        ("tls_server_config: yes\n", &["line 1"]),
        (
            "tls_server_config:\n  cert_filse: server.crt\n",
            &["line 2", "cert_filse", "did you mean \"cert_file\"?"],
        ),
        ("http_server_config:\n\n  http: true\n", &["line 3", "\"http\"", "http2"]),
        ("tls_config: {}\n", &["line 1", "did you mean \"tls_server_config\"?"]),
        ("rate_limit: {burst: 1, rate: 3}\n", &["\"rate\"", "interval"]),
        ("rate_limit: {interval: soon}\n", &["line 1", "\"soon\"", "1s"]),
        ("rate_limit: {burst: many}\n", &["line 1"]),
        ("http_server_config: {http2: perhaps}\n", &["line 1"]),
        ("rate_limit: {burst: 1}\nrate_limit: {burst: 1}\n", &["line 2", "rate_limit", "twice"]),
        ("basic_auth_users:\n  a: x\n  a: y\n", &["line 3", "\"a\"", "twice"]),
    ];
    assert_refused(&folder, cases);
}

#[test]
fn certificates_and_keys_must_be_there_and_fit() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    folder.write("other.key", &folder.authority.issue(&["other"]).key);
    let cases: &[(&str, &[&str])] = &[
        ("tls_server_config:\n  cert_file: ''\n  key_file: server.key\n", &["cert or cert_file is missing"]),
        ("tls_server_config:\n  cert: ''\n  key_file: server.key\n", &["cert or cert_file is missing"]),
        ("tls_server_config:\n  cert_file: server.crt\n  key_file: ''\n", &["key or key_file is missing"]),
        ("tls_server_config:\n  cert_file: server.crt\n  key: ''\n", &["key or key_file is missing"]),
        ("tls_server_config:\n  client_ca_file: ca.crt\n", &["cert or cert_file is missing"]),
        (
            "tls_server_config:\n  cert_file: ''\n  key_file: ''\n  client_auth_type: x\n",
            &["line 4", "unknown client_auth_type \"x\"", "RequireAndVerifyClientCert"],
        ),
        (
            "tls_server_config:\n  cert_file: ''\n  key_file: ''\n  client_auth_type: NoClientCert\n",
            &["cert or cert_file is missing"],
        ),
        (
            "tls_server_config:\n  cert_file: somefile\n  key_file: server.key\n",
            &["cert_file", "somefile", "No such file"],
        ),
        (
            "tls_server_config:\n  cert_file: server.crt\n  key_file: somefile\n",
            &["key_file", "somefile", "No such file"],
        ),
        ("tls_server_config:\n  cert_file: somefile\n  key_file: somefile\n", &["cert_file", "No such file"]),
        (
            "tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key\n",
            &["cert_file empty.pem", "no certificate"],
        ),
        (
            "tls_server_config:\n  cert_file: server.crt\n  key_file: empty.pem\n",
            &["key_file empty.pem", "no private key"],
        ),
        ("tls_server_config:\n  cert: nonsense\n  key_file: server.key\n", &["cert: no certificate"]),
        (
            "tls_server_config:\n  cert_file: server.crt\n  key_file: other.key\n",
            &["server.crt and key_file other.key"],
        ),
    ];
    assert_refused(&folder, cases);
}

#[test]
fn what_is_asked_of_clients_must_make_sense() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    let cases: &[(&str, &[&str])] = &[
        (&format!("{SERVER}  client_ca_file: /dev/null\n"), &["client_ca", "client_auth_type"]),
        (&format!("{SERVER}  client_ca_file: somefile\n"), &["client_ca"]),
        (
            &format!("{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: somefile\n"),
            &["client_ca_file", "somefile", "No such file"],
        ),
        (
            &format!("{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: empty.pem\n"),
            &["client_ca_file empty.pem", "no certificate"],
        ),
        (&format!("{SERVER}  client_allowed_sans: [a]\n"), &["client_allowed_sans", "client_auth_type"]),
    ];
    assert_refused(&folder, cases);
}

#[test]
fn versions_ciphers_and_curves_that_are_missing_have_alternatives() {
    let folder = Folder::new();
    let cases: &[(&str, &[&str])] = &[
        (&format!("{SERVER}  min_version: TLS111\n"), &["line 4", "unknown TLS version \"TLS111\"", "TLS12"]),
        (&format!("{SERVER}  min_version: TLS10\n"), &["line 4", "TLS10 is not supported", "TLS12 or TLS13"]),
        (&format!("{SERVER}  max_version: TLS11\n"), &["line 4", "TLS11 is not supported", "TLS12 or TLS13"]),
        (
            &format!("{SERVER}  min_version: TLS13\n  max_version: TLS12\n"),
            &["min_version is above max_version"],
        ),
        (
            &format!("{SERVER}  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\n"),
            &["line 5", "unknown cipher", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
        ),
        (
            &format!("{SERVER}  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n"),
            &[
                "line 5",
                "CBC_SHA is not supported since it is insecure",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            ],
        ),
        (
            &format!("{SERVER}  cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]\n"),
            &["is not supported since it is insecure"],
        ),
        (
            &format!(
                "{SERVER}  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\n  min_version: TLS12\n"
            ),
            &["HTTP/2 needs"],
        ),
        (
            &format!(
                "{SERVER}  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\nhttp_server_config: {{http2: false}}\n"
            ),
            &["cipher_suites"],
        ),
        (
            &format!(
                "{SERVER}  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n  max_version: TLS12\n"
            ),
            &["HTTP/2 needs TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "http2: false"],
        ),
        (
            &format!("{SERVER}  curve_preferences:\n  - CurveP257\n"),
            &["line 5", "unknown curve \"CurveP257\"", "X25519"],
        ),
        (
            &format!("{SERVER}  curve_preferences:\n  - CurveP521\n"),
            &["line 5", "CurveP521 is not supported", "CurveP384"],
        ),
    ];
    assert_refused(&folder, cases);
}

#[test]
fn headers_and_users_are_checked() {
    let folder = Folder::new();
    let cases: &[(&str, &[&str])] = &[
        (
            "http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n",
            &["line 3", "invalid value \"sniff\" for X-Content-Type-Options", "nosniff"],
        ),
        (
            "http_server_config:\n  headers:\n    X-Frame-Options: foo\n",
            &["line 3", "invalid value \"foo\" for X-Frame-Options", "deny or sameorigin"],
        ),
        (
            "http_server_config:\n  headers:\n    Content-Type: foo\n",
            &["line 3", "unknown key \"Content-Type\""],
        ),
        (
            "http_server_config:\n  headers:\n    x-frame-options: deny\n",
            &["line 3", "unknown key \"x-frame-options\""],
        ),
        ("http_server_config:\n  headers:\n    X-XSS-Protection: \"a\\nb\"\n", &["line 3", "one line"]),
        (&format!("{SERVER}basic_auth_users:\n  john: doe\n"), &["basic_auth_users", "\"john\"", "bcrypt"]),
        ("basic_auth_users:\n  john:\n", &["\"john\"", "bcrypt"]),
    ];
    assert_refused(&folder, cases);
}

#[test]
fn what_the_documentation_allows_can_be_used() {
    let folder = Folder::new();
    let certificate = folder.read("server.crt").replace('\n', "\n    ");
    let key = folder.read("server.key").replace('\n', "\n    ");
    for configuration in [
        "",
        "# nothing\n",
        "{}\n",
        "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n",
        "tls_server_config:\n  cert_file: ''\n  key_file: ''\n",
        SERVER,
        &format!("tls_server_config:\n  cert: |\n    {certificate}\n  key: |\n    {key}\n"),
        &format!("tls_server_config:\n  cert_file: server.crt\n  key: |\n    {key}\n"),
        // The file counts where both are given.
        &format!("{SERVER}  cert: nonsense\n  key: nonsense\n"),
        &format!("{SERVER}  client_auth_type: NoClientCert\n"),
        &format!("{SERVER}  client_auth_type: RequestClientCert\n"),
        &format!("{SERVER}  client_auth_type: RequireAnyClientCert\n"),
        &format!("{SERVER}  client_auth_type: RequireClientCert\n"),
        &format!("{SERVER}  client_auth_type: VerifyClientCertIfGiven\n"),
        &format!("{SERVER}  client_auth_type: RequireAndVerifyClientCert\n"),
        &format!("{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"),
        &format!("{SERVER}  client_auth_type: RequireAnyClientCert\n  client_ca_file: ca.crt\n"),
        &format!(
            "{SERVER}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  \
             client_allowed_sans:\n  - one\n  - two\n"
        ),
        &format!(
            "{SERVER}  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  - \
             TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  - \
             TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n  - \
             TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n  - TLS_AES_128_GCM_SHA256\n  - \
             TLS_AES_256_GCM_SHA384\n  - TLS_CHACHA20_POLY1305_SHA256\n"
        ),
        &format!(
            "{SERVER}  cipher_suites:\n    - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  max_version: \
             TLS12\nhttp_server_config:\n  http2: false\n"
        ),
        &format!("{SERVER}  cipher_suites: []\n  curve_preferences: []\n"),
        &format!("{SERVER}  min_version: TLS13\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n"),
        &format!(
            "{SERVER}  prefer_server_cipher_suites: false\n  min_version: TLS12\n  max_version: TLS12\n"
        ),
        &format!("{SERVER}  curve_preferences:\n    - CurveP256\n    - CurveP384\n    - X25519\n"),
        "http_server_config:\n  http2: no\n",
        "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    X-XSS-Protection: 1\n",
        "http_server_config:\n  headers:\n    X-Frame-Options: ''\n    X-XSS-Protection:\n",
        "basic_auth_users:\n  alice: $2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby\n  \
         bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.\n",
        &format!(
            "# An example.\n{SERVER}\nbasic_auth_users:\n  alice: \
             $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n  bob: \
             $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m\n\nrate_limit:\n  interval: \"1s\" \
             # between two requests\n  burst: 20\n"
        ),
        "rate_limit:\n  interval: 0\n  burst: 0\n",
        "rate_limit:\n  interval: \"1s\"\n  burst: 0\n",
        "rate_limit:\n  interval: 1m30s\n  burst: 5\n",
        "rate_limit:\n  interval: -1s\n",
    ] {
        assert_eq!(said(&folder, configuration), Ok(()), "{configuration}");
    }
}

#[test]
fn a_mistake_ends_the_start_with_exit_code_2() {
    let folder = Folder::new();
    let bad = folder.write("bad.yml", "tls_server_config:\n  cert_filse: server.crt\n");
    let bad = bad.to_str().unwrap();
    for flags in [
        [&format!("--tls-config={bad}")[..], ""],
        ["--web.config.file", bad],
        ["--tls-config", "/missing.yml"],
    ] {
        let flags = flags.into_iter().filter(|flag| !flag.is_empty());
        let arguments: Vec<&str> =
            ["demo", "--port=0", "--telemetry-port=0"].into_iter().chain(flags).collect();
        let output = run(&arguments, b"");
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(errors.contains("cert_filse") || errors.contains("/missing.yml: No such file"), "{errors}");
    }
}
