//! `/api/v1/top/<view>`: what `kstate top` prints, as JSON.

use super::{Served, encoding, refusal, value};
use crate::{
    scrape::Encoding,
    top::{Answer, Group, Query, View, Wrong, schema, write_head, write_rows},
};
use axum::{
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode, Uri,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, VARY},
    },
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, write::GzEncoder};
use foldhash::fast::FixedState;
use serde_json::{Value, json};
use std::{
    hash::{BuildHasher as _, Hasher},
    io::{self, Write},
    sync::Arc,
};

/// Who answers questions about what is read.
pub trait Top: Send + Sync {
    /// The answer as of now.
    ///
    /// # Errors
    ///
    /// In one line: what of the question makes no sense, or isn't to be had.
    fn answer(&self, view: View, query: &Query) -> Result<Answer, Wrong>;
}

/// All views, and what their columns are.
pub(super) async fn views() -> Response {
    let view = |view: View| {
        let path = format!("/api/v1/top/{}", view.name());
        json!({"name": view.name(), "path": path, "schema": format!("{path}/schema")})
    };
    document(&json!({"views": View::ALL.map(view)}))
}

/// The JSON schema of a view's answers.
pub(super) async fn view_schema(Path(view): Path<String>) -> Response {
    match view.parse() {
        Ok(view) => document(&schema(view)),
        Err(wrong) => refusal(StatusCode::NOT_FOUND, sentence(&wrong)),
    }
}

/// The rows of a view that a query asks for.
pub(super) async fn view(
    State(served): State<Served>,
    Path(view): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let view: View = match view.parse() {
        Ok(view) => view,
        Err(wrong) => return refusal(StatusCode::NOT_FOUND, sentence(&wrong)),
    };
    let query = match Query::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(wrong) => return refusal(StatusCode::BAD_REQUEST, sentence(&wrong)),
    };
    if let Err(missing) = served.health.ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], missing + "\n").into_response();
    }
    let Ok(place) = Arc::clone(&served.asking).try_acquire_owned() else {
        let busy = "Busy: as many questions as there is room for are being answered.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], busy).into_response();
    };
    let encoding = encoding::negotiate(&value(&headers, &ACCEPT_ENCODING), served.gzip);
    let packed = encoding == Some(Encoding::Gzip);
    let answered = tokio::task::spawn_blocking(move || {
        let _place = place;
        let answer = served.top.answer(view, &query)?;
        text(&answer, query.group, packed).map_err(|error| Wrong::from(&error))
    });
    let (tag, body) = match answered.await.expect("answering doesn't panic") {
        Ok(answered) => answered,
        Err(wrong) => return refusal(StatusCode::BAD_REQUEST, sentence(&wrong)),
    };
    let vary = [(VARY, "Accept-Encoding")];
    let known = value(&headers, &IF_NONE_MATCH);
    if known.split(',').any(|known| matches!(known.trim(), "*") || known.trim() == tag) {
        return (StatusCode::NOT_MODIFIED, vary, [(ETAG, tag)]).into_response();
    }
    let headers = (vary, [(ETAG, tag)], [(CONTENT_TYPE, "application/json")]);
    if packed {
        (headers, [(CONTENT_ENCODING, "gzip")], body).into_response()
    } else {
        (headers, body).into_response()
    }
}

fn document(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], format!("{value:#}\n")).into_response()
}

/// The tag of an answer, and its text. As long as nothing but the time is another one, so is the tag.
fn text(answer: &Answer, group: Option<Group>, packed: bool) -> io::Result<(String, Vec<u8>)> {
    let mut head = Summed { sum: FixedState::default().build_hasher(), out: &mut io::sink() };
    write_head(answer, group, false, &mut head)?;
    let sum = head.sum;
    let (sum, text) = if packed {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        (whole(answer, group, sum, &mut out)?, out.finish()?)
    } else {
        let mut out = Vec::new();
        (whole(answer, group, sum, &mut out)?, out)
    };
    Ok((format!("W/\"{:016x}\"", sum.finish()), text))
}

/// Writes all of an answer, and goes on with the hash of its rows.
fn whole<H: Hasher>(answer: &Answer, group: Option<Group>, sum: H, mut out: &mut dyn Write) -> io::Result<H> {
    write_head(answer, group, true, &mut out)?;
    let mut rows = Summed { sum, out };
    write_rows(answer, &mut rows)?;
    Ok(rows.sum)
}

/// What is written, of which a hash is taken.
struct Summed<'o, H> {
    sum: H,
    out: &'o mut dyn Write,
}

impl<H: Hasher> Write for Summed<'_, H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.write(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A line of its own.
fn sentence(wrong: &Wrong) -> String {
    format!("{wrong}.")
}
