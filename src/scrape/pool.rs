//! What rendering needs again and again: threads, buffers and compressors.

use super::{gzip::Compressor, segments::Room};
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Room that a buffer is given from the start.
const BUFFER: usize = 256 << 10;
/// A buffer that grew beyond this is not kept.
const LARGEST: usize = 4 << 20;

/// The rendering threads of a process, as permits to use one, and what lies about for them.
pub(super) struct Workers {
    pub(super) permits: Arc<Semaphore>,
    pub(super) threads: usize,
    /// What the segments may take that are kept.
    pub(super) room: Arc<Room>,
    buffers: Mutex<Vec<Vec<u8>>>,
    desks: Mutex<Vec<Desk>>,
}

/// What a thread needs while it compresses. All of its buffers may be dirty.
#[derive(Default)]
pub struct Desk {
    pub(super) compressor: Compressor,
    pub(super) text: Vec<u8>,
    pub(super) past_text: Vec<u8>,
    pub(super) segments: Vec<u8>,
}

impl Workers {
    pub(super) fn new(threads: usize) -> Arc<Self> {
        let threads = threads.max(1);
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(threads)),
            threads,
            room: Arc::default(),
            buffers: Mutex::default(),
            desks: Mutex::default(),
        })
    }

    /// An empty buffer.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.buffers.lock().pop().unwrap_or_else(|| Vec::with_capacity(BUFFER))
    }

    /// Hands out what was rendered; the buffer comes back when the last byte was sent.
    pub(super) fn bytes(self: &Arc<Self>, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { buffer, workers: Arc::clone(self) })
    }

    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= LARGEST {
            buffer.clear();
            let mut buffers = self.buffers.lock();
            // A few for each thread are all that can be of use at a time to one fast reader.
            if buffers.len() < 4 * self.threads {
                buffers.push(buffer);
            }
        }
    }

    /// Runs with a desk whose compressor has not begun a stream.
    pub(super) fn with_desk<R>(&self, run: impl FnOnce(&mut Desk) -> R) -> R {
        let mut desk = self.desks.lock().pop().unwrap_or_default();
        let result = run(&mut desk);
        let mut desks = self.desks.lock();
        if desks.len() < self.threads {
            desks.push(desk);
        }
        result
    }
}

struct Lent {
    buffer: Vec<u8>,
    workers: Arc<Workers>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.workers.give_back(std::mem::take(&mut self.buffer));
    }
}
