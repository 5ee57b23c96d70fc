//! A watch's stream of bytes, cut into frames.

/// A frame is longer than allowed, so the stream is no stream of frames or not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event claims to have {0} bytes")]
pub(super) struct TooLong(pub(super) u64);

/// Bytes that arrive in pieces and are taken in units. Holds no memory while it is empty, since
/// thousands of quiet watches may exist.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: Vec<u8>,
    start: usize,
}

impl Backlog {
    /// Adds what has arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// What has arrived and was not taken.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Takes `length` bytes, all of which must be there, and returns those after the first `skip`.
    pub(super) fn take(&mut self, skip: usize, length: usize) -> &[u8] {
        let taken = self.start + skip..self.start + length;
        self.start = taken.end;
        &self.bytes[taken]
    }

    /// Gives the memory back where everything was taken.
    pub(super) fn release(&mut self) {
        if self.start == self.bytes.len() {
            *self = Self::default();
        }
    }
}

/// Frames as Kubernetes writes them: a length of four bytes, the highest first, and so many bytes.
#[derive(Debug)]
pub(super) struct Frames {
    backlog: Backlog,
    limit: usize,
}

/// The bytes of a frame's length.
const PREFIX: usize = 4;

impl Frames {
    /// Frames of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { backlog: Backlog::default(), limit }
    }

    /// Adds what has arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.backlog.push(bytes);
    }

    /// The next frame; `None` until more has arrived.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let Some(prefix) = self.backlog.rest().first_chunk::<PREFIX>() else {
            self.backlog.release();
            return Ok(None);
        };
        let length = u32::from_be_bytes(*prefix);
        let whole = usize::try_from(length).ok().filter(|length| *length <= self.limit);
        let whole = whole.ok_or(TooLong(length.into()))? + PREFIX;
        if self.backlog.rest().len() < whole {
            return Ok(None);
        }
        Ok(Some(self.backlog.take(PREFIX, whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(chunks: &[&[u8]], limit: usize) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut frames = Frames::new(limit);
        let mut read = Vec::new();
        for chunk in chunks {
            frames.push(chunk);
            while let Some(frame) = frames.next()? {
                read.push(frame.to_vec());
            }
        }
        Ok(read)
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_frames(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20),
            cuts in prop::collection::vec(1_usize..40, 1..200),
        ) {
            let mut stream = Vec::new();
            for frame in &frames {
                stream.extend(u32::try_from(frame.len()).unwrap().to_be_bytes());
                stream.extend(frame);
            }
            let mut chunks = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, after) = rest.split_at((*cut).min(rest.len()));
                chunks.push(chunk);
                rest = after;
            }
            prop_assert_eq!(read(&chunks, 50).unwrap(), frames);
        }

        #[test]
        fn garbage_ends(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&[&bytes], 1000);
        }
    }

    #[test]
    fn a_frame_beyond_the_limit_is_an_error_before_it_has_arrived() {
        assert_eq!(read(&[&[0, 0, 0, 9, 1]], 8), Err(TooLong(9)));
        assert_eq!(read(&[b"HTTP"], 64 << 20), Err(TooLong(0x4854_5450)));
    }
}
