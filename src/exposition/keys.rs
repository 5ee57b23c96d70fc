//! Patterns that select the keys of a map, such as an object's labels.

/// Selects keys of a map: none, all, or those that match a list of patterns.
///
/// A pattern is a whole key, or a prefix and a suffix with one `*` between them for any text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    all: bool,
    patterns: Vec<Pattern>,
    /// A key that only a pattern without a `*` selects.
    withheld: Option<Box<str>>,
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
        Self { all: true, ..Self::default() }
    }

    /// The same, but `key` is only selected by a pattern that is exactly this key.
    #[must_use]
    pub fn withholding(self, key: &str) -> Self {
        Self { withheld: Some(key.into()), ..self }
    }

    /// What either of the two selects. What one of them withholds is withheld from both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut patterns = self.patterns.clone();
        patterns.extend(other.patterns.iter().filter(|p| !self.patterns.contains(p)).cloned());
        let withheld = self.withheld.as_ref().or(other.withheld.as_ref()).cloned();
        Self { all: self.all || other.all, patterns, withheld }
    }

    /// True where no key can be selected.
    pub fn is_empty(&self) -> bool {
        !self.all && self.patterns.is_empty()
    }

    /// True where `key` is selected.
    pub fn matches(&self, key: &str) -> bool {
        if self.withheld.as_deref() == Some(key) {
            return self.patterns.iter().any(|pattern| pattern.suffix.is_none() && *pattern.prefix == *key);
        }
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
    fn what_is_withheld_is_selected_by_its_whole_name_only() {
        for (patterns, want) in
            [(&["*"][..], false), (&["sec*", "*et"], false), (&["*", "secret"], true), (&["secret"], true)]
        {
            let keys = Keys::new(patterns.iter().copied()).withholding("secret");
            assert_eq!(keys.matches("secret"), want, "{patterns:?}");
            assert_eq!(keys.matches("sect-et"), patterns != ["secret"], "{patterns:?}");
        }
        assert!(!Keys::default().union(&Keys::all().withholding("a")).matches("a"));
    }

    #[test]
    fn a_union_selects_what_either_does() {
        let both = Keys::new(["a"]).union(&Keys::new(["a", "b*"]));
        assert_eq!(both, Keys::new(["a", "b*"]));
        assert!(both.union(&Keys::all()).matches("c"));
    }
}
