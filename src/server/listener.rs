//! Accepting connections and letting them go.

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

/// A connection on which nothing is asked for so long is closed.
const IDLE: Duration = Duration::from_mins(5);
/// A connection on which nothing can be written for so long is closed.
const STALLED: Duration = Duration::from_mins(1);
/// How long running answers may take once the process is asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// An address that can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {source}")]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}

/// Asks servers to stop.
pub type Shutdown = CancellationToken;

/// A bound socket.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Listens on an address. `::` takes IPv4 connections as well and stands for `0.0.0.0` where the
    /// system has no IPv6.
    pub fn bind(host: IpAddr, port: u16) -> Result<Self, BindError> {
        let address = SocketAddr::new(host, port);
        let socket = match listen(address) {
            Err(error) if host.is_unspecified() && host.is_ipv6() && no_ipv6(&error) => {
                listen((Ipv4Addr::UNSPECIFIED, port).into())
            }
            other => other,
        };
        let failed = |source| BindError { address, source };
        let socket = socket.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self { socket, address })
    }

    /// The address with the port that the system chose where none was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until it is asked to stop, then lets running answers finish.
    pub async fn serve(self, router: Router, shutdown: Shutdown) {
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(IDLE);
        http.http2().timer(TokioTimer::new()).keep_alive_interval(IDLE);
        let connections = GracefulShutdown::new();
        loop {
            let stream = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, as a rule: connections that end give them back.
                        tracing::warn!(%error, "A connection could not be accepted.");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            let service = TowerToHyperService::new(router.clone());
            let connection =
                http.serve_connection(TokioIo::new(Box::pin(bounded(stream))), service).into_owned();
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "A connection ended early.");
                }
            });
        }
        drop(self.socket);
        if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
            tracing::warn!("Connections that were still busy after {GRACE:?} are closed.");
        }
    }
}

fn bounded(stream: TcpStream) -> TimeoutStream<TcpStream> {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // hyper's own timeout begins once it knows the version of HTTP, so with the first byte.
    stream.set_read_timeout(Some(IDLE));
    stream.set_write_timeout(Some(STALLED));
    stream
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Whether the system doesn't know IPv6, or has it switched off.
fn no_ipv6(error: &io::Error) -> bool {
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT) || error.kind() == io::ErrorKind::AddrNotAvailable
}
