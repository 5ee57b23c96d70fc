//! One connection: made secure where that is asked for, then HTTP within its time limits.

use super::{
    Limits, Shutdown,
    pace::{Overdue, Pace, Paced},
};
use crate::web::WebConfig;
use arc_swap::ArcSwap;
use axum::{Router, body::Body};
use http::{Request, Response, Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::pki_types::CertificateDer;
use std::{convert::Infallible, io, pin::pin, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What a client has shown of itself, its own certificate first; an extension of its requests.
#[derive(Debug, Clone)]
pub struct PeerCertificates(pub Arc<[CertificateDer<'static>]>);

/// Under which terms connections are served.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How long anything may take.
    pub limits: Limits,
    /// TLS, users and so on; plain HTTP for everybody without.
    pub web: Option<Arc<WebConfig>>,
}

/// What else ends a connection.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// The port answers otherwise by now. What was asked is answered, and whoever has not asked yet may
    /// do so once, since it can't know: it is answered as everybody is by then.
    pub(super) superseded: CancellationToken,
    /// The port is given up. What was asked is answered.
    pub(super) shutdown: Shutdown,
}

/// Serves a connection until it ends, its time is over, or it is to end and nothing is being
/// answered.
pub(super) async fn serve(stream: TcpStream, terms: Terms, router: Arc<ArcSwap<Router>>, ends: Ends) {
    let _ = stream.set_nodelay(true);
    let pace = Pace::new(terms.limits);
    let served = async {
        let settings = match &terms.web {
            Some(web) => Some(web.current().await),
            None => None,
        };
        let http2 = settings.as_ref().is_none_or(|settings| settings.http2);
        match settings.and_then(|settings| settings.tls.clone()) {
            None => http(Paced::new(stream, Arc::clone(&pace)), None, http2, router, &pace, &ends).await,
            Some(tls) => {
                let handshake = async {
                    if speaks_plainly(&stream).await? {
                        refuse(stream).await?;
                        return Err(io::Error::other("the client doesn't speak TLS"));
                    }
                    TlsAcceptor::from(tls).accept(Paced::new(stream, Arc::clone(&pace))).await
                };
                let secure = tokio::select! {
                    secure = handshake => secure,
                    () = ends.shutdown.cancelled() => return,
                };
                match secure {
                    Ok(secure) => {
                        pace.secured();
                        let shown = secure.get_ref().1.peer_certificates();
                        let shown = shown.map(|shown| PeerCertificates(shown.into()));
                        http(secure, shown, http2, router, &pace, &ends).await;
                    }
                    Err(error) => tracing::debug!(%error, "A connection could not be made secure."),
                }
            }
        }
    };
    tokio::select! {
        () = served => {}
        overdue = pace.overdue() => match overdue {
            Overdue::Answer => tracing::warn!(
                "A client was cut off: it took longer than {:?} to read its answer.", terms.limits.write
            ),
            other => tracing::debug!(?other, "A connection on which nothing happened is closed."),
        },
    }
}

async fn http<S>(
    stream: S,
    shown: Option<PeerCertificates>,
    http2: bool,
    router: Arc<ArcSwap<Router>>,
    pace: &Arc<Pace>,
    ends: &Ends,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = auto::Builder::new(TokioExecutor::new());
    if !http2 {
        http = http.http1_only();
    }
    // The pace has a limit for it.
    http.http1().header_read_timeout(None);
    let service = service_fn(|mut request: Request<Incoming>| {
        if let Some(shown) = &shown {
            request.extensions_mut().insert(shown.clone());
        }
        let running = pace.request(request.version() == Version::HTTP_2);
        let answer = Router::clone(&router.load()).oneshot(request);
        async move {
            let response = answer.await?;
            Ok::<Response<_>, Infallible>(response.map(|body: Body| running.until_sent(body)))
        }
    });
    let superseded = async {
        ends.superseded.cancelled().await;
        pace.asked().await;
    };
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = ends.shutdown.cancelled() => None,
        () = superseded => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "A connection ended early.");
    }
}

/// Whether a client that should speak TLS begins with a letter, as a method of HTTP does.
async fn speaks_plainly(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 1 && first[0].is_ascii_alphabetic())
}

/// Tells a client that it should speak TLS.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let refusal = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
                   This port speaks HTTPS only.\n";
    stream.write_all(refusal.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with something unread would take the answer back.
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(())
}
