//! Other servers that commands ask.

use super::Failure;
use crate::watch::causes;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use kube::{Config, client::ConfigExt as _};
use std::{error::Error, fs, path::Path, time::Duration};

/// How long a server may say nothing. kube-state-metrics takes its time for large clusters.
const SILENCE: Duration = Duration::from_mins(2);

/// How servers are asked.
#[derive(Debug)]
pub(super) struct Asker {
    authorization: Option<HeaderValue>,
    any_certificate: bool,
}

impl Asker {
    /// Asks with the token of a file, as `--bearer-token-file` names it.
    pub(super) fn new(token_file: Option<&Path>, any_certificate: bool) -> Result<Self, Failure> {
        let authorization = token_file.map(|file| {
            let wrong = |error: &dyn std::fmt::Display| {
                Failure::usage(format!("--bearer-token-file: {}: {error}", file.display()))
            };
            let token = fs::read_to_string(file).map_err(|error| wrong(&error))?;
            let header = HeaderValue::try_from(format!("Bearer {}", token.trim()));
            let mut header = header.map_err(|_| wrong(&"it holds no token"))?;
            header.set_sensitive(true);
            Ok::<_, Failure>(header)
        });
        Ok(Self { authorization: authorization.transpose()?, any_certificate })
    }

    /// Asks for a document of a type, plain or as gzip. What goes wrong is said in one line.
    pub(super) async fn get(&self, url: &Uri, accept: &'static str) -> Result<Response<Incoming>, String> {
        let mut config = Config::new(url.clone());
        config.accept_invalid_certs = self.any_certificate;
        let connector = config.rustls_https_connector().map_err(in_words)?;
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);

        let mut request =
            Request::get(url).header(header::ACCEPT, accept).header(header::ACCEPT_ENCODING, "gzip");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(in_words)?;
        in_time(client.request(request)).await?.map_err(in_words)
    }
}

/// Whether an answer is compressed.
pub(super) fn is_packed(response: &Response<Incoming>) -> bool {
    response.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip")
}

/// What a server does, unless it takes too long.
pub(super) async fn in_time<T>(answer: impl Future<Output = T>) -> Result<T, String> {
    let answer = tokio::time::timeout(SILENCE, answer).await;
    answer.map_err(|_| format!("the server has said nothing for {} seconds", SILENCE.as_secs()))
}

/// An error with its causes.
pub(super) fn in_words(error: impl Error + 'static) -> String {
    causes(&error)
}
