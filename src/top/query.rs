//! What of a view is asked for.

use crate::selector::{FieldSelector, LabelSelector};
use std::{fmt, str::FromStr, time::Duration};

/// What makes no sense, or isn't to be had, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Wrong(String);

impl Wrong {
    pub(super) fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&std::io::Error> for Wrong {
    fn from(error: &std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What of a view is asked for; everything by default.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Of these namespaces, of all where there are none.
    pub namespaces: Vec<String>,
    /// Of objects with these names, with all where there are none.
    pub names: Vec<String>,
    /// Of objects with such labels.
    pub labels: LabelSelector,
    /// Of objects with such fields.
    pub fields: FieldSelector,
    /// Only what someone should look at, the worst first.
    pub problems: bool,
    /// What containers are counted by.
    pub group: Option<Group>,
    /// Columns that are sorted by, the most important one first.
    pub sort: Vec<Sort>,
    /// For how long what was used is looked at, all that is remembered by default.
    pub span: Option<Duration>,
    /// How many rows are left out in front.
    pub skip: usize,
    /// How many rows there are at most.
    pub limit: Option<usize>,
}

/// What containers are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Their images.
    Image,
    /// The registries of their images.
    Registry,
    /// The nodes that they are on.
    Node,
    /// The namespaces that they are in.
    Namespace,
}

/// A column that is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The column's name.
    pub column: String,
    /// Whether by its share of the whole.
    pub share: bool,
    /// The direction, where it was said; texts and times go up and other numbers down otherwise.
    pub up: Option<bool>,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Image, Self::Registry, Self::Node, Self::Namespace];

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Registry => "registry",
            Self::Node => "node",
            Self::Namespace => "namespace",
        }
    }
}

impl FromStr for Group {
    type Err = Wrong;

    fn from_str(name: &str) -> Result<Self, Wrong> {
        Self::ALL.into_iter().find(|group| group.name() == name).ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            Wrong::new(format!("nothing is counted by \"{name}\"; there are {all}"))
        })
    }
}

impl Sort {
    /// Reads columns as they are typed: names with commas between them, each with a `%` behind it for
    /// the share and `:asc` or `:desc` for the direction.
    pub fn parse(text: &str) -> Result<Vec<Self>, Wrong> {
        let one = |item: &str| {
            let (column, direction) = item.split_once(':').unwrap_or((item, ""));
            let up = match direction {
                "" => None,
                "asc" => Some(true),
                "desc" => Some(false),
                other => {
                    return Err(Wrong::new(format!("\"{other}\" is no direction; there are asc and desc")));
                }
            };
            let share = column.ends_with('%');
            // As titles are written, too.
            let column = column.trim_end_matches('%').to_lowercase().replace(['-', ' '], "_");
            Ok(Self { column, share, up })
        };
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(one).collect()
    }
}

impl Query {
    /// Reads the query of a URL.
    ///
    /// # Errors
    ///
    /// In one line: a parameter that there isn't, or a value that it can't have.
    pub fn parse(query: &str) -> Result<Self, Wrong> {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let wrong = |what: &dyn fmt::Display| Wrong::new(format!("{name}: {what}"));
            let list = || value.split(',').filter(|item| !item.is_empty()).map(str::to_owned);
            let number = || value.parse().map_err(|_| wrong(&format!("\"{value}\" is no number")));
            match &*name {
                "namespace" => parsed.namespaces.extend(list()),
                "name" => parsed.names.extend(list()),
                "labelSelector" => parsed.labels = value.parse().map_err(|error| wrong(&error))?,
                "fieldSelector" => parsed.fields = value.parse().map_err(|error| wrong(&error))?,
                "problems" => {
                    parsed.problems = value
                        .parse()
                        .map_err(|_| wrong(&format!("\"{value}\" is neither true nor false")))?;
                }
                "by" => parsed.group = Some(value.parse().map_err(|error| wrong(&error))?),
                "sortBy" => parsed.sort = Sort::parse(&value).map_err(|error| wrong(&error))?,
                "span" => {
                    let span: jiff::SignedDuration = value.parse().map_err(|error| wrong(&error))?;
                    parsed.span = Some(span.try_into().map_err(|error| wrong(&error))?);
                }
                "limit" => parsed.limit = Some(number()?).filter(|limit| *limit > 0),
                "continue" => parsed.skip = number()?,
                _ => {
                    return Err(Wrong::new(format!(
                        "there is no parameter \"{name}\"; known are {PARAMETERS}"
                    )));
                }
            }
        }
        Ok(parsed)
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.up {
            None => "",
            Some(true) => ":asc",
            Some(false) => ":desc",
        };
        write!(f, "{}{}{direction}", self.column, if self.share { "%" } else { "" })
    }
}

/// As the query of a URL.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        add("namespace", &self.namespaces.join(","));
        add("name", &self.names.join(","));
        add("labelSelector", &self.labels.to_string());
        add("fieldSelector", &self.fields.to_string());
        add("problems", if self.problems { "true" } else { "" });
        add("by", self.group.map_or("", Group::name));
        let sort: Vec<String> = self.sort.iter().map(Sort::to_string).collect();
        add("sortBy", &sort.join(","));
        add("span", &self.span.map(|span| format!("{}ms", span.as_millis())).unwrap_or_default());
        add("limit", &self.limit.map(|limit| limit.to_string()).unwrap_or_default());
        add(
            "continue",
            &Some(self.skip).filter(|skip| *skip > 0).map(|skip| skip.to_string()).unwrap_or_default(),
        );
        f.write_str(&query.finish())
    }
}

const PARAMETERS: &str =
    "namespace, name, labelSelector, fieldSelector, problems, by, sortBy, span, limit and continue";
