//! The choice of a content encoding.

use super::value;
use crate::scrape::Encoding;
use axum::{
    http::{
        HeaderMap,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;

/// An answer that is held whole, compressed where the client likes that best and it is not smaller
/// than `least` bytes.
pub fn answer(asked: &HeaderMap, content_type: &str, body: Vec<u8>, least: usize) -> Response {
    let headers = [(CONTENT_TYPE, content_type), (VARY, "Accept-Encoding")];
    let encoding = negotiate(&value(asked, &ACCEPT_ENCODING), true);
    if body.len() >= least && encoding == Some(Encoding::Gzip) {
        (headers, [(CONTENT_ENCODING, "gzip")], compressed(&body)).into_response()
    } else {
        (headers, body).into_response()
    }
}

fn compressed(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text).and_then(|()| gzip.finish()).expect("writing to memory doesn't fail")
}

/// What text as it is counts where a client says nothing of it: acceptable, but less than anything
/// that it names.
const UNNAMED: f64 = f64::MIN_POSITIVE;

/// The encoding that a client likes best by its `Accept-Encoding`, gzip where it has no preference;
/// `None` where it takes nothing that there is.
pub(super) fn negotiate(accept_encoding: &str, gzip_offered: bool) -> Option<Encoding> {
    let (mut gzip, mut identity, mut other) = (None, None, None);
    for clause in accept_encoding.split(',') {
        let mut parts = clause.split(';').map(str::trim);
        let slot = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "gzip" => &mut gzip,
            "identity" => &mut identity,
            "*" => &mut other,
            _ => continue,
        };
        *slot = Some(parts.find_map(quality).unwrap_or(1.0));
    }
    let gzip = gzip.or(other).filter(|_| gzip_offered).unwrap_or(0.0);
    // The rest may exclude text as it is, but doesn't prefer it.
    let identity = identity.or(other.filter(|quality| *quality == 0.0)).unwrap_or(UNNAMED);
    match (gzip > 0.0, identity > 0.0) {
        (true, _) if gzip >= identity => Some(Encoding::Gzip),
        (_, true) => Some(Encoding::Identity),
        _ => None,
    }
}

/// The quality that a parameter gives, 0 where it can't be read.
fn quality(parameter: &str) -> Option<f64> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim().parse::<f64>().ok().filter(|quality| (0.0..=1.0).contains(quality));
    name.trim().eq_ignore_ascii_case("q").then_some(value.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_what_they_like_best() {
        let (gzip, identity) = (Some(Encoding::Gzip), Some(Encoding::Identity));
        for (header, offered, withheld) in [
            ("", identity, identity),
            ("gzip", gzip, identity),
            ("GZIP", gzip, identity),
            ("deflate, gzip;q=1.0, *;q=0.5", gzip, identity),
            ("gzip;q=0", identity, identity),
            ("gzip; q=0.0", identity, identity),
            ("gzip; Q=0.1", gzip, identity),
            ("gzip;q=0.5, identity;q=0.5", gzip, identity),
            ("gzip;q=0.5, identity", identity, identity),
            ("gzip;q=0.5, identity;q=0.9", identity, identity),
            ("gzip;q=high", identity, identity),
            ("x-gzip, br", identity, identity),
            ("identity", identity, identity),
            ("*", gzip, identity),
            ("*;q=0.1", gzip, identity),
            ("gzip;q=0, *", identity, identity),
            ("identity;q=0", None, None),
            ("*;q=0", None, None),
            ("identity;q=0, br", None, None),
            ("identity;q=0, gzip;q=0.1", gzip, None),
            ("gzip, *;q=0", gzip, None),
            ("identity;q=0.1, *;q=0", identity, identity),
            ("gzip;q=0, identity;q=0", None, None),
        ] {
            assert_eq!(negotiate(header, true), offered, "{header}");
            assert_eq!(negotiate(header, false), withheld, "{header} without gzip");
        }
    }
}
