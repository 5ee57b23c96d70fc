//! Lists of keys for kinds: `--metric-labels-allowlist` and `--metric-annotations-allowlist`, which say
//! what is shown of objects, and what is written alike.

use super::kinds::resource_mistake;
use crate::{cli::UsageError, exposition::Keys};
use std::collections::BTreeMap;

/// What was chosen for each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByKind<T> {
    /// That of `*`, which counts for all kinds in place of their own.
    everywhere: Option<T>,
    of_kind: BTreeMap<String, T>,
}

/// Keys for each kind.
pub(super) type Allowlist = ByKind<Keys>;

impl Allowlist {
    /// Reads `pods=[app,team-*],nodes=[*]`. The flag is named in what is said of mistakes.
    pub(super) fn parse(flag: &str, text: &str) -> Result<Self, UsageError> {
        Self::read(flag, "pods=[app,team-*],nodes=[*]", text, |_, keys| {
            keys.iter().try_for_each(|key| check(key))?;
            Ok(Keys::new(keys))
        })
    }
}

impl<T: Clone + Default> ByKind<T> {
    /// Reads lists by the names of kinds, or `*`, as in the example. A text without `=` is an empty list.
    /// What a list means, or what is wrong with it, is up to `make`.
    pub(super) fn read(
        flag: &str,
        example: &str,
        text: &str,
        make: impl Fn(&str, Vec<&str>) -> Result<T, String>,
    ) -> Result<Self, UsageError> {
        let mistake = |what: &str| UsageError::new(format!("{flag} {what}; it is written as in {example}"));
        let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut rest = if text.contains('=') { text } else { "" };
        while !rest.is_empty() {
            let (resource, list) = rest
                .split_once('=')
                .ok_or_else(|| mistake(&format!("has no list of keys for \"{}\"", rest.trim())))?;
            let resource = resource.trim();
            let list = list
                .strip_prefix('[')
                .ok_or_else(|| mistake(&format!("lacks a \"[\" behind \"{resource}=\"")))?;
            let (list, behind) = list
                .split_once(']')
                .ok_or_else(|| mistake(&format!("lacks a \"]\" behind the keys for \"{resource}\"")))?;
            let keys = lists.entry(resource).or_default();
            if !list.is_empty() {
                keys.extend(list.split(',').map(str::trim));
            }
            rest = match behind.strip_prefix(',') {
                Some("") => return Err(mistake("ends with a comma")),
                None if !behind.is_empty() => {
                    return Err(mistake(&format!("lacks a comma behind the keys for \"{resource}\"")));
                }
                rest => rest.unwrap_or_default(),
            };
        }
        let mut read = Self::default();
        for (resource, keys) in lists {
            if resource != "*"
                && let Some(wrong) = resource_mistake(resource)
            {
                return Err(UsageError::new(format!("{flag} {wrong}")));
            }
            let value =
                make(resource, keys).map_err(|wrong| mistake(&format!("has {wrong} for \"{resource}\"")))?;
            if resource == "*" {
                read.everywhere = Some(value);
            } else {
                read.of_kind.insert(resource.to_owned(), value);
            }
        }
        Ok(read)
    }

    /// What was chosen for a kind.
    pub(super) fn of(&self, plural: &str) -> T {
        self.everywhere.as_ref().or_else(|| self.of_kind.get(plural)).cloned().unwrap_or_default()
    }

    /// True where nothing was chosen for any kind.
    pub(super) fn is_empty(&self) -> bool {
        self.everywhere.is_none() && self.of_kind.is_empty()
    }
}

/// What is wrong with a key.
pub(super) fn check(key: &str) -> Result<(), String> {
    match key.matches('*').count() {
        _ if key.is_empty() => Err("an empty key".to_owned()),
        0 | 1 if !key.contains(['[', '=']) => Ok(()),
        0 | 1 => Err(format!("the key \"{key}\"")),
        _ => Err(format!("more than one * in the key \"{key}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Allowlist, String> {
        Allowlist::parse("--flag", text).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_are_those_of_the_kind_or_of_all_kinds() {
        for (text, pods, nodes) in [
            ("", &[][..], &[][..]),
            ("pods", &[], &[]),
            ("pods=[]", &[], &[]),
            ("pods=[app]", &["app"], &[]),
            ("pods=[app,team-*-x],nodes=[*]", &["app", "team-*-x"], &["*"]),
            (" pods = [app , tier]", &["app", "tier"], &[]),
            ("pods=[app,*]", &["app"], &[]),
            ("pods=[app],*=[tier]", &["tier"], &["tier"]),
            ("*=[*]", &["*"], &["*"]),
            ("*=[],pods=[app]", &[], &[]),
            ("pods=[a],pods=[b]", &["a", "b"], &[]),
        ] {
            let text = text.replace("= [", "=[");
            let list = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(list.of("pods"), Keys::new(pods.iter().copied()), "{text}");
            assert_eq!(list.of("nodes"), Keys::new(nodes.iter().copied()), "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            ("pods=", "lacks a \"[\" behind \"pods=\""),
            ("pods=app", "lacks a \"[\""),
            ("pods=[app", "lacks a \"]\" behind the keys for \"pods\""),
            ("pods=[app]nodes=[a]", "lacks a comma behind the keys for \"pods\""),
            ("pods=[app],", "ends with a comma"),
            ("pods=[app],nodes", "no list of keys for \"nodes\""),
            ("pods=[,]", "an empty key for \"pods\""),
            ("pods=[app,]", "an empty key"),
            ("pods=[a*b*]", "more than one * in the key \"a*b*\""),
            ("pods=[**]", "more than one *"),
            ("pods=[a=b]", "the key \"a=b\""),
            ("pod=[a]", "has no kind \"pod\"; did you mean \"pods\"?"),
            ("=[a]", "has no kind \"\""),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with("--flag ") && error.contains(named), "{text}: {error}");
        }
    }
}
