//! A socket that is not read for a while after each small piece, as long as nobody waits for an answer.
//!
//! A few hundred changes a second arrive one by one, and to be woken for each costs many times what it
//! takes to read it. So once what was there has been read, the socket rests: it leaves the runtime's poll,
//! and what arrives meanwhile is read all at once. What comes after a quiet time is read at once.

use hyper_util::client::legacy::connect::{Connected, Connection};
use std::{
    future::Future as _,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a socket rests.
const REST: Duration = Duration::from_millis(250);
/// So long after something was sent an answer may be on its way.
const ANSWER: Duration = Duration::from_millis(500);
/// Whoever sends so much at a time sends more than changes.
const PLENTY: usize = 256 << 10;

/// How a socket is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Whenever something is there.
    Steady,
    /// With rests.
    Resting,
}

/// The socket.
#[derive(Debug)]
pub(super) struct Paced {
    pace: Pace,
    state: State,
    /// When something was last sent.
    sent: Instant,
    /// The bytes that were read since there were none.
    read: usize,
    /// Whether the socket takes no more for now.
    blocked: bool,
}

#[derive(Debug)]
enum State {
    Awake(TcpStream),
    /// Until then; and who waits for it.
    Resting(std::net::TcpStream, Pin<Box<Sleep>>, Waker),
    /// The runtime would not have it back.
    Lost,
}

impl Paced {
    pub(super) fn new(stream: TcpStream, pace: Pace) -> Self {
        Self { pace, state: State::Awake(stream), sent: Instant::now(), read: 0, blocked: false }
    }

    /// The socket, from its rest if need be.
    fn awake(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Resting(stream, ..) => State::Awake(TcpStream::from_std(stream)?),
            other => other,
        };
        match &mut self.state {
            State::Awake(stream) => Ok(Pin::new(stream)),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Lets the socket rest.
    fn rest(&mut self, reader: &Waker) -> io::Result<()> {
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Awake(stream) => State::Resting(stream.into_std()?, Box::pin(sleep(REST)), reader.clone()),
            other => other,
        };
        Ok(())
    }

    /// The socket for what is to be sent. Answers are to be read as they come.
    fn sending(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.sent = Instant::now();
        if let State::Resting(_, _, reader) = &self.state {
            reader.wake_by_ref();
        }
        self.awake()
    }

    /// Notes whether somebody waits until more can be sent, whom a rest would keep from being woken.
    fn sent<T>(&mut self, sent: Poll<T>) -> Poll<T> {
        self.blocked = sent.is_pending();
        sent
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if let State::Resting(_, rest, reader) = &mut self.state {
                reader.clone_from(cx.waker());
                ready!(rest.as_mut().poll(cx));
            }
            let before = buffer.filled().len();
            if let Poll::Ready(result) = self.awake()?.poll_read(cx, buffer) {
                self.read += buffer.filled().len() - before;
                return Poll::Ready(result);
            }
            let read = std::mem::take(&mut self.read);
            let calm = self.pace == Pace::Resting && !self.blocked && self.sent.elapsed() >= ANSWER;
            if !calm || read == 0 || read >= PLENTY {
                return Poll::Pending;
            }
            self.rest(cx.waker())?;
        }
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = self.sending()?.poll_write(cx, bytes);
        self.sent(sent)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is written to a socket is on its way.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.sending()?.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = self.sending()?.poll_write_vectored(cx, pieces);
        self.sent(sent)
    }
}

impl Connection for Paced {
    fn connected(&self) -> Connected {
        match &self.state {
            State::Awake(stream) => stream.connected(),
            _ => Connected::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
        time::timeout,
    };

    /// A socket on which nobody waits for an answer, and its other end.
    async fn pair() -> (Paced, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let here = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let pair = (Paced::new(here, Pace::Resting), listener.accept().await.unwrap().0);
        sleep(ANSWER).await;
        pair
    }

    /// Reads so many bytes, and says how long it took.
    async fn read(socket: &mut Paced, count: usize) -> Duration {
        let start = Instant::now();
        let mut bytes = vec![0; count];
        let read = timeout(100 * REST, socket.read_exact(&mut bytes)).await;
        read.expect("what was sent is never read").unwrap();
        start.elapsed()
    }

    #[tokio::test]
    async fn what_follows_a_small_piece_is_read_together() {
        let (mut socket, mut server) = pair().await;
        let server = tokio::spawn(async move {
            for _ in 0..200 {
                server.write_all(&[0; 100]).await.unwrap();
                sleep(REST / 50).await;
            }
            server
        });
        let (mut pieces, mut bytes, mut buffer) = (0, 0, vec![0; 1 << 16]);
        while bytes < 200 * 100 {
            bytes += timeout(100 * REST, socket.read(&mut buffer)).await.unwrap().unwrap();
            pieces += 1;
        }
        // The first of them, and those of each rest.
        assert!((3..40).contains(&pieces), "{pieces} pieces");
        drop(server.await.unwrap());
        assert_eq!(socket.read(&mut buffer).await.unwrap(), 0, "the end is not seen");
    }

    #[tokio::test]
    async fn a_piece_after_a_quiet_time_is_read_at_once() {
        let (mut socket, mut server) = pair().await;
        server.write_all(&[0; 10]).await.unwrap();
        read(&mut socket, 10).await;
        let server = tokio::spawn(async move {
            sleep(3 * REST).await;
            let sent = Instant::now();
            server.write_all(&[0; 10]).await.unwrap();
            (sent, server)
        });
        read(&mut socket, 10).await;
        let (sent, _server) = server.await.unwrap();
        assert!(sent.elapsed() < REST, "{:?}", sent.elapsed());
    }

    #[tokio::test]
    async fn an_answer_is_read_as_it_comes() {
        let (mut socket, mut server) = pair().await;
        // Somebody reads what is not there, so that the socket rests.
        server.write_all(&[0; 10]).await.unwrap();
        read(&mut socket, 10).await;
        let nothing = timeout(REST / 10, socket.read_u8()).await;
        assert!(nothing.is_err() && matches!(socket.state, State::Resting(..)));
        socket.write_all(b"question").await.unwrap();
        let server = tokio::spawn(async move {
            for _ in 0..10 {
                server.write_all(&[0; 10]).await.unwrap();
                sleep(Duration::from_millis(1)).await;
            }
            server
        });
        let took = read(&mut socket, 100).await;
        // Each of ten pieces would have taken a rest.
        assert!(took < 2 * REST, "{took:?}");
        drop(server);
    }

    #[tokio::test]
    async fn much_is_read_without_rests() {
        const MUCH: usize = 64 << 20;
        let (mut socket, mut server) = pair().await;
        let server = tokio::spawn(async move {
            server.write_all(&vec![0; MUCH]).await.unwrap();
            server
        });
        let took = read(&mut socket, MUCH).await;
        // A rest for each piece would have taken hundreds of times as long.
        assert!(took < 40 * REST, "{took:?}");
        drop(server);
    }

    #[tokio::test]
    async fn whoever_reads_and_writes_in_one_task_is_woken() {
        let (mut socket, mut server) = pair().await;
        server.write_all(&[0; 10]).await.unwrap();
        read(&mut socket, 10).await;
        let (mut reader, mut writer) = tokio::io::split(socket);
        let answer = tokio::spawn(async move { reader.read_u8().await.unwrap() });
        sleep(REST / 10).await;
        writer.write_all(b"question").await.unwrap();
        server.write_all(&[7]).await.unwrap();
        assert_eq!(timeout(100 * REST, answer).await.expect("the answer is never read").unwrap(), 7);
    }
}
