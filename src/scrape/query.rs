//! What a scrape asks for.

use super::kind::Block;
use std::sync::Arc;

/// What a scrape shows of all that is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// `None` for all.
    resources: Option<Vec<String>>,
    excluded: Vec<String>,
    /// Names, and beginnings of names with a `*` behind them; none for all.
    families: Vec<String>,
    /// None for all, and for what belongs to no namespace.
    namespaces: Vec<String>,
    share: Option<Share>,
}

/// One of several targets that show everything together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    /// From 1 on.
    part: usize,
    of: usize,
}

/// A query that makes no sense, in one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A number that is none, or zero.
    #[error("{name}={value:?}: a whole number from 1 on is needed")]
    Number {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// Something that can be said only once.
    #[error("{0}= is given more than once")]
    Repeated(&'static str),
    /// One of `part` and `of` without the other.
    #[error("part= and of= go together, as in part=1&of=3")]
    Unpaired,
    /// More parts than there are.
    #[error("part={part} is beyond of={of}")]
    Beyond {
        /// The part that was asked for.
        part: usize,
        /// The number of parts.
        of: usize,
    },
    /// Something that can't be a family.
    #[error("family={0:?}: the name of a family is needed, or its beginning with a * behind it")]
    Family(String),
    /// No name at all.
    #[error("namespace= needs a name")]
    Namespace,
}

impl Query {
    /// Reads a URL's query. `resources`, `exclude_resources`, `family` and `namespace` may be
    /// repeated and hold lists with commas; names and parameters that are not known are ignored. An
    /// empty `resources=` selects nothing, as with kube-state-metrics.
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        let mut parsed = Self::default();
        let (mut part, mut of) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "resources" => parsed.resources.get_or_insert_default().extend(names(&value)),
                "exclude_resources" => parsed.excluded.extend(names(&value)),
                "family" => {
                    if !value.split(',').all(|name| is_family(name.trim())) {
                        return Err(QueryError::Family(value.into_owned()));
                    }
                    parsed.families.extend(names(&value));
                }
                "namespace" => {
                    let before = parsed.namespaces.len();
                    parsed.namespaces.extend(names(&value));
                    if parsed.namespaces.len() == before {
                        return Err(QueryError::Namespace);
                    }
                }
                "part" => once(&mut part, "part", &value)?,
                "of" => once(&mut of, "of", &value)?,
                _ => {}
            }
        }
        parsed.share = match (part, of) {
            (None, None) => None,
            (Some(part), Some(of)) if part > of => return Err(QueryError::Beyond { part, of }),
            (Some(part), Some(of)) => Some(Share { part, of }),
            _ => return Err(QueryError::Unpaired),
        };
        Ok(parsed)
    }

    /// All of one kind.
    pub fn of(resource: &str) -> Self {
        Self { resources: Some(vec![resource.to_owned()]), ..Self::default() }
    }

    /// Whether anything of a kind is shown.
    pub(super) fn selects(&self, resource: &str) -> bool {
        self.resources.as_ref().is_none_or(|names| names.iter().any(|name| name == resource))
            && !self.excluded.iter().any(|name| name == resource)
    }

    /// What is shown of a kind, given its place among all that are served, and the families that are
    /// left out whatever the query says.
    ///
    /// Families are dealt out in turn by their places alone: a series stays in its part whatever
    /// happens to the objects, and the large families of one kind go to different parts.
    pub(super) fn narrow(&self, place: usize, block: Arc<dyn Block>, left_out: &[&str]) -> Arc<dyn Block> {
        let all = self.families.is_empty() && self.namespaces.is_empty() && self.share.is_none();
        if all && left_out.is_empty() {
            return block;
        }
        let shown = |family: usize, name: &str| {
            self.share.is_none_or(|share| (place + family) % share.of == share.part - 1)
                && !left_out.contains(&name)
                && (self.families.is_empty() || self.families.iter().any(|pattern| matches(pattern, name)))
        };
        block.narrowed(&shown, &self.namespaces)
    }
}

fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn is_family(pattern: &str) -> bool {
    let begins = pattern.strip_suffix('*').unwrap_or(pattern);
    !pattern.is_empty() && begins.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or_else(|| name == pattern, |beginning| name.starts_with(beginning))
}

fn once(slot: &mut Option<usize>, name: &'static str, value: &str) -> Result<(), QueryError> {
    if slot.is_some() {
        return Err(QueryError::Repeated(name));
    }
    let number = value.parse().ok().filter(|&number| number > 0);
    *slot = Some(number.ok_or_else(|| QueryError::Number { name, value: value.to_owned() })?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_and_excludes() {
        for (query, pods, nodes) in [
            ("", true, true),
            ("x=y", true, true),
            ("resources=pods", true, false),
            ("resources=pods&resources=nodes", true, true),
            ("resources=%20pods%20,nodes", true, true),
            ("resources=", false, false),
            ("resources=,,", false, false),
            ("resources=unknown", false, false),
            ("exclude_resources=pods", false, true),
            ("exclude_resources=", true, true),
            ("resources=pods,nodes&exclude_resources=pods", false, true),
        ] {
            let query = Query::parse(query).unwrap();
            assert_eq!((query.selects("pods"), query.selects("nodes")), (pods, nodes), "{query:?}");
        }
    }

    #[test]
    fn mistakes_are_told_in_one_line() {
        for (query, named) in [
            ("part=1", "go together"),
            ("of=2", "go together"),
            ("part=0&of=2", "part=\"0\""),
            ("part=3&of=2", "part=3 is beyond of=2"),
            ("part=1&of=0", "of=\"0\""),
            ("part=x&of=2", "part=\"x\""),
            ("part=-1&of=2", "part=\"-1\""),
            ("part=1&of=", "of=\"\""),
            ("part=1%0a&of=2", "part=\"1\\n\""),
            ("part=1&part=1&of=2", "part= is given more than once"),
            ("family=", "family=\"\""),
            ("family=kube_*_info", "family=\"kube_*_info\""),
            ("family=a&family=b,,c", "family=\"b,,c\""),
            ("family=kube-pod-info", "the name of a family is needed"),
            ("namespace=", "namespace= needs a name"),
            ("namespace=a&namespace=,", "namespace= needs a name"),
        ] {
            let error = Query::parse(query).expect_err(query).to_string();
            assert!(error.contains(named) && error.lines().count() == 1, "{query}: {error}");
        }
    }
}
