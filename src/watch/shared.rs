//! A connection that many requests share, where the server speaks HTTP/2.
//!
//! Whether it does shows once a connection is there. Until then hyper's client opens one for each
//! request that waits, so that many watches that begin at a time would open as many connections and
//! close all but one. So the first goes ahead, and the others follow when it has an answer.

use http::{Request, Response, Uri};
use hyper::{
    body::Incoming,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::{
        self, Client,
        connect::{Connected, Connection},
    },
    rt::TokioExecutor,
};
use kube::client::Body;
use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tower::{BoxError, ServiceExt as _, util::BoxCloneSyncService};

/// How long others wait for the one that goes ahead.
const AHEAD: Duration = Duration::from_secs(1);

/// What opens connections.
pub(super) type Transport<S> = BoxCloneSyncService<Uri, S, BoxError>;

/// A client for requests that share a connection. Clones share the same one.
#[derive(Debug)]
pub(super) struct Shared<S> {
    client: Client<Transport<Tracked<S>>, Body>,
    door: Arc<Door>,
}

/// Where the first goes through before the others.
#[derive(Debug, Default)]
struct Door {
    turn: tokio::sync::Mutex<()>,
    /// Whether a connection has brought an answer and none was closed since.
    open: AtomicBool,
}

impl<S> Shared<S>
where
    S: Read + Write + Connection + Unpin + Send + 'static,
{
    /// Makes the client of a builder.
    pub(super) fn new(builder: &legacy::Builder, transport: Transport<S>) -> Self {
        let door = Arc::<Door>::default();
        let tracked = Arc::clone(&door);
        let transport = transport.map_response(move |stream| Tracked { stream, door: Arc::clone(&tracked) });
        Self { client: builder.build(BoxCloneSyncService::new(transport)), door }
    }

    /// Sends a request.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, legacy::Error> {
        let mut sent = pin!(self.client.request(request));
        if !self.door.open.load(Ordering::Acquire) {
            let _turn = self.door.turn.lock().await;
            if !self.door.open.load(Ordering::Acquire) {
                // One that the server keeps waiting holds up nobody else for long.
                if let Ok(result) = tokio::time::timeout(AHEAD, &mut sent).await {
                    self.door.open.store(result.is_ok(), Ordering::Release);
                    return result;
                }
                // By then there is a connection, as a rule, and a slow server would be asked one by one.
                self.door.open.store(true, Ordering::Release);
            }
        }
        sent.await
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), door: Arc::clone(&self.door) }
    }
}

/// A builder of clients.
pub(super) fn builder() -> legacy::Builder {
    Client::builder(TokioExecutor::new())
}

/// A connection that says when it is closed.
#[derive(Debug)]
pub(super) struct Tracked<S> {
    stream: S,
    door: Arc<Door>,
}

impl<S> Drop for Tracked<S> {
    fn drop(&mut self) {
        self.door.open.store(false, Ordering::Release);
    }
}

impl<S: Connection> Connection for Tracked<S> {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl<S: Read + Unpin> Read for Tracked<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buffer: ReadBufCursor) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: Write + Unpin> Write for Tracked<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        pieces: &[IoSlice],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use http_body_util::Empty;
    use hyper::{server::conn::http2, service::service_fn};
    use hyper_util::rt::TokioIo;
    use std::{convert::Infallible, sync::atomic::AtomicUsize};
    use tokio::{io::DuplexStream, task::JoinSet};

    /// The client's end of a connection of which the server has chosen HTTP/2.
    struct Agreed(TokioIo<DuplexStream>);

    impl Connection for Agreed {
        fn connected(&self) -> Connected {
            Connected::new().negotiated_h2()
        }
    }

    impl Read for Agreed {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context,
            buffer: ReadBufCursor,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buffer)
        }
    }

    impl Write for Agreed {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(cx, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    /// A server's connections, and how many there were.
    #[derive(Clone, Default)]
    struct Server {
        connections: Arc<parking_lot::Mutex<JoinSet<()>>>,
        count: Arc<AtomicUsize>,
    }

    impl Server {
        fn transport(&self) -> Transport<Agreed> {
            let server = self.clone();
            BoxCloneSyncService::new(tower::service_fn(move |_| {
                let server = server.clone();
                async move {
                    server.count.fetch_add(1, Ordering::SeqCst);
                    // As long as a handshake takes, so that all requests are there meanwhile.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let (ours, theirs) = tokio::io::duplex(1 << 16);
                    let answer = service_fn(|request: Request<Incoming>| async move {
                        if request.uri().path() == "/never" {
                            std::future::pending::<()>().await;
                        }
                        Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
                    });
                    let connection = http2::Builder::new(TokioExecutor::new());
                    let connection = connection.serve_connection(TokioIo::new(theirs), answer);
                    server.connections.lock().spawn(async move { drop(connection.await) });
                    Ok::<_, BoxError>(Agreed(TokioIo::new(ours)))
                }
            }))
        }
    }

    async fn ask(client: &Shared<Agreed>, requests: usize) {
        let ask = |_| client.send(Request::get("http://server/").body(Body::empty()).unwrap());
        for answer in join_all((0..requests).map(ask)).await {
            answer.unwrap();
        }
    }

    #[tokio::test]
    async fn many_requests_open_one_connection_and_one_again_when_it_is_lost() {
        let server = Server::default();
        let client = Shared::new(&builder(), server.transport());
        ask(&client, 100).await;
        assert_eq!(server.count.load(Ordering::SeqCst), 1);
        let mut connections = std::mem::take(&mut *server.connections.lock());
        connections.shutdown().await;
        while client.door.open.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        ask(&client, 100).await;
        assert_eq!(server.count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn one_that_is_never_answered_holds_up_no_other() {
        let server = Server::default();
        let client = Shared::new(&builder(), server.transport());
        let ahead = client.clone();
        let never = tokio::spawn(async move {
            ahead.send(Request::get("http://server/never").body(Body::empty()).unwrap()).await
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let others = tokio::time::timeout(10 * AHEAD, ask(&client, 20)).await;
        assert!(others.is_ok() && !never.is_finished());
        assert_eq!(server.count.load(Ordering::SeqCst), 1);
        never.abort();
    }
}
