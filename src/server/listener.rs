//! Accepting connections and letting them go.

use super::{
    Terms,
    connection::{self, Ends},
    front,
};
use arc_swap::ArcSwap;
use axum::Router;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// After so long a silence it is asked whether the other side is still there, as in Go.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
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

    /// Answers requests until it is asked to stop, then lets running answers finish. Where the answers
    /// become others, connections of before are closed after the answers that are running on them.
    pub async fn serve(self, mut answers: watch::Receiver<Answers>, shutdown: Shutdown) {
        let mut current = answers.borrow_and_update().clone().layered();
        let mut superseded = CancellationToken::new();
        let (connections, closed) = (TaskTracker::new(), CancellationToken::new());
        // What is asked on an old connection is answered as the answers are now.
        let router = Arc::new(ArcSwap::from_pointee(current.router.clone()));
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                Ok(()) = answers.changed() => {
                    answers.mark_changed();
                    None
                }
                accepted = self.socket.accept() => Some(accepted),
            };
            // Before anything is answered: whoever comes now must not meet what was in force before.
            if answers.has_changed().is_ok_and(|changed| changed) {
                current = answers.borrow_and_update().clone().layered();
                router.store(Arc::new(current.router.clone()));
                std::mem::replace(&mut superseded, CancellationToken::new()).cancel();
            }
            let stream = match accepted {
                None => continue,
                Some(Ok((stream, _))) => stream,
                Some(Err(error)) => {
                    // Out of file descriptors, as a rule: connections that end give them back.
                    tracing::warn!(%error, "A connection could not be accepted.");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            keep_alive(&stream);
            let terms = current.terms.clone();
            let ends = Ends { superseded: superseded.clone(), shutdown: shutdown.clone() };
            let connection = connection::serve(stream, terms, Arc::clone(&router), ends);
            connections.spawn(closed.clone().run_until_cancelled_owned(connection));
        }
        drop(self.socket);
        connections.close();
        if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
            tracing::warn!("Connections that were still busy after {GRACE:?} are closed.");
            closed.cancel();
        }
    }
}

/// What a port answers, and under which terms.
#[derive(Debug, Clone)]
pub struct Answers {
    /// What it answers.
    pub router: Router,
    /// Limits of time, TLS, users.
    pub terms: Terms,
}

impl Answers {
    /// With what the web configuration asks for in front.
    fn layered(self) -> Self {
        let Self { router, terms } = self;
        let router = match &terms.web {
            Some(web) => front::layered(router, web),
            None => router,
        };
        Self { router, terms }
    }
}

/// Notices when the other side is gone without a word. Where that can't be had, limits of time do.
fn keep_alive(stream: &TcpStream) {
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
    let _ = SockRef::from(stream).set_tcp_keepalive(&keep_alive);
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
