//! A wire between the exporter and the API server that can be held.

use super::ports::free_port;
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// Forwards connections from a port of its own. While it is held, connections stay open and are
/// accepted, and nothing goes through them in either direction, not even their end.
#[derive(Debug)]
pub(crate) struct TcpProxy {
    port: u16,
    held: Arc<watch::Sender<Held>>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held {
    now: bool,
    /// How often it was held. Connections that were open while it was held are of no use later.
    times: u32,
}

impl TcpProxy {
    /// Starts forwarding to a port of the loopback interface.
    pub(crate) async fn start(target: u16) -> Self {
        let port = free_port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let held = Arc::new(watch::Sender::new(Held::default()));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, Arc::clone(&held)));
        Self { port, held, _tasks: tasks }
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on nothing goes through.
    pub(crate) fn hold(&self) {
        self.held.send_modify(|held| *held = Held { now: true, times: held.times + 1 });
    }

    /// Ends all connections that were held. New ones are forwarded.
    pub(crate) fn release(&self) {
        self.held.send_modify(|held| held.now = false);
    }
}

async fn accept(listener: TcpListener, target: u16, held: Arc<watch::Sender<Held>>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        connections.spawn(connection(client, target, held.subscribe()));
        while connections.try_join_next().is_some() {}
    }
}

/// Ends when either side ends, or after the connection was held.
async fn connection(client: TcpStream, target: u16, mut held: watch::Receiver<Held>) {
    let is_held = held.borrow_and_update().now;
    if !is_held {
        let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let ended = async {
            tokio::select! {
                _ = forward(from_client, to_server) => {}
                _ = forward(from_server, to_client) => {}
            }
        };
        tokio::pin!(ended);
        tokio::select! {
            biased;
            _ = held.changed() => {}
            () = &mut ended => return,
        }
        // Neither polled nor dropped while it is held: both sides see an open connection.
        let _ = held.wait_for(|held| !held.now).await;
        return;
    }
    let _ = held.wait_for(|held| !held.now).await;
    drop(client);
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
    }
}
