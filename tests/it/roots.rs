//! The public roots of certificates in the image, which come from Mozilla's by way of a crate.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt::Write as _;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;
use x509_parser::parse_x509_certificate;

const HEAD: &str = "\
# Mozilla's roots, as the crate webpki-root-certs has them, under CDLA-Permissive-2.0:
# https://cdla.dev/permissive-2-0/
";

#[test]
fn the_images_roots_are_the_crates() {
    let mut roots: Vec<(String, &[u8])> =
        TLS_SERVER_ROOT_CERTS.iter().map(|root| (subject(root), root.as_ref())).collect();
    roots.sort();
    assert!(roots.len() > 100, "{}", roots.len());
    let mut text = HEAD.to_owned();
    for (subject, root) in roots {
        let lines: Vec<String> = STANDARD
            .encode(root)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let lines = lines.join("\n");
        writeln!(text, "# {subject}\n-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----")
            .unwrap();
    }
    expect_test::expect_file!["../../deploy/image/ca-certificates.crt"].assert_eq(&text);
}

fn subject(root: &[u8]) -> String {
    parse_x509_certificate(root).unwrap().1.subject().to_string()
}
