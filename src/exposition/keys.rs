//! Patterns that select the keys of a map, such as an object's labels.

/// Selects keys of a map: none, all, or those that match a list of patterns.
///
/// A pattern is a whole key, or a prefix and a suffix with one `*` between them for any text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    all: bool,
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    prefix: Box<str>,
    /// `None` where the prefix is the whole key.
    suffix: Option<Box<str>>,
}

impl Keys {
    /// Reads a list of patterns. `*` selects all keys when it comes first and is ignored later.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut keys = Self::default();
        for (at, text) in patterns.into_iter().enumerate() {
            match text.split_once('*') {
                Some(("", "")) => keys.all |= at == 0,
                Some((prefix, suffix)) => {
                    keys.patterns.push(Pattern { prefix: prefix.into(), suffix: Some(suffix.into()) });
                }
                None => keys.patterns.push(Pattern { prefix: text.into(), suffix: None }),
            }
        }
        keys
    }

    /// Every key.
    pub fn all() -> Self {
        Self { all: true, patterns: Vec::new() }
    }

    /// What either of the two selects.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut patterns = self.patterns.clone();
        patterns.extend(other.patterns.iter().filter(|p| !self.patterns.contains(p)).cloned());
        Self { all: self.all || other.all, patterns }
    }

    /// True where no key can be selected.
    pub fn is_empty(&self) -> bool {
        !self.all && self.patterns.is_empty()
    }

    /// True where `key` is selected.
    pub fn matches(&self, key: &str) -> bool {
        self.all || self.patterns.iter().any(|pattern| pattern.matches(key))
    }
}

impl Pattern {
    fn matches(&self, key: &str) -> bool {
        match &self.suffix {
            None => key == &*self.prefix,
            Some(suffix) => key.strip_prefix(&*self.prefix).is_some_and(|rest| rest.ends_with(&**suffix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_by_whole_key_prefix_and_suffix() {
        let keys = Keys::new(["app", "team.example.com/*", "a*z"]);
        for (key, want) in [
            ("app", true),
            ("apps", false),
            ("team.example.com/", true),
            ("team.example.com/owner", true),
            ("az", true),
            ("a-to-z", true),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(keys.matches(key), want, "{key}");
        }
        assert!(!Keys::new(["aa*aa"]).matches("aaa"), "prefix and suffix don't overlap");
    }

    #[test]
    fn a_star_counts_only_in_front() {
        assert!(Keys::new(["*", "app"]).matches("other"));
        assert!(!Keys::new(["app", "*"]).matches("other"));
        assert!(Keys::default().is_empty() && !Keys::all().is_empty());
    }

    #[test]
    fn a_union_selects_what_either_does() {
        let both = Keys::new(["a"]).union(&Keys::new(["a", "b*"]));
        assert_eq!(both, Keys::new(["a", "b*"]));
        assert!(both.union(&Keys::all()).matches("c"));
    }
}
