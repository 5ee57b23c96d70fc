//! Objects in files: YAML documents, JSON values one after the other, and lists of either.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// Where an object stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// From 1.
    document: usize,
    /// From 1, where the document is a list.
    item: Option<usize>,
    /// The line on which the document begins, from 1.
    line: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "document {} (line {})", self.document, self.line)?;
        self.item.map_or(Ok(()), |item| write!(f, ", item {item}"))
    }
}

/// What stands at a place of a file.
#[derive(Debug)]
pub(super) enum Found {
    /// An object.
    Object {
        /// Where it stands.
        position: Position,
        /// Its group and version.
        api_version: String,
        /// Its kind.
        kind: String,
        /// The object itself.
        json: String,
    },
    /// Something else.
    Broken {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        error: String,
    },
}

/// The JSON text of a document, or what is wrong with it.
type Piece<'a> = (Position, Result<Cow<'a, str>, String>);

/// The objects of a file, one after the other.
pub(super) struct Documents<'a> {
    pieces: Box<dyn Iterator<Item = Piece<'a>> + 'a>,
    /// Objects of the last piece, in reverse.
    pending: Vec<Found>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        let pieces: Box<dyn Iterator<Item = _> + 'a> =
            if json { Box::new(json_values(bytes)) } else { Box::new(yaml_documents(bytes)) };
        Self { pieces, pending: Vec::new() }
    }
}

impl Iterator for Documents<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.pending.pop() {
                return Some(found);
            }
            let (position, piece) = self.pieces.next()?;
            match piece {
                Ok(json) => {
                    objects(position, &json, None, &mut self.pending);
                    self.pending.reverse();
                }
                Err(error) => return Some(Found::Broken { position, error }),
            }
        }
    }
}

/// What must be known of an object to decode it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeMeta<'a> {
    #[serde(default, borrow)]
    api_version: Cow<'a, str>,
    #[serde(default, borrow)]
    kind: Cow<'a, str>,
    #[serde(default, borrow)]
    items: Option<Vec<&'a RawValue>>,
}

/// Adds the object, or the items of the list, that a JSON text holds. The items of a list of one
/// kind may leave out what the list says.
fn objects(position: Position, json: &str, list: Option<(&str, &str)>, out: &mut Vec<Found>) {
    let meta: TypeMeta<'_> = match serde_json::from_str(json) {
        Ok(meta) => meta,
        Err(error) => return out.push(Found::Broken { position, error: format!("not an object: {error}") }),
    };
    let (list_version, list_kind) = list.unwrap_or_default();
    let api_version = if meta.api_version.is_empty() { list_version } else { &meta.api_version };
    let kind = if meta.kind.is_empty() { list_kind } else { &meta.kind };
    match (meta.items, kind.strip_suffix("List")) {
        (Some(items), Some(item_kind)) if list.is_none() => {
            let of = if item_kind.is_empty() { ("", "") } else { (api_version, item_kind) };
            for (at, item) in items.into_iter().enumerate() {
                objects(Position { item: Some(at + 1), ..position }, item.get(), Some(of), out);
            }
        }
        _ if kind.is_empty() => {
            out.push(Found::Broken { position, error: "not a Kubernetes object: it has no kind".to_owned() });
        }
        _ => out.push(Found::Object {
            position,
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            json: json.to_owned(),
        }),
    }
}

/// JSON values one after the other. After one that can't be read there is no telling where the
/// next begins.
fn json_values(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>();
    let (mut document, mut line, mut counted) = (0, 1, 0);
    std::iter::from_fn(move || {
        let start = values.byte_offset();
        let value = values.next()?;
        // The value begins behind the space that follows the one before.
        let space = bytes[start..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        line += newlines(&bytes[counted..start + space]);
        counted = start + space;
        document += 1;
        let value = value.map(|raw| Cow::Borrowed(raw.get())).map_err(|error| format!("not JSON: {error}"));
        Some((Position { document, item: None, line }, value))
    })
}

/// YAML documents, each read on its own, so that one that is broken costs no other.
fn yaml_documents(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = Some(bytes);
    let (mut document, mut next_line) = (0, 1);
    std::iter::from_fn(move || {
        loop {
            let bytes = rest?;
            let (text, after) = split_document(bytes);
            rest = after;
            let line = next_line;
            next_line += newlines(&bytes[..bytes.len() - after.unwrap_or_default().len()]);
            if is_blank(text) {
                continue;
            }
            document += 1;
            return Some((Position { document, item: None, line }, to_json(text).map(Cow::Owned)));
        }
    })
}

/// The text before the next line that begins with `---`, and what comes behind that line.
fn split_document(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes[start..].iter().position(|&b| b == b'\n').map_or(bytes.len() - start, |at| at + 1);
        let line = &bytes[start..start + length];
        if line.starts_with(b"---") && line.get(3).is_none_or(u8::is_ascii_whitespace) {
            // Content may stand behind the separator on its line.
            let content = start + 3;
            let rest = &bytes[content..];
            let rest = if is_blank(&line[3..]) { &bytes[start + length..] } else { rest };
            return (&bytes[..start], Some(rest));
        }
        start += length;
    }
    (bytes, None)
}

/// Whether a document holds nothing but space, comments and directives.
fn is_blank(text: &[u8]) -> bool {
    text.split(|&b| b == b'\n').all(|line| {
        let line = line.trim_ascii();
        line.is_empty() || matches!(line[0], b'#' | b'%') || line == b"..."
    })
}

fn to_json(text: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(text).map_err(|error| format!("not UTF-8: {error}"))?;
    let value: serde_json::Value = serde_saphyr::from_str(text)
        .map_err(|error| format!("not YAML: {}", one_line(&error.to_string())))?;
    Ok(value.to_string())
}

fn one_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.split(|&b| b == b'\n').count() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        Documents::new(text.as_bytes())
            .map(|found| match found {
                Found::Object { position, api_version, kind, .. } => {
                    format!("{position}: {api_version} {kind}")
                }
                Found::Broken { position, error } => format!("{position}! {error}"),
            })
            .collect()
    }

    #[test]
    fn yaml_documents_are_read_on_their_own() {
        let text = "# first\n---\napiVersion: v1\nkind: Pod\n---\nkind: [\n---\n\n--- # only a comment\n--- {apiVersion: apps/v1, kind: Deployment}\n---\nhello\n";
        let found = read(text);
        assert_eq!(found[0], "document 1 (line 3): v1 Pod");
        assert!(found[1].starts_with("document 2 (line 6)! not YAML: "), "{}", found[1]);
        assert_eq!(found[2], "document 3 (line 10): apps/v1 Deployment");
        assert!(found[3].starts_with("document 4 (line 12)! not an object"), "{}", found[3]);
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn json_values_follow_each_other() {
        let text = "{\"apiVersion\": \"v1\",\n\"kind\": \"Pod\"}\n\n{\"kind\": \"Job\", \"apiVersion\": \"batch/v1\"}{]";
        let found = read(text);
        assert_eq!(found[..2], ["document 1 (line 1): v1 Pod", "document 2 (line 4): batch/v1 Job"]);
        assert!(found[2].starts_with("document 3 (line 4)! not JSON"), "{}", found[2]);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn lists_hold_objects_of_one_kind_or_of_many() {
        let text = r#"{"kind": "List", "apiVersion": "v1", "items": [{"kind": "Pod", "apiVersion": "v1"}, 7, {}]}
            {"kind": "NodeList", "apiVersion": "v1", "items": [{}, {"kind": "Other", "apiVersion": "x/v1"}]}"#;
        let found = read(text);
        assert_eq!(found[0], "document 1 (line 1), item 1: v1 Pod");
        assert!(found[1].starts_with("document 1 (line 1), item 2! not an object"), "{}", found[1]);
        assert!(found[2].starts_with("document 1 (line 1), item 3! not a Kubernetes object"), "{}", found[2]);
        assert_eq!(found[3], "document 2 (line 2), item 1: v1 Node");
        assert_eq!(found[4], "document 2 (line 2), item 2: x/v1 Other");
        assert_eq!(
            read("kind: PodList\napiVersion: v1\nitems:\n- metadata: {name: a}\n"),
            ["document 1 (line 1), item 1: v1 Pod"]
        );
    }

    #[test]
    fn an_empty_file_holds_nothing() {
        for text in ["", "\n\n", "# nothing\n", "---\n---\n"] {
            assert_eq!(read(text), Vec::<String>::new(), "{text:?}");
        }
    }
}
