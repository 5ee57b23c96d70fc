//! Answers of a running exporter.

use crate::{
    app::{
        Failure,
        remote::{Asker, in_time, in_words, is_packed},
    },
    top::{Query, Received, View, read},
};
use flate2::read::GzDecoder;
use http::{StatusCode, Uri};
use http_body_util::BodyExt as _;
use std::{io::Read as _, path::Path};

/// A running exporter.
pub(super) struct Exporter {
    base: String,
    asker: Asker,
}

impl Exporter {
    pub(super) fn new(url: &Uri, token_file: Option<&Path>, any_certificate: bool) -> Result<Self, Failure> {
        let base = url.to_string();
        // Whoever has the address at hand has that of the metrics.
        let base = base.trim_end_matches('/').trim_end_matches("/metrics").trim_end_matches('/').to_owned();
        Ok(Self { base, asker: Asker::new(token_file, any_certificate)? })
    }

    pub(super) async fn answer(&self, view: View, query: &Query) -> Result<Received, Failure> {
        let text = format!("{}/api/v1/top/{}?{query}", self.base, view.name());
        let failed = |wrong: String| Failure::Runtime(anyhow::anyhow!("{}: {wrong}", self.base));
        let url: Uri = text.parse().map_err(|error| failed(in_words(error)))?;
        let response = self.asker.get(&url, "application/json").await.map_err(failed)?;
        let (status, packed) = (response.status(), is_packed(&response));
        let body = in_time(response.into_body().collect()).await.map_err(failed)?;
        let body = body.map_err(|error| failed(in_words(error)))?.to_bytes();
        let mut unpacked = Vec::new();
        let body = if packed {
            GzDecoder::new(&*body).read_to_end(&mut unpacked).map_err(|error| failed(in_words(error)))?;
            &*unpacked
        } else {
            &*body
        };
        match status {
            StatusCode::OK => read(body).map_err(|wrong| failed(wrong.to_string())),
            StatusCode::BAD_REQUEST => Err(Failure::usage(line(body))),
            StatusCode::NOT_FOUND => {
                Err(failed(format!("there is no {} here: is it kstate's main port?", url.path())))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(failed(format!("{} (--bearer-token-file names a token)", line(body))))
            }
            _ => Err(failed(format!("it answered {status}: {}", line(body)))),
        }
    }
}

/// The first line of an answer, as the end of one of ours.
fn line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
