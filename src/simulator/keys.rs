//! The order of objects: where each stands among its kind, and ranges of them.

use std::ops::Bound;

/// The place of an object among its kind: `namespace/name`, or the name alone for kinds without namespaces.
pub(super) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

/// A range of keys.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    start: String,
    end: String,
}

impl Keys {
    /// The keys of one namespace, or of all when it is `None`.
    pub(super) fn of(namespace: Option<&str>) -> Self {
        namespace.map_or_else(
            // No name holds a character beyond ASCII.
            || Self { start: String::new(), end: "\u{80}".to_owned() },
            // `0` follows `/`.
            |namespace| Self { start: format!("{namespace}/"), end: format!("{namespace}0") },
        )
    }

    /// One key alone.
    pub(super) fn one(key: &str) -> Self {
        Self { start: key.to_owned(), end: format!("{key}\0") }
    }

    /// The keys that begin so.
    pub(super) fn beginning(prefix: &str) -> Self {
        Self { start: prefix.to_owned(), end: format!("{prefix}\u{80}") }
    }

    /// Those of these keys that follow a key.
    #[must_use]
    pub(super) fn after(self, key: &str) -> Self {
        Self { start: format!("{key}\0"), end: self.end }
    }

    /// Whether a key is among them.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.start.as_str() <= key && key < self.end.as_str()
    }

    /// The bounds, for ordered maps.
    pub(super) fn bounds(&self) -> (Bound<&str>, Bound<&str>) {
        (Bound::Included(&self.start), Bound::Excluded(&self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_namespace_end_before_the_next() {
        let keys = Keys::of(Some("a"));
        assert!(keys.contains("a/x"));
        assert!(!keys.contains("a-b/x"));
        assert!(!keys.contains("ab/x"));
        assert!(Keys::of(None).contains("a/x"));
    }

    #[test]
    fn ranges_narrow() {
        assert!(Keys::one("a/x").contains("a/x"));
        assert!(!Keys::one("a/x").contains("a/x1"));
        assert!(Keys::beginning("a/x-").contains("a/x-1"));
        assert!(!Keys::beginning("a/x-").contains("a/x"));
        assert!(!Keys::of(None).after("a/x").contains("a/x"));
        assert!(Keys::of(None).after("a/x").contains("a/x1"));
    }
}
