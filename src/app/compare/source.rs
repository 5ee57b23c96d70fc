//! Where the two expositions come from.

use crate::{
    app::{
        Failure,
        remote::{Asker, in_time, in_words, is_packed},
    },
    config::Origin,
};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use http::Uri;
use http_body_util::BodyExt as _;
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What gzip begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// As much as is read at a time, in bytes.
const BUFFER: usize = 256 << 10;

/// An exposition that can be read several times.
#[derive(Debug)]
pub(super) struct Source {
    /// What it is called.
    pub(super) name: String,
    /// When it was scraped, or its file was written.
    pub(super) time: Option<SystemTime>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// A file that stays where it is.
    File(PathBuf),
    /// What can be had once only, compressed.
    Kept(Vec<u8>),
}

impl Source {
    /// Reads what can't be read again.
    pub(super) async fn of(origin: &Origin, asker: &Asker) -> Result<Self, Failure> {
        match origin {
            Origin::Url(url) => {
                let answer = scrape(asker, url).await;
                let kept = answer.map_err(|error| Failure::usage(format!("{url}: {error}")))?;
                let time = Some(SystemTime::now());
                Ok(Self { name: url.to_string(), time, content: Content::Kept(kept) })
            }
            Origin::File(path) => {
                let name = path.display().to_string();
                let (time, content) =
                    file(path).map_err(|error| Failure::usage(format!("{name} can't be read: {error}")))?;
                Ok(Self { name, time, content })
            }
            Origin::Input => {
                let kept = kept(io::stdin().lock());
                let kept =
                    kept.map_err(|error| Failure::usage(format!("standard input can't be read: {error}")))?;
                Ok(Self { name: "standard input".to_owned(), time: None, content: Content::Kept(kept) })
            }
        }
    }

    /// Begins to read its text.
    pub(super) fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(match &self.content {
            Content::File(path) => unpacked(BufReader::with_capacity(BUFFER, File::open(path)?))?,
            Content::Kept(bytes) => unpacked(&**bytes)?,
        })
    }
}

/// A file, which is kept where it can be read once only, as a pipe.
fn file(path: &Path) -> io::Result<(Option<SystemTime>, Content)> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() {
        return Ok((metadata.modified().ok(), Content::File(path.to_owned())));
    }
    Ok((None, Content::Kept(kept(BufReader::new(File::open(path)?))?)))
}

/// All of an input, compressed where it isn't.
fn kept(mut input: impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes == MAGIC {
        input.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let mut keeper = keeper();
    keeper.write_all(&bytes)?;
    io::copy(&mut input, &mut keeper)?;
    keeper.finish()
}

fn keeper() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

fn unpacked<'r>(mut reader: impl BufRead + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
    if reader.fill_buf()?.starts_with(&MAGIC) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader))));
    }
    Ok(Box::new(reader))
}

/// Scrapes a server as text, and keeps it compressed.
async fn scrape(asker: &Asker, url: &Uri) -> Result<Vec<u8>, String> {
    let response = asker.get(url, "text/plain;version=0.0.4").await?;
    if !response.status().is_success() {
        let status = response.status();
        let body = in_time(response.into_body().collect()).await?.map_err(in_words)?.to_bytes();
        let said = String::from_utf8_lossy(&body);
        // What is waited for, or wrong; a page for people isn't.
        let line = said.lines().next().filter(|line| !line.is_empty() && !line.starts_with('<'));
        let line = line.map(|line| format!(": {}", line.trim_end_matches('.'))).unwrap_or_default();
        return Err(format!("the server answered {status}{line}"));
    }
    let packed = is_packed(&response);
    let (mut body, mut kept, mut keeper) = (response.into_body(), Vec::new(), keeper());
    while let Some(frame) = in_time(body.frame()).await? {
        let Ok(data) = frame.map_err(in_words)?.into_data() else { continue };
        let written = if packed { kept.write_all(&data) } else { keeper.write_all(&data) };
        written.map_err(in_words)?;
    }
    if packed { Ok(kept) } else { keeper.finish().map_err(in_words) }
}
