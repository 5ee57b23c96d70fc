//! Bytes as the API server writes them.

/// A length-delimited field.
pub(in crate::watch) fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    out.extend(bytes);
    out
}

/// The bytes of the envelope behind the object in [`envelope`].
pub(in crate::watch) const AFTER_RAW: usize = 4;

/// An object or a list in its envelope.
pub(in crate::watch) fn envelope(kind: &str, object: &[u8]) -> Vec<u8> {
    let type_meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), field(1, &type_meta), field(2, object), field(3, b""), field(4, b"")].concat()
}

/// An object with nothing but metadata.
pub(in crate::watch) fn object(name: &str, version: &str) -> Vec<u8> {
    let metadata = [field(1, name.as_bytes()), field(5, name.as_bytes()), field(6, version.as_bytes())];
    field(1, &metadata.concat())
}

/// The object of the bookmark that ends initial events.
pub(in crate::watch) fn end_mark(version: &str) -> Vec<u8> {
    let annotation = [field(1, b"k8s.io/initial-events-end"), field(2, b"true")].concat();
    field(1, &[field(6, version.as_bytes()), field(12, &annotation)].concat())
}

/// A `metav1.Status`.
pub(in crate::watch) fn status(code: u16, reason: &str, message: &str) -> Vec<u8> {
    let code = [6 << 3, u8::try_from(code & 0x7f).unwrap() | 0x80, u8::try_from(code >> 7).unwrap()];
    [field(3, message.as_bytes()), field(4, reason.as_bytes()), code.to_vec()].concat()
}

/// An event around an enveloped object.
pub(in crate::watch) fn event(kind: &str, object: &[u8]) -> Vec<u8> {
    [field(1, kind.as_bytes()), field(2, &field(1, object))].concat()
}

/// An event in its frame.
pub(in crate::watch) fn frame(event: &[u8]) -> Vec<u8> {
    [&u32::try_from(event.len()).unwrap().to_be_bytes(), event].concat()
}

/// A list.
pub(in crate::watch) fn list(
    kind: &str,
    version: &str,
    token: &str,
    items: &[Vec<u8>],
    metadata_last: bool,
) -> Vec<u8> {
    let metadata = field(1, &[field(2, version.as_bytes()), field(3, token.as_bytes())].concat());
    let items = items.iter().flat_map(|item| field(2, item)).collect();
    let list = if metadata_last { [items, metadata] } else { [metadata, items] };
    envelope(kind, &list.concat())
}
