//! Time limits of connections.
//!
//! They are those of Go's HTTP server: a head must arrive in time, an answer must be taken in time
//! however the client reads, and a connection on which nothing happens is closed.

use http_body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::{Instant, sleep_until},
};

/// Time limits, none where one is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the connection, or the first byte of a later request, to the end of a request's head;
    /// as long as `read` where it is zero.
    pub read_header: Duration,
    /// From there to the end of the whole request.
    pub read: Duration,
    /// From a request's head to the last byte of its answer.
    pub write: Duration,
    /// Between requests; as long as `read` where it is zero.
    pub idle: Duration,
}

impl Limits {
    /// For the telemetry port, as kube-state-metrics has it.
    pub const TELEMETRY: Self = Self {
        read_header: Duration::from_secs(5),
        read: Duration::ZERO,
        write: Duration::ZERO,
        idle: Duration::ZERO,
    };

    /// For the resource metrics API, as API servers have it.
    pub const AGGREGATED: Self = Self {
        read_header: Duration::from_secs(32),
        read: Duration::ZERO,
        write: Duration::from_mins(1),
        idle: Duration::from_secs(90),
    };

    /// No request's body is ever waited for, so that what may be read in all limits the head, too.
    fn head(&self) -> Option<Duration> {
        [self.read_header, self.read].into_iter().filter(|limit| !limit.is_zero()).min()
    }

    fn idle(&self) -> Option<Duration> {
        [self.idle, self.read].into_iter().find(|limit| !limit.is_zero())
    }

    fn write(&self) -> Option<Duration> {
        (!self.write.is_zero()).then_some(self.write)
    }
}

/// What was not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    Head,
    Answer,
    Idle,
}

/// Where a connection is, and how long it may be there.
#[derive(Debug)]
pub(super) struct Pace {
    limits: Limits,
    state: Mutex<State>,
    changed: Notify,
    asked: Notify,
}

#[derive(Debug)]
struct State {
    since: Instant,
    /// Whether a head is being read, or not even begun.
    reads_head: bool,
    /// Whether requests overlap, so that bytes tell nothing of a head.
    multiplexed: bool,
    /// The beginnings of requests that are being answered, the oldest first.
    running: BTreeMap<u64, Instant>,
    requests: u64,
    /// The beginning of the last request of all.
    last: Option<Instant>,
    /// Whether bytes wait for the client to take some.
    blocked: bool,
}

impl Pace {
    /// The pace of a new connection, which should send a request at once.
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        let state = State {
            since: Instant::now(),
            reads_head: true,
            multiplexed: false,
            running: BTreeMap::new(),
            requests: 0,
            last: None,
            blocked: false,
        };
        Arc::new(Self { limits, state: Mutex::new(state), changed: Notify::new(), asked: Notify::new() })
    }

    /// A request begins, of a connection on which others may begin meanwhile, or not. It ends when
    /// what is returned is dropped.
    pub(super) fn request(self: &Arc<Self>, multiplexed: bool) -> Running {
        let mut state = self.state.lock();
        let now = Instant::now();
        state.requests += 1;
        let number = state.requests;
        state.running.insert(number, now);
        state.last = Some(now);
        state.reads_head = false;
        state.multiplexed = multiplexed;
        drop(state);
        self.changed.notify_one();
        self.asked.notify_one();
        Running { pace: Arc::clone(self), number }
    }

    /// Ends when a request has begun, or at once where one had before.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// The connection is secure; from now on it is a new one.
    pub(super) fn secured(&self) {
        self.state.lock().since = Instant::now();
        self.changed.notify_one();
    }

    /// Ends when something was not done in time.
    pub(super) async fn overdue(&self) -> Overdue {
        loop {
            let changed = self.changed.notified();
            let deadline = self.state.lock().deadline(&self.limits);
            match deadline {
                None => changed.await,
                Some((at, what)) if at <= Instant::now() => return what,
                Some((at, _)) => tokio::select! {
                    () = sleep_until(at) => {}
                    () = changed => {}
                },
            }
        }
    }

    fn read(&self) {
        let mut state = self.state.lock();
        if state.running.is_empty() && !state.reads_head && !state.multiplexed {
            (state.reads_head, state.since) = (true, Instant::now());
            drop(state);
            self.changed.notify_one();
        }
    }

    fn written(&self, blocked: bool) {
        let mut state = self.state.lock();
        if state.blocked != blocked {
            state.blocked = blocked;
            if state.running.is_empty() {
                drop(state);
                self.changed.notify_one();
            }
        }
    }
}

impl State {
    fn deadline(&self, limits: &Limits) -> Option<(Instant, Overdue)> {
        let answering = self.running.values().next().copied().or(self.last.filter(|_| self.blocked));
        let (since, limit, what) = match answering {
            Some(began) => (began, limits.write(), Overdue::Answer),
            None if self.reads_head => (self.since, limits.head(), Overdue::Head),
            None => (self.since, limits.idle(), Overdue::Idle),
        };
        limit.map(|limit| (since + limit, what))
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Running {
    pace: Arc<Pace>,
    number: u64,
}

impl Running {
    /// An answer's body that ends this when it is dropped.
    pub(super) fn until_sent<B>(self, body: B) -> Sent<B> {
        Sent { body, _running: self }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.pace.state.lock();
        state.running.remove(&self.number);
        if state.running.is_empty() {
            state.since = Instant::now();
        }
        drop(state);
        self.pace.changed.notify_one();
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Sent<B> {
    body: B,
    _running: Running,
}

impl<B: Body + Unpin> Body for Sent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that tells its pace of bytes.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    pace: Arc<Pace>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>) -> Self {
        Self { stream, pace }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pace.read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.pace.written(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.pace.written(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
