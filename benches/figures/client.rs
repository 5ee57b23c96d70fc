//! A client that does nothing with what it reads, so that only the server is measured.

use anyhow::{Context as _, ensure};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// What a read takes at a time.
const ROOM: usize = 1 << 20;
/// Longer silence means that something is broken.
const PATIENCE: Duration = Duration::from_mins(1);
/// The annotation on the event that ends a streaming list.
const END_MARK: &[u8] = b"k8s.io/initial-events-end";
/// In which the end mark is looked for: more than that event is long.
const TAIL: usize = 4096;

/// Sends a request with these headers besides the host, and returns the connection.
fn ask(server: SocketAddr, version: &str, path: &str, headers: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(server).with_context(|| format!("connecting to {server}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        format!("GET {path} HTTP/{version}\r\nHost: {server}\r\nConnection: close\r\n{headers}\r\n")
            .as_bytes(),
    )?;
    Ok(stream)
}

/// Reads an answer to its end and returns the number of bytes, head and framing included.
pub(super) fn discard(server: SocketAddr, path: &str, headers: &str) -> anyhow::Result<u64> {
    let mut stream = ask(server, "1.1", path, headers)?;
    let (mut room, mut total) = (vec![0; ROOM], 0);
    loop {
        match stream.read(&mut room)? {
            0 => return Ok(total),
            read => total += read as u64,
        }
    }
}

/// Reads a streaming list up to its end mark and returns the number of bytes.
pub(super) fn discard_list(server: SocketAddr, path: &str, headers: &str) -> anyhow::Result<u64> {
    let mut stream = ask(server, "1.1", path, headers)?;
    let (mut room, mut total, mut tail) = (vec![0; ROOM], 0, Vec::new());
    loop {
        let read = stream.read(&mut room)?;
        ensure!(read > 0, "the streaming list ended before its end mark");
        total += read as u64;
        tail.extend_from_slice(&room[read.saturating_sub(TAIL)..read]);
        tail.drain(..tail.len().saturating_sub(TAIL));
        if tail.windows(END_MARK.len()).any(|bytes| bytes == END_MARK) {
            return Ok(total);
        }
    }
}

/// The body of an answer, which must be a success.
pub(super) fn body(server: SocketAddr, path: &str, headers: &str) -> anyhow::Result<Vec<u8>> {
    let (status, body) = answer(server, path, headers)?;
    ensure!(
        status == 200,
        "{path} answers {status}: {}",
        String::from_utf8_lossy(&body[..body.len().min(200)])
    );
    Ok(body)
}

/// Whether a path answers 200.
pub(super) fn is_ok(server: SocketAddr, path: &str) -> bool {
    answer(server, path, "").is_ok_and(|(status, _)| status == 200)
}

/// Asked in HTTP/1.0, a server sends the body as it is and closes.
fn answer(server: SocketAddr, path: &str, headers: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    let mut stream = ask(server, "1.0", path, headers)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("an answer without a head")?;
    let status = bytes.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let status = status.context("an answer without a status")?;
    bytes.drain(..head + 4);
    Ok((status, bytes))
}
